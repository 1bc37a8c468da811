//! Descriptions of the SQL queries, so that a build needs no database.
//!
//! The workspace is checked once with every crate that has a `sqlx.toml` looking at a scratch database of its own; while
//! that happens, sqlx's macros write one file per query. Which database, and where to write, they read from a `.env`
//! beside the crate, which is there for just that long: an environment variable would hold for all crates at once.

use crate::{
    ground::{self, Ground},
    house::House,
    programs,
    steps::Step,
};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{
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
}

/// Rewrites `.sqlx` of every crate; answers what it did.
pub fn derive(house: &House, ground: &Ground, step: &Step) -> Result<String> {
    let crates = checked_crates(house, step)?;
    let mut cargo = programs::cargo(house);
    cargo.env("SQLX_OFFLINE", "false").env_remove("SQLX_OFFLINE_DIR");
    let mut pointers = vec![];
    for one in &crates {
        let database = format!("derive_{}", one.name.replace('-', "_"));
        let shared = SHARED.iter().map(|name| house.root.join("migrations").join(name));
        let mut migrations: Vec<PathBuf> = shared.filter(|folder| folder.exists()).collect();
        if !migrations.contains(&one.migrations) {
            migrations.push(one.migrations.clone());
        }
        ground::scratch_database(ground, &database, &migrations, step)?;
        let fresh = fresh(house, one);
        let _ = fs::remove_dir_all(&fresh);
        fs::create_dir_all(&fresh)?;
        cargo.env_remove(&one.url_variable);
        pointers.push(Pointer::write(one, &fresh, &Ground::url(&database))?);
        // A crate that cargo takes for fresh would write nothing.
        ground::touch(&one.folder.join("src/lib.rs"), step)?;
    }
    step.run(cargo.args(["check", "--workspace", "--all-targets"]))?;
    drop(pointers);
    for one in &crates {
        replace(&one.folder.join(".sqlx"), &fresh(house, one))?;
    }
    Ok(format!("{} crates", crates.len()))
}

fn fresh(house: &House, one: &Checked) -> PathBuf {
    house.local.join("test/sqlx").join(&one.name)
}

/// The `.env` beside a crate, gone with this value.
struct Pointer(PathBuf);

impl Pointer {
    fn write(one: &Checked, fresh: &Path, url: &str) -> Result<Self> {
        let file = one.folder.join(".env");
        fs::write(&file, format!("{}={url}\nSQLX_OFFLINE_DIR=\"{}\"\n", one.url_variable, fresh.display()))?;
        Ok(Self(file))
    }
}

impl Drop for Pointer {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
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
        crates.push(Checked {
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            url_variable: value("database-url-var")?,
            migrations: fs::canonicalize(folder.join(value("migrations-dir")?))
                .context("the migrations are missing")?,
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

#[cfg(test)]
mod tests {
    use super::*;

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
