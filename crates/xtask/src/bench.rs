//! `cargo xtask bench`: what is timed, each beside what it is measured against, in one run.

use crate::{
    ground::Ground,
    house::House,
    packages::{self, Need},
    programs,
    steps::Steps,
    tools,
};
use anyhow::Result;
use std::fs;

/// Builds for speed, measures, and leaves the figures in `.local/bench`.
pub fn bench(house: &House) -> Result<()> {
    // A Ctrl-C reaches the command that runs as well. It fails, and what was started for it is stopped.
    ctrlc::set_handler(|| ())?;
    let (steps, folder) = (Steps::new(house.local.join("logs")), house.local.join("bench"));
    fs::create_dir_all(&folder)?;
    steps.run("system packages", |step| Ok(((), packages::ensure(Need::Testing, step)?)))?;
    steps.run("pinned programs", |step| Ok(((), tools::ensure(house, step)?)))?;
    let ground = steps.run("databases for tests", |step| Ok((Ground::start(house, step)?, String::new())))?;
    let settings = ground.settings()?;
    let outcome = steps.run("uploads", |step| {
        let mut nextest = programs::cargo_plugin(house, "nextest");
        nextest.args(["run", "--cargo-profile", "release", "--package", "upload", "--profile", "chaos"]);
        nextest.args([
            "--run-ignored",
            "only",
            "--no-capture",
            "-E",
            "test(=throughput::uploads_beside_what_storage_takes)",
        ]);
        step.run(nextest.envs(settings).env("BENCH_FOLDER", &folder))?;
        Ok(((), step.said("bar")))
    });
    say!("\n  what was measured   {}", folder.display());
    outcome
}
