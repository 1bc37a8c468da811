//! The tests of the workspace, against a real Postgres and a real broker.

use crate::{ground::Ground, house::House, programs, steps::Steps};
use anyhow::Result;

pub fn run(house: &House, steps: &Steps, filter: Option<&str>) -> Result<()> {
    let ground = steps.run("databases for tests", |step| Ok((Ground::start(house, step)?, String::new())))?;
    let settings = ground.settings()?;
    let has_nextest =
        programs::cargo(house).args(["nextest", "--version"]).output().is_ok_and(|out| out.status.success());
    steps.run("workspace tests", |step| {
        let mut cargo = programs::cargo(house);
        if has_nextest {
            cargo.args(["nextest", "run", "--workspace", "--no-tests", "pass"]);
        } else {
            cargo.args(["test", "--workspace", "--no-fail-fast"]);
        }
        cargo.args(filter).envs(settings);
        step.run(&mut cargo)?;
        Ok(((), step.said(if has_nextest { "Summary [" } else { "test result:" })))
    })
}
