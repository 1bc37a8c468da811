//! `cargo xtask logs`: the end of one log or of all, and what is added to them.

use crate::{stack::Stack, steps::tail};
use anyhow::{Context, Result, ensure};
use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// Prints the end of logs, and follows them if asked.
pub fn logs(stack: &Stack, name: Option<&str>, follow: bool) -> Result<()> {
    let files = match name {
        Some(name) => vec![stack.log(name)],
        None => all(&stack.logs())?,
    };
    if let [file] = files.as_slice() {
        ensure!(file.exists(), "there is no log {}", file.display());
    }
    let alone = files.len() == 1;
    let mut followed = vec![];
    for file in files {
        let label = if alone { String::new() } else { format!("{:<12} | ", stem(&file)) };
        print_lines(&label, &tail(&file, if alone { 200 } else { 5 }))?;
        followed.push(Followed { position: fs::metadata(&file).map_or(0, |found| found.len()), file, label });
    }
    loop {
        if !follow {
            return Ok(());
        }
        for log in &mut followed {
            log.catch_up()?;
        }
        thread::sleep(Duration::from_millis(300));
    }
}

struct Followed {
    file: PathBuf,
    label: String,
    position: u64,
}

impl Followed {
    fn catch_up(&mut self) -> Result<()> {
        let Ok(found) = fs::metadata(&self.file) else { return Ok(()) };
        if found.len() < self.position {
            // Set aside and begun anew.
            self.position = 0;
        }
        let mut bytes = vec![];
        let read = File::open(&self.file).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.position))?;
            file.read_to_end(&mut bytes)
        });
        // Half a line waits for its other half.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if read.is_ok() {
            print_lines(&self.label, &String::from_utf8_lossy(&bytes[..whole]))?;
            self.position += whole as u64;
        }
        Ok(())
    }
}

fn all(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).context("there are no logs yet")?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|file| file.extension().is_some_and(|end| end == "log") && !stem(file).starts_with("step-"))
        .collect();
    files.sort();
    Ok(files)
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Fails when nobody reads any more, which ends the following.
fn print_lines(label: &str, text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for line in text.lines() {
        writeln!(out, "{label}{line}")?;
    }
    Ok(())
}
