//! Form: formatting, lints, which dependencies are allowed, and that no secret was committed.

use crate::{
    house::House,
    programs,
    steps::{Steps, command},
    tools,
};
use anyhow::{Result, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Looks only at what is random or stands beside a word such as "password": hashes, keys of tests, our own settings.
const GUESSES: [&str; 3] = ["HexHighEntropyString", "Base64HighEntropyString", "KeywordDetector"];

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
    })?;
    steps.run("pinned scanner", |step| Ok(((), tools::ensure_for_scans(house, step)?)))?;
    steps.run("committed secrets", |step| {
        let mut scan = command(house, tools::secret_scanner(house));
        scan.args(["scan", "--no-verify"]);
        for guess in GUESSES {
            scan.args(["--disable-plugin", guess]);
        }
        let Scan { results } = serde_json::from_str(&step.read(&mut scan)?)?;
        let mut places = vec![];
        for (file, found) in results {
            places.extend(found.iter().map(|Found { line, kind }| format!("{file}:{line} ({kind})")));
        }
        ensure!(
            places.is_empty(),
            "looks like a secret: {}; above one that is none, a comment says `pragma: allowlist nextline secret`",
            places.join(", ")
        );
        Ok(((), "none".to_owned()))
    })
}

/// What the scanner prints.
#[derive(Deserialize)]
struct Scan {
    results: BTreeMap<String, Vec<Found>>,
}

#[derive(Deserialize)]
struct Found {
    #[serde(rename = "line_number")]
    line: u32,
    #[serde(rename = "type")]
    kind: String,
}
