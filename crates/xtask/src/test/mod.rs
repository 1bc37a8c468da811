//! `cargo xtask test`: everything a change must pass, in the order in which it fails fastest.

pub mod browser;
mod lint;
mod page;
mod rust;

use crate::{
    derive,
    house::House,
    images::contract,
    kubernetes, observability,
    packages::{self, Need},
    steps::{Steps, elapsed},
    tools,
};
use anyhow::{Result, bail, ensure};
use std::time::Instant;

type Stage = fn(&House, &Steps, Option<&str>) -> Result<()>;

const STAGES: &[(&str, Stage)] = &[
    ("lint", lint::run),
    ("derived", |house, steps, _| derive::check(house, steps)),
    ("manifests", kubernetes::run),
    ("observability", observability::run),
    ("web", page::run),
    ("rust", rust::run),
    ("browser", browser::run),
];

/// Stages that run only when they are asked for: this one needs Docker, and images that take long to build.
const ON_REQUEST: &[(&str, Stage)] = &[("images", contract::run)];

/// Runs the stages asked for, or all but those on request; goes on after a failure, so that one run tells everything.
pub fn test(house: &House, wanted: &[String], filter: Option<&str>) -> Result<()> {
    let known = || STAGES.iter().chain(ON_REQUEST);
    for word in wanted {
        let known: Vec<&str> = known().map(|(name, _)| *name).collect();
        ensure!(known.contains(&word.as_str()), "there is no stage {word}; there are {}", known.join(", "));
    }
    // A Ctrl-C reaches the command that runs as well. Its stage fails, and what was started for it is stopped.
    ctrlc::set_handler(|| ())?;
    let steps = Steps::new(house.local.join("logs"));
    let began = Instant::now();
    steps.run("system packages", |step| Ok(((), packages::ensure(Need::Testing, step)?)))?;
    steps.run("pinned programs", |step| Ok(((), tools::ensure(house, step)?)))?;
    steps.run("pinned programs for manifests", |step| Ok(((), tools::ensure_for_manifests(house, step)?)))?;
    let mut results = vec![];
    let chosen: Vec<_> = if wanted.is_empty() {
        STAGES.iter().collect()
    } else {
        known().filter(|(name, _)| wanted.iter().any(|word| word == name)).collect()
    };
    for (name, stage) in chosen {
        say!("\n{name}");
        let began = Instant::now();
        let outcome = stage(house, &steps, filter);
        if let Err(error) = &outcome {
            say!("{error:#}");
        }
        results.push((*name, outcome.is_ok(), began.elapsed()));
    }
    say!("\nsummary, after {}", elapsed(began.elapsed()));
    for (name, passed, took) in &results {
        say!("  {:<6}{name:<10} {:>7}", if *passed { "ok" } else { "FAIL" }, elapsed(*took));
    }
    let failed: Vec<&str> = results.iter().filter(|(_, passed, _)| !passed).map(|(name, ..)| *name).collect();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}
