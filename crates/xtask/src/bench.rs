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
    let mut ground =
        steps.run("databases for tests", |step| Ok((Ground::start(house, step)?, String::new())))?;
    let seaweedfs = steps.run("SeaweedFS", |step| {
        let done = tools::ensure_for_bench(house, step)?;
        Ok((ground.seaweedfs()?, done))
    })?;
    let settings = ground.settings()?;
    let outcome = steps.run("uploads", |step| {
        let mut cargo = programs::cargo(house);
        cargo.args(["bench", "--package", "upload", "--bench", "throughput"]);
        step.run(cargo.envs(settings).env("BENCH_FOLDER", &folder).env("BENCH_SEAWEEDFS_URL", seaweedfs))?;
        Ok(((), step.said("MiB/s")))
    });
    say!("\n  what was measured   {}", folder.display());
    outcome
}
