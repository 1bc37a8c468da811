//! The tests of the workspace, against a real Postgres and a real broker.

use crate::{ground::Ground, house::House, programs, steps::Steps};
use anyhow::Result;

pub fn run(house: &House, steps: &Steps, filter: Option<&str>) -> Result<()> {
    let ground = steps.run("databases for tests", |step| Ok((Ground::start(house, step)?, String::new())))?;
    let settings = ground.settings()?;
    steps.run("workspace tests", |step| {
        let mut nextest = programs::cargo_plugin(house, "nextest");
        nextest.args(["run", "--workspace", "--no-tests", "pass"]).args(filter).envs(settings);
        step.run(&mut nextest)?;
        Ok(((), step.said("Summary [")))
    })
}
