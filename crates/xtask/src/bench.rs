//! `cargo xtask bench`: what is timed, each beside what it is measured against, in one run.

use crate::{
    ground::Ground,
    house::House,
    packages::{self, Need},
    programs,
    stack::catalogue,
    steps::Steps,
    tools,
};
use anyhow::{Result, bail, ensure};
use std::fs;

/// A bench of one package.
#[derive(Clone, Copy)]
struct Part {
    package: &'static str,
    bench: &'static str,
    needs: Needs,
}

/// What must be there before, besides databases and a broker.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// Somebody else's object store.
    Seaweedfs,
    /// The programs of all services.
    Services,
}

const PARTS: &[(&str, Part)] = &[
    ("uploads", Part { package: "upload", bench: "throughput", needs: Needs::Seaweedfs }),
    ("events", Part { package: "test-kit", bench: "events", needs: Needs::Nothing }),
    ("services", Part { package: "ops", bench: "services", needs: Needs::Services }),
];

/// Each line about a figure says what it is of: "0.71 of 0.7".
const FIGURE: &str = " of ";

/// Builds for speed, measures what is asked for, or all, and leaves the figures in `.local/bench`.
pub fn bench(house: &House, wanted: &[String]) -> Result<()> {
    if let Some(word) = wanted.iter().find(|word| !PARTS.iter().any(|(name, _)| name == word)) {
        let known: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
        bail!("there is no part {word}; there are {}", known.join(", "));
    }
    // A Ctrl-C reaches the command that runs as well. It fails, and what was started for it is stopped.
    ctrlc::set_handler(|| ())?;
    let (steps, folder) = (Steps::new(house.local.join("logs")), house.local.join("bench"));
    fs::create_dir_all(&folder)?;
    steps.run("system packages", |step| Ok(((), packages::ensure(Need::Testing, step)?)))?;
    steps.run("pinned programs", |step| Ok(((), tools::ensure(house, step)?)))?;
    let mut ground =
        steps.run("databases", |step| Ok((Ground::start_durable(house, step)?, String::new())))?;
    let parts: Vec<_> = PARTS
        .iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|word| word == name))
        .collect();
    let mut settings = ground.settings()?;
    if parts.iter().any(|(_, part)| part.needs == Needs::Seaweedfs) {
        let seaweedfs = steps.run("SeaweedFS", |step| {
            let done = tools::ensure_for_bench(house, step)?;
            Ok((ground.seaweedfs()?, done))
        })?;
        settings.push(("BENCH_SEAWEEDFS_URL".to_owned(), seaweedfs));
    }
    let mut failed = vec![];
    for (name, part) in parts {
        let outcome = steps.run(name, |step| {
            if part.needs == Needs::Services {
                let mut cargo = programs::cargo(house);
                cargo.args(["build", "--release"]);
                cargo.args(catalogue::SERVICES.iter().flat_map(|service| ["--package", service.name]));
                step.run(&mut cargo)?;
            }
            let mut cargo = programs::cargo(house);
            cargo.args(["bench", "--package", part.package, "--bench", part.bench]).envs(settings.clone());
            cargo.env("BENCH_FOLDER", &folder);
            step.run(&mut cargo)?;
            Ok(((), step.said(FIGURE)))
        });
        if let Err(error) = outcome {
            say!("{error:#}");
            failed.push(*name);
        }
    }
    say!("\n  what was measured   {}", folder.display());
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}
