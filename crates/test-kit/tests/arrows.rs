//! Arrows point down: what a package may depend on.

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand, Package};
use std::fs;

/// Crates from the bottom up. One depends only on crates of lower layers; what runs depends on any of them and
/// nothing depends on it.
const LAYERS: [&[&str]; 6] = [
    &["clock", "environment", "ids", "kill-point", "lesson", "lifecycle", "seeded-bug", "wire"],
    &["events", "telemetry"],
    &["event-bus", "object-store", "postgres", "problem"],
    &["caller", "grpc", "http-server", "inbox", "jobs", "outbox"],
    &["service"],
    &["test-kit"],
];

/// Tools that run, although they stand under `crates/`.
const TOOLS: [&str; 4] = ["fault-proxy", "local-stack", "ops", "xtask"];

/// What each crate must not touch, because another one is the place for it.
const FORBIDDEN: [(&str, &[&str]); 15] = [
    ("clock", &["async-nats", "axum", "reqwest", "sqlx", "tokio"]),
    ("environment", &["async-nats", "axum", "reqwest", "sqlx", "tokio"]),
    ("event-bus", &["axum", "sqlx"]),
    ("events", &["async-nats", "axum", "reqwest", "sqlx", "tokio"]),
    ("caller", &["async-nats", "sqlx"]),
    ("http-server", &["async-nats", "sqlx"]),
    ("ids", &["async-nats", "axum", "reqwest", "sqlx", "tokio"]),
    ("inbox", &["async-nats", "axum"]),
    ("jobs", &["async-nats", "axum"]),
    ("lesson", &["async-nats", "axum", "reqwest", "sqlx", "tokio"]),
    ("object-store", &["async-nats", "axum", "sqlx"]),
    ("outbox", &["async-nats", "axum"]),
    ("postgres", &["async-nats", "axum"]),
    ("problem", &["async-nats", "sqlx"]),
    ("telemetry", &["async-nats", "axum", "sqlx"]),
];

fn workspace() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo describes the workspace")
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

fn is_service(package: &Package) -> bool {
    package.manifest_path.components().any(|part| part.as_str() == "services")
}

/// Whether a package may depend on another one of ours; otherwise why not.
fn judged(from: &Package, to: &Package, kind: DependencyKind) -> Result<(), String> {
    let arrow = format!("{} -> {}", from.name, to.name);
    if is_service(to) || TOOLS.contains(&to.name.as_str()) {
        return Err(format!("{arrow}: nothing depends on what runs"));
    }
    if to.name.as_str() == "test-kit" {
        return match kind {
            DependencyKind::Development => Ok(()),
            _ => Err(format!("{arrow}: test-kit is for tests only")),
        };
    }
    let Some(below) = layer(&to.name) else {
        return Err(format!("{arrow}: say in LAYERS where {} stands", to.name));
    };
    if is_service(from) || TOOLS.contains(&from.name.as_str()) {
        return Ok(());
    }
    match layer(&from.name) {
        None => Err(format!("{arrow}: say in LAYERS where {} stands", from.name)),
        Some(above) if above > below => Ok(()),
        Some(_) => Err(format!("{arrow} does not point down")),
    }
}

/// The refusals of a check over every dependency of every package.
fn refused(check: impl Fn(&Metadata, &Package, &Dependency) -> Result<(), String>) -> Vec<String> {
    let metadata = workspace();
    let packages = metadata.workspace_packages();
    packages
        .iter()
        .flat_map(|package| package.dependencies.iter().map(move |dependency| (*package, dependency)))
        .filter_map(|(package, dependency)| check(&metadata, package, dependency).err())
        .collect()
}

/// The lines of every package's manifest that are not as they should be.
fn wrong_manifests(wrong: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    workspace()
        .workspace_packages()
        .iter()
        .flat_map(|package| {
            let manifest = fs::read_to_string(&package.manifest_path).expect("a manifest can be read");
            wrong(&manifest).into_iter().map(|line| format!("{}: {line}", package.name)).collect::<Vec<_>>()
        })
        .collect()
}

/// Dependencies of a manifest that name a version of their own.
fn own_versions(manifest: &str) -> Vec<String> {
    let mut in_dependencies = false;
    let mut wrong = Vec::new();
    for line in manifest.lines().map(|line| line.split('#').next().unwrap_or("").trim()) {
        if line.starts_with('[') {
            let section = line.trim_matches(['[', ']']);
            in_dependencies = section.ends_with("dependencies");
            if section.contains("dependencies.") {
                wrong.push(format!("{line}: write it as one line"));
            }
        } else if in_dependencies && line.contains('=') && !line.replace(' ', "").contains("workspace=true") {
            wrong.push(format!("{line}: take it from the workspace's table"));
        }
    }
    wrong
}

fn without_lints(manifest: &str) -> Vec<String> {
    let compact: String = manifest.split_whitespace().collect();
    if compact.contains("[lints]workspace=true") {
        Vec::new()
    } else {
        vec!["[lints] workspace = true is missing".to_owned()]
    }
}

#[test]
fn every_arrow_points_down() {
    let wrong = refused(|metadata, package, dependency| {
        let ours =
            metadata.workspace_packages().into_iter().find(|other| other.name.as_str() == dependency.name);
        ours.map_or(Ok(()), |other| judged(package, other, dependency.kind))
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_crate_stands_in_a_layer() {
    let metadata = workspace();
    let homeless: Vec<_> = metadata
        .workspace_packages()
        .into_iter()
        .filter(|package| !is_service(package) && !TOOLS.contains(&package.name.as_str()))
        .filter(|package| layer(&package.name).is_none())
        .map(|package| &package.name)
        .collect();
    assert!(homeless.is_empty(), "say in LAYERS where these stand: {homeless:?}");
}

#[test]
fn nothing_is_done_outside_its_place() {
    let wrong = refused(|_, package, dependency| {
        let forbidden = FORBIDDEN.iter().find(|(name, _)| *name == package.name.as_str());
        match forbidden {
            Some((name, what))
                if dependency.kind == DependencyKind::Normal && what.contains(&dependency.name.as_str()) =>
            {
                Err(format!("{name} must not touch {}", dependency.name))
            }
            _ => Ok(()),
        }
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_package_has_the_lints_of_the_workspace() {
    let wrong = wrong_manifests(without_lints);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_dependency_comes_from_the_table_of_the_workspace() {
    let wrong = wrong_manifests(own_versions);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A check that finds nothing has shown nothing: these plant what each of them is for.
#[test]
fn an_arrow_that_points_up_is_found() {
    let metadata = workspace();
    let package = |name: &str| {
        let packages = metadata.workspace_packages();
        *packages.iter().find(|package| package.name.as_str() == name).expect("it is one of ours")
    };
    for (from, to, kind) in [
        ("ids", "clock", DependencyKind::Normal),
        ("events", "outbox", DependencyKind::Normal),
        ("secrets", "streams", DependencyKind::Normal),
        ("outbox", "secrets", DependencyKind::Development),
        ("secrets", "test-kit", DependencyKind::Normal),
    ] {
        assert!(judged(package(from), package(to), kind).is_err(), "{from} -> {to}");
    }
    assert_eq!(judged(package("outbox"), package("events"), DependencyKind::Normal), Ok(()));
    assert_eq!(judged(package("secrets"), package("test-kit"), DependencyKind::Development), Ok(()));
}

#[test]
fn a_manifest_with_ways_of_its_own_is_found() {
    assert_eq!(own_versions("[dependencies]\nids.workspace = true\nserde = { workspace = true }\n"), [""; 0]);
    assert_eq!(own_versions("[dev-dependencies]\nserde = \"1\"\n").len(), 1);
    assert_eq!(own_versions("[target.'cfg(unix)'.dependencies]\nserde = \"1\"\n").len(), 1);
    assert_eq!(own_versions("[dependencies.serde]\nversion = \"1\"\n").len(), 1);
    assert_eq!(own_versions("[package]\nversion = \"0.1.0\"\n"), [""; 0]);
    assert_eq!(without_lints("[package]\n").len(), 1);
}
