//! `cargo xtask chaos`: the long runs. Everything fails, chosen at random from a seed that is printed.

use crate::{
    bugs,
    cli::Up,
    ground::Ground,
    house::House,
    packages::{self, Need},
    programs,
    steps::{Steps, elapsed},
    test::browser,
    tools,
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    process::Command,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// What is played, and how often unless somebody says otherwise.
const PARTS: &[(&str, Part, u32)] = &[
    ("interruptions", Part::Browser { release: true }, 200),
    ("drain", Part::Browser { release: true }, 1),
    ("faults", Part::Browser { release: false }, 2),
    ("alerts", Part::Browser { release: false }, 1),
    ("uploads", Part::Browser { release: true }, 1000),
    ("kills", Part::Browser { release: false }, 3),
    ("orders", Part::Rust { package: "sessions", filter: "test(whatever_comes_in_whatever_order)" }, 100_000),
    ("bugs", Part::Bugs, 1),
    ("storage", Part::Rust { package: "upload", filter: "test(storage_failing)" }, 20),
];

#[derive(Clone, Copy)]
enum Part {
    /// A file of browser tests, which reads how often and from which seed. Where time is measured, the services are
    /// built for speed: a learner's browser shares no processor with them. Kill points exist only in a debug build.
    Browser { release: bool },
    /// Tests of one package, built for speed.
    Rust { package: &'static str, filter: &'static str },
    /// Tests that must fail.
    Bugs,
}

/// Plays the parts asked for, or all; goes on after a failure, so that one run tells everything.
pub fn chaos(house: &House, wanted: &[String], seed: Option<u64>, count: Option<u32>) -> Result<()> {
    if let Some(word) = wanted.iter().find(|word| !PARTS.iter().any(|(name, ..)| name == word)) {
        let known: Vec<&str> = PARTS.iter().map(|(name, ..)| *name).collect();
        bail!("there is no part {word}; there are {}", known.join(", "));
    }
    // A Ctrl-C reaches the command that runs as well. Its part fails, and what was started for it is stopped.
    ctrlc::set_handler(|| ())?;
    let seed = match seed {
        Some(seed) => seed,
        None => drawn()?,
    };
    let (steps, folder) = (Steps::new(house.local.join("logs")), house.local.join("chaos"));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    say!("seed {seed}");
    steps.run("system packages", |step| Ok(((), packages::ensure(Need::Testing, step)?)))?;
    steps.run("pinned programs", |step| Ok(((), tools::ensure(house, step)?)))?;
    let mut failed = vec![];
    for (name, part, usual) in
        PARTS.iter().filter(|(name, ..)| wanted.is_empty() || wanted.iter().any(|word| word == name))
    {
        let (began, count) = (Instant::now(), count.unwrap_or(*usual));
        say!("\n{name}, {count} times");
        let outcome = match part {
            Part::Browser { release } => in_browser(house, &steps, name, *release, seed, count),
            Part::Bugs => bugs::are_found(house, &steps),
            Part::Rust { package, filter } => {
                of_package(house, &steps, name, (*package, *filter), seed, count)
            }
        };
        if let Err(error) = outcome {
            say!("{error:#}");
            failed.push(*name);
        }
        say!("  {name} took {}", elapsed(began.elapsed()));
    }
    say!("\n  what was measured   {}", folder.display());
    if !failed.is_empty() {
        bail!("failed: {}; the same again: --seed {seed}", failed.join(", "));
    }
    Ok(())
}

/// A seed nobody chose. Its only use is to be printed and said again.
fn drawn() -> Result<u64> {
    #[expect(clippy::disallowed_methods, reason = "the one number here that is to differ from run to run")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?;
    Ok(u64::from(now.subsec_nanos()))
}

fn in_browser(house: &House, steps: &Steps, name: &str, release: bool, seed: u64, count: u32) -> Result<()> {
    let stack = Up { release, ..browser::TESTED };
    browser::play(house, steps, stack, name, None, |playwright| {
        playwright.arg(format!("{name}.spec.ts"));
        playwright.env("CHAOS_SEED", seed.to_string()).env("CHAOS_COUNT", count.to_string());
    })
}

fn of_package(
    house: &House,
    steps: &Steps,
    name: &str,
    (package, filter): (&str, &str),
    seed: u64,
    count: u32,
) -> Result<()> {
    let ground = steps.run("databases for tests", |step| Ok((Ground::start(house, step)?, String::new())))?;
    let settings = ground.settings()?;
    steps.run(name, |step| {
        let mut nextest = programs::cargo_plugin(house, "nextest");
        nextest.args(["run", "--cargo-profile", "release", "--package", package, "--profile", "chaos"]);
        nextest.args(["-E", filter]).envs(settings);
        of_count(&mut nextest, name, seed, count);
        step.run(&mut nextest)?;
        Ok(((), step.said("Summary [")))
    })
}

/// Orders are drawn within one test; everything else is played again from the start.
fn of_count(nextest: &mut Command, name: &str, seed: u64, count: u32) {
    if name == "orders" {
        // The test plays a quarter of them.
        nextest.env("PROPTEST_CASES", count.saturating_mul(4).to_string());
        nextest.env("PROPTEST_RNG_SEED", seed.to_string());
    } else {
        nextest.args(["--stress-count", &count.to_string()]);
    }
}
