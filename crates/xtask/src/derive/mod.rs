//! `cargo xtask derive`: rewrites every file that is derived from others.

pub mod metrics;
mod openapi;
mod protos;
mod queries;
pub mod settings;
mod traces;

use crate::{
    ground::Ground,
    house::{House, Profile},
    kubernetes::configuration,
    programs,
    stack::{Name, Stack},
    steps::{Steps, command},
    web,
};
use anyhow::{Result, ensure};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// What there is to derive, in the order in which one needs the other.
pub const ALL: &[&str] = &["proto", "sqlx", "openapi", "settings", "metrics", "traces", "kubernetes", "web"];

/// Rewrites what is asked for, or everything.
pub fn derive(house: &House, what: &[String]) -> Result<()> {
    for word in what {
        ensure!(ALL.contains(&word.as_str()), "cannot derive {word}; there are {}", ALL.join(", "));
    }
    let steps = Steps::new(house.local.join("logs"));
    let before = snapshot(house)?;
    run(house, &steps, what)?;
    let changed = differences(&before, &snapshot(house)?);
    if changed.is_empty() {
        say!("everything was fresh");
    }
    for file in changed {
        say!("rewritten: {file}");
    }
    Ok(())
}

/// Rewrites everything that no test looks at, and fails when that changed anything.
pub fn check(house: &House, steps: &Steps) -> Result<()> {
    let before = snapshot(house)?;
    // Of the protobuf code, crate `wire` has a test of its own.
    let what: Vec<String> =
        ALL.iter().filter(|name| **name != "proto").map(|name| (*name).to_owned()).collect();
    run(house, steps, &what)?;
    let changed = differences(&before, &snapshot(house)?);
    ensure!(
        changed.is_empty(),
        "these files were stale and are now rewritten; commit them:\n  {}",
        changed.join("\n  ")
    );
    Ok(())
}

fn run(house: &House, steps: &Steps, what: &[String]) -> Result<()> {
    let wanted = |name: &str| what.is_empty() || what.iter().any(|word| word == name);
    let stack = Stack {
        house: house.clone(),
        name: Name::Local,
        profile: Profile::Dev,
        replicas: 1,
        lan: None,
        observed: false,
    };
    if wanted("proto") {
        steps.run("derive protobuf code", |step| Ok((protos::derive(house, step)?, String::new())))?;
    }
    if wanted("sqlx") {
        steps.run("derive query descriptions", |step| {
            let ground = Ground::start(house, step)?;
            Ok(((), queries::derive(house, &ground, step)?))
        })?;
    }
    if ["openapi", "settings", "metrics", "traces"].into_iter().any(wanted) {
        steps.run("build the services", |step| Ok(((), programs::build(&stack, step)?)))?;
    }
    if wanted("openapi") {
        steps.run("derive API descriptions", |step| Ok(((), openapi::derive(&stack, step)?)))?;
    }
    if wanted("settings") {
        steps.run("derive settings reference", |step| Ok(((), settings::derive(&stack, step)?)))?;
    }
    if wanted("metrics") {
        steps.run("derive metrics reference", |step| Ok(((), metrics::derive(&stack, step)?)))?;
    }
    if wanted("traces") {
        steps.run("derive traces reference", |step| Ok(((), traces::derive(&stack, step)?)))?;
    }
    if wanted("kubernetes") {
        steps.run("derive cluster configuration", |_| Ok(((), configuration::derive(house)?)))?;
    }
    if wanted("web") {
        steps.run("derive web types", |step| {
            let folder = house.root.join("web");
            web::install(house, &folder, step)?;
            step.run(&mut web::npm(house, &folder, &["run", "api"]))?;
            Ok(((), String::new()))
        })?;
    }
    Ok(())
}

/// Every derived file with what it holds.
fn snapshot(house: &House) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut places: Vec<PathBuf> = [
        "crates/wire/src/generated",
        "specs/openapi",
        "specs/settings.md",
        "specs/metrics.md",
        "specs/traces.md",
        ".env.example",
        "web/src/api/generated",
        "k8s/overlays/local/nginx.conf",
        "k8s/overlays/production/nginx.conf",
        "observability/kustomization.yaml",
    ]
    .map(|place| house.root.join(place))
    .to_vec();
    for room in ["crates", "services"] {
        for entry in fs::read_dir(house.root.join(room)).into_iter().flatten().flatten() {
            places.push(entry.path().join(".sqlx"));
        }
    }
    for place in places {
        collect(&house.root, &place, &mut files)?;
    }
    Ok(files)
}

fn collect(root: &Path, place: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    if place.is_dir() {
        for entry in fs::read_dir(place)? {
            collect(root, &entry?.path(), files)?;
        }
    } else if place.exists() {
        let name = place.strip_prefix(root).unwrap_or(place).to_string_lossy().into_owned();
        files.insert(name, fs::read(place)?);
    }
    Ok(())
}

fn differences(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

/// A file that changes only when its content does, so that nothing is built again for nothing.
pub fn write_if_changed(file: &Path, content: &str) -> Result<()> {
    if fs::read_to_string(file).is_ok_and(|found| found == content) {
        return Ok(());
    }
    crate::house::write_whole(file, content.as_bytes(), 0o644)
}

/// What a service says about itself when asked with a word.
fn ask(stack: &Stack, service: &str, word: &str, step: &crate::steps::Step) -> Result<String> {
    step.read(command(&stack.house, stack.house.binary(stack.profile, service)).arg(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_a_changed_and_a_removed_file_are_all_stale() {
        let files = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
        };
        let before = files(&[("kept", "1"), ("changed", "1"), ("removed", "1")]);
        let after = files(&[("kept", "1"), ("changed", "2"), ("new", "1")]);
        assert_eq!(differences(&before, &after), ["changed", "new", "removed"]);
    }
}
