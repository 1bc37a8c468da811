//! Files that exist only while a recording is worked on.
//!
//! A folder is removed when its value is dropped. What a process left that was killed is removed when the next one starts.

use std::{io, path::Path};
use tempfile::{Builder, TempDir};

const PREFIX: &str = "vivavoce-upload-";

/// Makes a folder for one piece of work.
pub fn folder(within: &Path) -> io::Result<TempDir> {
    std::fs::create_dir_all(within)?;
    Builder::new().prefix(&format!("{PREFIX}{}-", std::process::id())).tempdir_in(within)
}

/// Removes what processes left behind that run no more. Called before the first folder is made, so that what bears our
/// own number is a dead process's as well: in a container every process has the same.
pub fn sweep(within: &Path) -> io::Result<()> {
    if !within.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(within)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        let Some(process) = rest.split('-').next().and_then(|number| number.parse::<u32>().ok()) else {
            continue;
        };
        let runs = process != std::process::id() && Path::new(&format!("/proc/{process}")).exists();
        if runs {
            continue;
        }
        // Two replicas of one machine that start together both find it.
        match std::fs::remove_dir_all(entry.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_process_left_is_removed_and_nothing_else() {
        let within = TempDir::new().unwrap();
        let dead = within.path().join(format!("{PREFIX}4294967295-x"));
        let alive = within.path().join(format!("{PREFIX}1-x"));
        let other = within.path().join("somebody-elses");
        for folder in [&dead, &alive, &other] {
            std::fs::create_dir(folder).unwrap();
        }
        sweep(within.path()).unwrap();
        assert_eq!([dead.exists(), alive.exists(), other.exists()], [false, true, true]);
    }

    #[test]
    fn a_folder_is_gone_when_the_work_is_over() {
        let within = TempDir::new().unwrap();
        let made = folder(within.path()).unwrap();
        std::fs::write(made.path().join("raw"), b"x").unwrap();
        let path = made.path().to_owned();
        drop(made);
        assert!(!path.exists());
    }
}
