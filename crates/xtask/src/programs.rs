//! The Rust programs of a stack, built by cargo.

use crate::{
    house::{self, House, Profile},
    stack::catalogue,
    steps::{Step, command},
};
use anyhow::Result;
use std::process::Command;

/// Builds every service and the local stack's own servers.
pub fn build(house: &House, profile: Profile, step: &Step) -> Result<String> {
    let mut cargo = cargo(house);
    cargo.arg("build");
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    for package in packages() {
        cargo.args(["--package", package]);
    }
    step.run(&mut cargo)?;
    Ok(format!("{} packages", packages().count()))
}

fn packages() -> impl Iterator<Item = &'static str> {
    catalogue::SERVICES.iter().map(|service| service.name).chain(["local-stack"])
}

/// The cargo that runs this tool. Queries are checked against the committed files, whatever database is about.
pub fn cargo(house: &House) -> Command {
    let mut command = command(house, house::variable("CARGO").unwrap_or_else(|| "cargo".into()));
    // Of this package, set by `cargo run`; they would only make others build again.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"] {
        command.env_remove(name);
    }
    command.env("SQLX_OFFLINE", "true").env("CARGO_TERM_COLOR", "never");
    command
}
