//! The Rust programs of a stack, built by cargo.

use crate::{
    house::{self, House, Profile},
    stack::{Stack, catalogue},
    steps::{Step, command},
};
use anyhow::Result;
use std::{
    ffi::{OsStr, OsString},
    process::Command,
};

/// Builds every service, the operator's tool and the local stack's own servers.
pub fn build(stack: &Stack, step: &Step) -> Result<String> {
    let mut cargo = cargo(&stack.house);
    cargo.arg("build");
    if stack.profile == Profile::Release {
        cargo.arg("--release");
    }
    let faults = stack.has_faults().then_some("fault-proxy");
    let services: &[catalogue::Service] =
        if stack.profile == Profile::Image { &[] } else { catalogue::SERVICES };
    let packages = || services.iter().map(|service| service.name).chain(["ops", "local-stack"]).chain(faults);
    for package in packages() {
        cargo.args(["--package", package]);
    }
    step.run(&mut cargo)?;
    Ok(format!("{} packages", packages().count()))
}

/// Further variables that cargo sets for the one program it runs.
const OF_A_PACKAGE: &[&str] = &["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"];

/// The cargo that runs this tool.
pub fn cargo(house: &House) -> Command {
    building(house, own_cargo())
}

/// A pinned command of cargo's, such as `deny`.
pub fn cargo_plugin(house: &House, name: &str) -> Command {
    let mut command = building(house, house.tools().join(format!("python/bin/cargo-{name}")));
    command.arg(name).env("CARGO", own_cargo());
    command
}

fn own_cargo() -> OsString {
    house::variable("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Queries are checked against the committed files, whatever database is about.
fn building(house: &House, program: impl AsRef<OsStr>) -> Command {
    let mut command = command(house, program);
    // `cargo run` has set these for this tool. Build scripts look at some of them, and would run again each time one
    // builds with this tool after having built without it.
    for (name, _) in std::env::vars_os() {
        let is_of_this_package = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || name.starts_with("CARGO_MANIFEST_")
                || OF_A_PACKAGE.contains(&name)
        });
        if is_of_this_package {
            command.env_remove(name);
        }
    }
    command.env("SQLX_OFFLINE", "true").env("CARGO_TERM_COLOR", "never");
    command
}
