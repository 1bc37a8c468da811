//! `cargo xtask images`: builds what runs in a cluster, and writes down what is in it.

pub mod contract;
pub mod dockerfile;
mod running;

pub use running::{contained, page};

use crate::{
    house::House,
    stack::catalogue,
    steps::{Step, Steps, command},
    tools,
};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{fs, path::PathBuf, process::Command};

/// The edge with the page.
pub const WEB: &str = "web";

/// Every image, by the name it has behind `vivavoce/`.
pub fn names() -> impl Iterator<Item = &'static str> {
    catalogue::SERVICES.iter().map(|service| service.name).chain([WEB])
}

/// The name by which Docker and manifests know an image.
pub fn tag(name: &str) -> String {
    format!("vivavoce/{name}")
}

/// Builds the images asked for, or all, and describes each. Docker is told `words` besides.
pub fn images(house: &House, wanted: &[String], platform: Option<&str>, words: &[String]) -> Result<()> {
    for word in wanted {
        ensure!(
            names().any(|name| name == word),
            "there is no image {word}; there are {}",
            names().collect::<Vec<_>>().join(", ")
        );
    }
    let steps = Steps::new(house.local.join("logs"));
    steps.run("docker", |step| Ok(((), version(house, step)?)))?;
    steps.run("pinned programs for images", |step| Ok(((), tools::ensure_for_images(house, step)?)))?;
    for name in names().filter(|name| wanted.is_empty() || wanted.iter().any(|word| word == name)) {
        steps.run(&format!("image {name}"), |step| {
            build(house, step, name, platform, words)?;
            Ok(((), said(size(house, step, name)?)))
        })?;
        steps.run(&format!("what is in {name}"), |step| {
            let bill = describe(house, step, name)?;
            Ok(((), format!("{}; {}", counted(&bill), bill_file(house, name).display())))
        })?;
    }
    Ok(())
}

/// Docker, told to use the builder that the Dockerfile is for.
pub fn docker(house: &House) -> Command {
    let mut docker = command(house, "docker");
    docker.env("DOCKER_BUILDKIT", "1").env("BUILDKIT_PROGRESS", "plain");
    docker
}

/// The version of the engine that answers.
pub fn version(house: &House, step: &Step) -> Result<String> {
    let version = step.read(docker(house).args(["version", "--format", "{{.Server.Version}}"]));
    Ok(version.context("no Docker engine answers")?.trim().to_owned())
}

fn build(house: &House, step: &Step, name: &str, platform: Option<&str>, words: &[String]) -> Result<()> {
    let mut docker = docker(house);
    docker.args(["build", "--tag", &tag(name)]);
    if name == WEB {
        docker.args(["--target", "web"]);
    } else {
        docker.args(["--target", "run", "--build-arg", &format!("SERVICE={name}")]);
    }
    if let Some(platform) = platform {
        docker.args(["--platform", platform]);
    }
    step.run(docker.args(words).arg("."))
}

/// What Docker says of an image.
fn inspect(house: &House, step: &Step, name: &str) -> Result<Value> {
    let text = step.read(docker(house).args(["image", "inspect", &tag(name)]));
    let text = text.with_context(|| format!("there is no image {name}; `cargo xtask images` builds it"))?;
    let mut images: Vec<Value> = serde_json::from_str(&text).context("docker inspect answers no JSON")?;
    images.pop().with_context(|| format!("there is no image {name}"))
}

/// How many bytes an image takes, unpacked.
fn size(house: &House, step: &Step, name: &str) -> Result<u64> {
    inspect(house, step, name)?["Size"].as_u64().context("docker inspect names no size")
}

fn said(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn bill_file(house: &House, name: &str) -> PathBuf {
    house.local.join("sbom").join(format!("{name}.cdx.json"))
}

/// Writes an image's bill of materials: crates as the programs themselves name them, Debian's and Python's packages, and
/// the page's, which npm has written into the image.
fn describe(house: &House, step: &Step, name: &str) -> Result<Value> {
    let file = bill_file(house, name);
    fs::create_dir_all(house.local.join("sbom"))?;
    step.run(
        command(house, tools::syft(house))
            .arg(format!("docker:{}", tag(name)))
            .args(["--quiet", "--select-catalogers", "+sbom-cataloger", "--output"])
            .arg(format!("cyclonedx-json={}", file.display()))
            .env("SYFT_CHECK_FOR_APP_UPDATE", "false"),
    )?;
    serde_json::from_str(&fs::read_to_string(&file)?).context("the bill of materials is no JSON")
}

/// The package URLs of a bill of materials.
fn components(bill: &Value) -> impl Iterator<Item = &str> {
    bill["components"].as_array().into_iter().flatten().filter_map(|component| component["purl"].as_str())
}

/// How many packages of each kind there are.
fn counted(bill: &Value) -> String {
    let of = |kind: &str| components(bill).filter(|url| url.starts_with(&format!("pkg:{kind}/"))).count();
    let kinds = ["cargo", "deb", "npm", "pypi"].map(|kind| (kind, of(kind)));
    let found = kinds.iter().filter(|(_, count)| *count > 0);
    found.map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", ")
}
