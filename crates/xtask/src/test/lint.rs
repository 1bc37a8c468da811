//! Form: formatting, lints, and which dependencies are allowed.

use crate::{house::House, programs, steps::Steps};
use anyhow::Result;

pub fn run(house: &House, steps: &Steps, _: Option<&str>) -> Result<()> {
    steps.run("formatting", |step| {
        step.run(programs::cargo(house).args(["fmt", "--all", "--check"]))?;
        Ok(((), String::new()))
    })?;
    steps.run("lock file", |step| {
        step.run(programs::cargo(house).args(["update", "--workspace", "--locked", "--quiet"]))?;
        Ok(((), String::new()))
    })?;
    steps.run("clippy", |step| {
        let mut cargo = programs::cargo(house);
        step.run(cargo.args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
        Ok(((), String::new()))
    })?;
    steps.run("dependencies", |step| {
        // Advisories come over the network and change without us: they have no place in a check of a change.
        step.run(programs::cargo_plugin(house, "deny").args(["check", "bans", "licenses", "sources"]))?;
        Ok(((), "bans, licences, sources".to_owned()))
    })
}
