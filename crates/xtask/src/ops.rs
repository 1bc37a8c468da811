//! `cargo xtask ops`: the operator's tool, over a stack of this machine.

use crate::{
    packages,
    stack::{Stack, settings},
};
use anyhow::{Context, Result, ensure};
use std::process::Command;

/// Runs it with the settings that the services of the stack were started with.
pub fn ops(stack: &Stack, words: &[String]) -> Result<()> {
    let postgres = packages::postgres_folder()?;
    let status = Command::new(stack.house.binary(stack.profile, "ops"))
        .args(words)
        .envs(settings::of_operator(stack, &stack.secrets()?))
        .env("PG_DUMP", postgres.join("pg_dump"))
        .env("PG_RESTORE", postgres.join("pg_restore"))
        .status()
        .context("ops is not built; `cargo xtask up` builds it")?;
    ensure!(status.success(), "ops ended with {status}");
    Ok(())
}
