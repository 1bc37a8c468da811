//! Descriptions of the SQL queries, so that a build needs no database.
//!
//! Each crate with a `sqlx.toml` is checked against a scratch database; while that happens, sqlx's macros write one file
//! per query. The other crates read theirs, as in any build.

use crate::{
    ground::{self, Ground},
    house::House,
    programs,
    steps::Step,
};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Their tables stand beside those of whichever service uses them.
const SHARED: &[&str] = &["outbox", "inbox", "jobs"];

/// A crate whose queries are checked.
#[derive(Debug)]
struct Checked {
    name: String,
    folder: PathBuf,
    url_variable: String,
    migrations: PathBuf,
    /// The crates of this clone that it builds on.
    needs: Vec<String>,
}

/// Rewrites `.sqlx` of every crate; answers what it did.
pub fn derive(house: &House, ground: &Ground, step: &Step) -> Result<String> {
    let crates = in_order(checked_crates(house, step)?);
    for one in &crates {
        let fresh = house.local.join("test/sqlx").join(&one.name);
        let _ = fs::remove_dir_all(&fresh);
        fs::create_dir_all(&fresh)?;
        let database = format!("derive_{}", one.name.replace('-', "_"));
        let shared = SHARED.iter().map(|name| house.root.join("migrations").join(name));
        let mut migrations: Vec<PathBuf> = shared.filter(|folder| folder.exists()).collect();
        if !migrations.contains(&one.migrations) {
            migrations.push(one.migrations.clone());
        }
        ground::scratch_database(ground, &database, &migrations, step)?;
        // A crate that cargo takes for fresh would write nothing.
        ground::touch(&one.folder.join("src/lib.rs"), step)?;
        let mut cargo = programs::cargo(house);
        for other in &crates {
            cargo.env_remove(&other.url_variable);
        }
        cargo
            .env("SQLX_OFFLINE", "false")
            .env("SQLX_OFFLINE_DIR", &fresh)
            .env(&one.url_variable, Ground::url(&database));
        step.run(cargo.args(["check", "--all-targets", "--package", &one.name]))?;
        replace(&one.folder.join(".sqlx"), &fresh)?;
    }
    Ok(format!("{} crates", crates.len()))
}

/// Puts fresh files into place, leaving alone what is the same and removing what no query has any more.
fn replace(kept: &Path, fresh: &Path) -> Result<()> {
    let names = |folder: &Path| -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    let fresh_names = names(fresh);
    for name in &fresh_names {
        super::write_if_changed(&kept.join(name), &fs::read_to_string(fresh.join(name))?)?;
    }
    for name in names(kept).into_iter().filter(|name| !fresh_names.contains(name)) {
        fs::remove_file(kept.join(name))?;
    }
    if fresh_names.is_empty() {
        let _ = fs::remove_dir(kept);
    }
    Ok(())
}

fn checked_crates(house: &House, step: &Step) -> Result<Vec<Checked>> {
    let text = step.read(programs::cargo(house).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&text)?;
    let packages = metadata["packages"].as_array().context("cargo names no packages")?;
    let mut crates = vec![];
    for package in packages {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let folder = manifest.parent().context("a package lies nowhere")?;
        let Ok(config) = fs::read_to_string(folder.join("sqlx.toml")) else { continue };
        let value = |key| {
            toml_text(&config, key).with_context(|| format!("{}/sqlx.toml names no {key}", folder.display()))
        };
        let needs = package["dependencies"].as_array().into_iter().flatten();
        crates.push(Checked {
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            url_variable: value("database-url-var")?,
            migrations: fs::canonicalize(folder.join(value("migrations-dir")?))
                .context("the migrations are missing")?,
            needs: needs
                .filter(|need| need["path"].is_string())
                .filter_map(|need| need["name"].as_str().map(str::to_owned))
                .collect(),
            folder: folder.to_path_buf(),
        });
    }
    Ok(crates)
}

/// `key = "value"`, wherever it stands.
fn toml_text(text: &str, key: &str) -> Option<String> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find(|(name, _)| name.trim() == key)
        .map(|(_, value)| value.split('#').next().unwrap_or_default().trim().trim_matches('"').to_owned())
}

/// What others need comes first: it is built from its files when they are checked.
fn in_order(crates: Vec<Checked>) -> Vec<Checked> {
    let mut waiting: BTreeMap<String, Checked> =
        crates.into_iter().map(|one| (one.name.clone(), one)).collect();
    let mut ordered = vec![];
    while !waiting.is_empty() {
        let free =
            |one: &&Checked| !one.needs.iter().any(|need| *need != one.name && waiting.contains_key(need));
        // Dependencies for tests may go in a circle; then any will do.
        let next =
            waiting.values().find(free).or_else(|| waiting.values().next()).map(|one| one.name.clone());
        ordered.extend(next.and_then(|name| waiting.remove(&name)));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, needs: &[&str]) -> Checked {
        Checked {
            name: name.to_owned(),
            folder: PathBuf::new(),
            url_variable: String::new(),
            migrations: PathBuf::new(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        }
    }

    #[test]
    fn a_crate_comes_after_those_it_is_built_on() {
        let ordered = in_order(vec![
            one("accounts", &["outbox"]),
            one("outbox", &["postgres"]),
            one("jobs", &["jobs"]),
        ]);
        let names: Vec<&str> = ordered.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["jobs", "outbox", "accounts"]);
    }

    #[test]
    fn a_circle_ends() {
        assert_eq!(in_order(vec![one("a", &["b"]), one("b", &["a"])]).len(), 2);
    }

    #[test]
    fn a_value_is_found_with_and_without_a_comment() {
        let text =
            "[common]\ndatabase-url-var = \"X_DATABASE_URL\" # why\n[migrate]\nmigrations-dir=\"../m\"\n";
        assert_eq!(toml_text(text, "database-url-var").unwrap(), "X_DATABASE_URL");
        assert_eq!(toml_text(text, "migrations-dir").unwrap(), "../m");
        assert_eq!(toml_text(text, "table-name"), None);
    }

    #[test]
    fn the_description_of_a_query_that_is_gone_is_removed() {
        let folder = std::env::temp_dir().join(format!("xtask-sqlx-{}", std::process::id()));
        let (kept, fresh) = (folder.join("kept"), folder.join("fresh"));
        fs::create_dir_all(&kept).unwrap();
        fs::create_dir_all(&fresh).unwrap();
        fs::write(kept.join("old.json"), "1").unwrap();
        fs::write(fresh.join("new.json"), "2").unwrap();
        replace(&kept, &fresh).unwrap();
        assert!(!kept.join("old.json").exists());
        assert_eq!(fs::read_to_string(kept.join("new.json")).unwrap(), "2");
        fs::remove_dir_all(folder).unwrap();
    }
}
