//! Where recordings lie while they are heard: a folder that is empty at the start, and a folder in it for each.

use std::{
    io,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// The folder of one process.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Removes what an earlier process left, which died before it could.
    pub(super) fn cleared(folder: &Path) -> io::Result<Self> {
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => std::fs::create_dir_all(folder)?,
        }
        Ok(Self(folder.to_owned()))
    }

    /// A folder of its own, removed when it is dropped.
    pub(super) fn folder(&self) -> io::Result<TempDir> {
        TempDir::new_in(&self.0)
    }
}
