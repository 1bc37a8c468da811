//! The page: its packages and its build, each made again only when what it is made of has changed.

use crate::{
    house::{self, House, program},
    steps::{Step, command},
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash, Hasher},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

/// The oldest Node that the page's tools run on.
const OLDEST_NODE: u32 = 20;

/// Checks for Node, which this tool does not install.
pub fn check_node() -> Result<()> {
    let advice = "Install Node 20 or newer with npm (https://nodejs.org), then run this again";
    ensure!(program("npm").is_some(), "there is no npm. {advice}");
    let output = Command::new("node")
        .arg("--version")
        .output()
        .with_context(|| format!("there is no node. {advice}"))?;
    let found = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match major(&found) {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => bail!("node is {found}. {advice}"),
    }
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Installs a folder's npm packages as its lock file says; answers whether that took anything.
pub fn install(house: &House, folder: &Path, step: &Step) -> Result<bool> {
    let lock = fs::read(folder.join("package-lock.json")).context("there is no package-lock.json")?;
    let wanted = format!("{:016x}", house::fingerprint(&lock));
    let stamp = folder.join("node_modules/.installed");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(false);
    }
    // A registry that lags behind lacks the newest optional packages of other platforms. `npm ci` then refuses a lock file
    // that is whole for this one; an installation that saves nothing takes the locked versions and hashes all the same.
    if step.run(&mut npm(house, folder, &["ci", "--no-audit", "--no-fund"])).is_err() {
        step.run(&mut npm(house, folder, &["install", "--no-save", "--no-audit", "--no-fund"]))?;
    }
    house::write_whole(&stamp, wanted.as_bytes(), 0o644)?;
    Ok(true)
}

/// Builds the page; answers what it did.
pub fn build(house: &House, step: &Step) -> Result<String> {
    check_node()?;
    let folder = house.root.join("web");
    install(house, &folder, step)?;
    let wanted = sources(&folder)?;
    let stamp = house.local.join("run/web.stamp");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted)
        && folder.join("dist/index.html").exists()
    {
        return Ok("unchanged".to_owned());
    }
    step.run(&mut npm(house, &folder, &["run", "build"]))?;
    house::write_whole(&stamp, wanted.as_bytes(), 0o644)?;
    Ok("built".to_owned())
}

/// An npm command in a folder. The tests use the machine's browser, so none is downloaded.
pub fn npm(house: &House, folder: &Path, words: &[&str]) -> Command {
    let mut command = command(house, "npm");
    command.args(words).current_dir(folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").env("CI", "1");
    command
}

/// Changes when a file of the page does.
fn sources(folder: &Path) -> Result<String> {
    let mut files = vec![];
    collect(folder, &mut files)?;
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        let found = fs::metadata(&file)?;
        (&file, found.len(), found.mtime(), found.mtime_nsec()).hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        // What is made from the sources, and what is not the page.
        if ["node_modules", "dist", "test-results", "coverage", "e2e"].iter().any(|made| name == *made) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_told_apart() {
        assert_eq!(major("v20.20.1"), Some(20));
        assert_eq!(major("20"), None);
    }

    #[test]
    fn a_build_is_stale_when_a_source_changed_and_not_when_the_output_did() {
        let folder = std::env::temp_dir().join(format!("xtask-web-{}", std::process::id()));
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::create_dir_all(folder.join("dist")).unwrap();
        fs::write(folder.join("src/main.ts"), "1").unwrap();
        let before = sources(&folder).unwrap();
        fs::write(folder.join("dist/index.html"), "made").unwrap();
        assert_eq!(sources(&folder).unwrap(), before);
        fs::write(folder.join("src/main.ts"), "12").unwrap();
        assert_ne!(sources(&folder).unwrap(), before);
        fs::remove_dir_all(folder).unwrap();
    }
}
