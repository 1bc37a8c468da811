//! Where what lies in a backup.
//!
//! It holds everything learners said: nobody but the user who took it can open it.

use crate::service::Service;
use anyhow::Context as _;
use clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};
use time::serde::rfc3339;

/// What makes a folder a backup: it is written last, when everything else is there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Whatever was committed before is in the backup.
    #[serde(with = "rfc3339")]
    pub taken_at: Timestamp,
    /// Every object of the bucket.
    pub objects: Vec<Object>,
}

/// An object, and the file that it was copied into.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Object {
    /// Where it lay, and will lie.
    pub key: String,
    /// The file, by its name in the folder of objects.
    pub file: String,
    pub bytes: u64,
    pub sha256: String,
    pub media_type: Option<String>,
}

/// The folder of a backup.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the folder.
    pub fn make(path: PathBuf) -> anyhow::Result<Self> {
        let private = |path: &Path| {
            DirBuilder::new()
                .mode(0o700)
                .create(path)
                .with_context(|| format!("cannot make {}", path.display()))
        };
        private(&path)?;
        private(&path.join("databases"))?;
        private(&path.join("objects"))?;
        Ok(Self(path))
    }

    /// A folder that holds a whole backup.
    pub fn of_a_backup(path: PathBuf) -> anyhow::Result<Self> {
        anyhow::ensure!(path.join("manifest.json").is_file(), "{} is no whole backup", path.display());
        Ok(Self(path))
    }

    /// The copy of a service's database.
    pub fn database(&self, service: Service) -> PathBuf {
        self.0.join("databases").join(format!("{service}.dump"))
    }

    /// A copy of an object.
    pub fn object(&self, file: &str) -> PathBuf {
        self.0.join("objects").join(file)
    }

    /// What the backup consists of.
    pub fn manifest(&self) -> anyhow::Result<Manifest> {
        let text = fs::read_to_string(self.0.join("manifest.json")).context("the manifest cannot be read")?;
        serde_json::from_str(&text).context("the manifest cannot be read")
    }

    /// Everything is there.
    pub fn finish(&self, manifest: &Manifest) -> anyhow::Result<()> {
        self.write("manifest.json", &serde_json::to_string_pretty(manifest)?)
    }

    /// The list of deleted sessions, if there is one.
    pub fn read_deletions(&self) -> anyhow::Result<Option<String>> {
        match fs::read_to_string(self.0.join("deletions.json")) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context("the list of deleted sessions cannot be read"),
        }
    }

    /// Puts another list of deleted sessions in the place of the one before.
    pub fn write_deletions(&self, text: &str) -> anyhow::Result<()> {
        self.write("deletions.json", text)
    }

    /// Whole or not at all.
    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let draft = self.0.join(format!("{name}.draft"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, self.0.join(name)).with_context(|| format!("cannot write {name}"))
    }
}
