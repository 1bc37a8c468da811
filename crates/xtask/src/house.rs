//! Where things are: the clone, its private folder, and what cargo built.

use anyhow::{Context, Result};
use std::{
    env,
    ffi::OsString,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The places of one clone.
#[derive(Clone, Debug)]
pub struct House {
    /// The clone itself.
    pub root: PathBuf,
    /// What this tool makes for itself; never committed.
    pub local: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
}

impl House {
    /// Finds the clone this tool was built from, and the target folder it was built into.
    pub fn find() -> Result<Self> {
        let manifest = variable("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.ancestors().nth(2).context("xtask does not lie in crates/xtask")?;
        let root = fs::canonicalize(root).context("the clone is gone")?;
        let this = env::current_exe().context("this program has no path")?;
        // <target>/<profile>/xtask, wherever cargo was told to put it.
        let target = this.ancestors().nth(2).context("xtask does not lie in a target folder")?.to_path_buf();
        Ok(Self { local: root.join(".local"), root, target })
    }

    /// The folder for pinned programs, shared by all stacks of this clone.
    pub fn tools(&self) -> PathBuf {
        self.local.join("tools")
    }

    /// The interpreter that has the pinned Python packages.
    pub fn python(&self) -> PathBuf {
        self.tools().join("python/bin/python3")
    }

    /// A built binary.
    pub fn binary(&self, profile: Profile, name: &str) -> PathBuf {
        self.target.join(profile.folder()).join(name)
    }
}

/// How the services are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Quick to build.
    Dev,
    /// Quick to run.
    Release,
    /// As a cluster gets them: in images.
    Image,
}

impl Profile {
    /// The folder cargo puts its output into.
    pub fn folder(self) -> &'static str {
        match self {
            // What stands beside images is built as ever.
            Self::Dev | Self::Image => "debug",
            Self::Release => "release",
        }
    }
}

/// A variable of the environment that this tool was started in.
pub fn variable(key: &str) -> Option<OsString> {
    env::var_os(key).filter(|value| !value.is_empty())
}

/// Who runs this tool.
pub fn user_id() -> u32 {
    fs::metadata("/proc/self").map_or(u32::MAX, |own| own.uid())
}

/// Whether this tool may do anything.
pub fn is_root() -> bool {
    user_id() == 0
}

/// Finds a program as a shell would, and in the folders for system programs.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| is_executable(file))
}

/// Whether a file can be run.
pub fn is_executable(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// A short name for a path, the same on every machine and in every build (FNV-1a).
pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Writes a file whole or not at all.
pub fn write_whole(path: &Path, content: &[u8], mode: u32) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    let draft = path.with_extension("draft");
    let _ = fs::remove_file(&draft);
    fs::write(&draft, []).with_context(|| format!("cannot write {}", draft.display()))?;
    // Before the content, so that a secret is never readable.
    fs::set_permissions(&draft, fs::Permissions::from_mode(mode))?;
    fs::write(&draft, content)?;
    fs::rename(&draft, path).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_published_fnv_1a() {
        assert_eq!(fingerprint(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn a_file_is_replaced_whole_and_private() {
        let folder = env::temp_dir().join(format!("xtask-write-{}", std::process::id()));
        let file = folder.join("secrets.env");
        write_whole(&file, b"one", 0o600).unwrap();
        write_whole(&file, b"two", 0o600).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }
}
