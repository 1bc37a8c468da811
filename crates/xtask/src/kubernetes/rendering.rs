//! Manifests as kustomize renders them, each document held against its schema.

use super::secrets;
use crate::{
    house::{self, House},
    steps::{Step, command},
    tools,
};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The Kubernetes that kind/cluster.yaml names.
const VERSION: &str = "1.36";

/// What kustomize makes of one folder.
#[derive(Clone, Debug)]
pub(super) struct Rendering {
    /// The overlay.
    pub name: &'static str,
    /// Its resources.
    pub documents: Vec<Value>,
    /// The keys of each secret that will be there.
    pub secrets: BTreeMap<String, BTreeSet<String>>,
}

impl Rendering {
    /// The resources of one kind.
    pub(super) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.documents.iter().filter(move |document| document["kind"] == kind)
    }

    /// One resource.
    pub(super) fn resource(&self, kind: &str, name: &str) -> Option<&Value> {
        self.documents
            .iter()
            .find(|document| document["kind"] == kind && document["metadata"]["name"] == name)
    }
}

/// One overlay. Fails when a document does not fit its schema.
pub(super) fn overlay(house: &House, step: &Step, name: &'static str, file: &Path) -> Result<Rendering> {
    kustomize(house, step, &house.root.join("k8s/overlays").join(name), file)?;
    let documents = validated(house, step, &[file.to_owned()])?.pop().context("nothing is rendered")?;
    let secrets = if name == "production" { external(&documents) } else { secrets::keys() };
    Ok(Rendering { name, documents, secrets })
}

/// Where the stage puts a rendering.
pub(super) fn file(house: &House, name: &str) -> PathBuf {
    folder(house).join(format!("{name}.yaml"))
}

fn folder(house: &House) -> PathBuf {
    house.local.join("manifests")
}

/// The base with every set of components; answers how many that are.
pub(super) fn combinations(house: &House, step: &Step) -> Result<String> {
    let components = components(house)?;
    let mut files = vec![];
    for choice in 0..1_u32 << components.len() {
        let chosen: Vec<&str> = components
            .iter()
            .enumerate()
            .filter(|(place, _)| choice & (1 << place) != 0)
            .map(|(_, name)| name.as_str())
            .collect();
        let name = format!("combination-{choice}");
        let place = folder(house).join(&name);
        let text = kustomization(house, &chosen);
        house::write_whole(&place.join("kustomization.yaml"), text.as_bytes(), 0o644)?;
        let file = file(house, &name);
        kustomize(house, step, &place, &file).with_context(|| format!("with {}", chosen.join(", ")))?;
        files.push(file);
    }
    validated(house, step, &files)?;
    Ok(format!("{} of {}", files.len(), components.join(", ")))
}

/// The components one may choose. Network policies bring along what belongs to the others that are chosen.
fn components(house: &House) -> Result<Vec<String>> {
    let mut names = fs::read_dir(house.root.join("k8s/components"))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>>>()?;
    // Made for one overlay, which is rendered itself.
    names.retain(|name| name != "live-update");
    names.sort();
    Ok(names)
}

fn kustomization(house: &House, chosen: &[&str]) -> String {
    let mut paths: Vec<String> = chosen.iter().map(|name| (*name).to_owned()).collect();
    if chosen.contains(&"network-policies") {
        let with = chosen.iter().map(|name| format!("network-policies/with-{name}"));
        paths.extend(with.filter(|path| house.root.join("k8s/components").join(path).exists()));
    }
    let lines: Vec<String> =
        paths.iter().map(|path| format!("  - ../../../k8s/components/{path}\n")).collect();
    format!("resources: [../../../k8s/base]\ncomponents:\n{}", lines.concat())
}

/// The cluster that kind makes.
pub(super) fn kind(house: &House, step: &Step) -> Result<Value> {
    let mut documents = validated(house, step, &[house.root.join("kind/cluster.yaml")])?;
    documents.pop().and_then(|mut documents| documents.pop()).context("kind/cluster.yaml is empty")
}

fn kustomize(house: &House, step: &Step, from: &Path, to: &Path) -> Result<()> {
    let kubectl = tools::for_manifests(house, "kubectl");
    let text = step.read(command(house, kubectl).arg("kustomize").arg(from))?;
    house::write_whole(to, text.as_bytes(), 0o644)
}

/// The documents of each file.
pub(super) fn validated(house: &House, step: &Step, files: &[PathBuf]) -> Result<Vec<Vec<Value>>> {
    let own = house.root.join("crates/xtask/src/kubernetes");
    let mut python = command(house, tools::for_manifests(house, "python3"));
    python.arg(own.join("validate.py")).arg(VERSION).arg(own.join("schemas")).args(files);
    let mut answers: BTreeMap<PathBuf, Value> =
        serde_json::from_str(&step.read(&mut python)?).context("validate.py answers no JSON")?;
    files
        .iter()
        .map(|file| {
            let mut answer =
                answers.remove(file).with_context(|| format!("{} is missing", file.display()))?;
            let complaints: Vec<String> = serde_json::from_value(answer["complaints"].take())?;
            ensure!(complaints.is_empty(), "{}:\n{}", file.display(), complaints.join("\n"));
            Ok(serde_json::from_value(answer["documents"].take())?)
        })
        .collect()
}

/// The secrets that external-secrets makes.
fn external(documents: &[Value]) -> BTreeMap<String, BTreeSet<String>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    documents
        .iter()
        .filter(|document| document["kind"] == "ExternalSecret")
        .map(|secret| {
            let keys = secret["spec"]["data"].as_array().into_iter().flatten();
            (text(&secret["metadata"]["name"]), keys.map(|entry| text(&entry["secretKey"])).collect())
        })
        .collect()
}
