//! What Kubernetes, kind and Tilt are given, held against the code and against each other.
//!
//! Every check answers sentences about what is wrong. Its test plants that mistake in what is really rendered.

pub mod configuration;
mod edges;
mod life;
mod names;
mod ports;
mod reachable;
mod rendering;
mod restricted;
pub mod secrets;
mod tiltfile;
mod workload;

use crate::{derive::settings::Reference, house::House, images::dockerfile, steps::Steps};
use anyhow::{Context, Result, bail};
use rendering::Rendering;
use std::{collections::BTreeMap, fs};

/// The overlays, each of which is whole.
const OVERLAYS: [&str; 3] = ["local", "tilt", "production"];

/// What the checks compare manifests with.
struct Code {
    /// Every setting, as the services describe them.
    settings: Reference,
    /// What the code says of a few other things that manifests name, by path.
    sources: BTreeMap<&'static str, String>,
}

/// Where the paths of probes, the grace period and the consumers stand.
const SOURCES: [&str; 3] =
    ["crates/http-server/src/lib.rs", "crates/lifecycle/src/lib.rs", "crates/events/src/catalogue.rs"];

impl Code {
    fn read(house: &House) -> Result<Self> {
        let text = |path: &str| -> Result<String> {
            fs::read_to_string(house.root.join(path)).with_context(|| format!("cannot read {path}"))
        };
        let sources = SOURCES.into_iter().map(|path| Ok((path, text(path)?))).collect::<Result<_>>()?;
        Ok(Self { settings: Reference::read(&text("specs/settings.md")?)?, sources })
    }
}

type Check = fn(&Rendering, &Code) -> Vec<String>;

/// What every overlay must be.
const CHECKS: &[(&str, Check)] = &[
    ("restricted", restricted::check),
    ("names", names::check),
    ("ports", ports::check),
    ("life", life::check),
    ("edges", edges::check),
];

/// The stage: renders everything there is to render, and checks it.
pub fn run(house: &House, steps: &Steps, _: Option<&str>) -> Result<()> {
    let overlays = steps.run("overlays", |step| {
        let render = |name| Ok((name, rendering::overlay(house, step, name, &rendering::file(house, name))?));
        let overlays = OVERLAYS.into_iter().map(render).collect::<Result<BTreeMap<_, _>>>()?;
        let documents: usize = overlays.values().map(|rendering| rendering.documents.len()).sum();
        Ok((overlays, format!("{} with {documents} documents", OVERLAYS.join(", "))))
    })?;
    steps.run("combinations of components", |step| Ok(((), rendering::combinations(house, step)?)))?;
    let code = Code::read(house)?;
    steps.run("overlays against the code", |_| {
        let mut wrong = vec![];
        for (name, rendering) in &overlays {
            for (check, complaints) in CHECKS.iter().map(|(check, run)| (check, run(rendering, &code))) {
                wrong.extend(complaints.into_iter().map(|what| format!("{name}, {check}: {what}")));
            }
        }
        none(&wrong)?;
        Ok(((), CHECKS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")))
    })?;
    steps.run("the call in kind", |step| {
        let kind = rendering::kind(house, step)?;
        none(&reachable::check(&kind, &overlays["local"]))?;
        Ok(((), String::new()))
    })?;
    steps.run("Dockerfile", |_| {
        none(&dockerfile::run(house)?)?;
        Ok(((), dockerfile::TARGETS.map(|(target, _)| target).join(", ")))
    })?;
    steps.run("Tiltfile", |step| Ok(((), tiltfile::run(house, step, &overlays)?)))
}

fn none(complaints: &[String]) -> Result<()> {
    if !complaints.is_empty() {
        bail!("{}", complaints.join("\n"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
