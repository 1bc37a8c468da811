//! Named steps: what is being done, for how long, and the end of the log when it fails.

use crate::house;
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs::{self, File},
    io::{IsTerminal, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

/// How often a step that writes to a file or a pipe says that it is still at it.
const REMINDER: Duration = Duration::from_mins(1);

/// Less free space than this, in MiB, is named beside a failure.
const SCARCE_MIB: u64 = 1024;

/// What the test runners put before a test that passed. When a step fails these lines are left out of what is shown,
/// so that whoever reads a part of the output reads what failed.
const PASSED: [&str; 2] = ["✓ ", "PASS ["];

/// Prints a line; a reader that has gone away is no reason to leave processes without a supervisor.
pub fn say(words: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout(), "{words}");
}

/// Prints part of a line at once.
pub fn murmur(words: std::fmt::Arguments<'_>) {
    let mut out = std::io::stdout();
    let _ = write!(out, "{words}").and_then(|()| out.flush());
}

/// Prints steps and keeps their logs.
#[derive(Clone, Debug)]
pub struct Steps {
    logs: PathBuf,
}

impl Steps {
    /// Steps that keep their logs in a folder.
    pub fn new(logs: impl Into<PathBuf>) -> Self {
        Self { logs: logs.into() }
    }

    /// Does one step. What it answers is printed behind its name.
    pub fn run<T>(&self, name: &str, work: impl FnOnce(&Step) -> Result<(T, String)>) -> Result<T> {
        let log = self.logs.join(format!("step-{}.log", name.replace([' ', '/', ','], "-")));
        fs::create_dir_all(&self.logs).with_context(|| format!("cannot make {}", self.logs.display()))?;
        File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let step = Step { log: log.clone() };
        let began = Instant::now();
        let (done, watch) = mpsc::channel::<()>();
        let watcher = thread::spawn({
            let (name, log) = (name.to_owned(), log.clone());
            move || watch_step(&name, &log, began, &watch)
        });
        let outcome = work(&step);
        drop(done);
        let _ = watcher.join();
        match outcome {
            Ok((value, note)) => {
                say!("  ok    {name:<28} {:>7}  {note}", elapsed(began.elapsed()));
                Ok(value)
            }
            Err(error) => {
                say!("  FAIL  {name:<28} {:>7}", elapsed(began.elapsed()));
                let end = without_passed(&plain(&tail(&log, usize::MAX)), 80);
                if !end.is_empty() {
                    say!("\n--- the end of {} ---\n{end}\n---", log.display());
                }
                // That may be why, and what would say so may not have found room either.
                if let Some(left) = free_mib(&self.logs).filter(|left| *left < SCARCE_MIB) {
                    say!("only {left} MiB are left on the disk of {}", self.logs.display());
                }
                Err(error.context(format!("{name} failed")))
            }
        }
    }
}

fn watch_step(name: &str, log: &Path, began: Instant, watch: &mpsc::Receiver<()>) {
    let terminal = std::io::stdout().is_terminal();
    let pause = if terminal { Duration::from_secs(1) } else { REMINDER };
    while watch.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        let last: String = tail(log, 1).trim().chars().take(60).collect();
        if terminal {
            murmur(format_args!("\r\x1b[2K  ...   {name:<28} {:>7}  {last}", elapsed(began.elapsed())));
        } else {
            say!("  ...   {name:<28} {:>7}  {last}", elapsed(began.elapsed()));
        }
    }
    if terminal {
        murmur(format_args!("\r\x1b[2K"));
    }
}

/// One step while it is being done.
#[derive(Debug)]
pub struct Step {
    log: PathBuf,
}

impl Step {
    /// Runs a command to its end, which must be a good one; what it prints goes to the step's log.
    pub fn run(&self, command: &mut Command) -> Result<()> {
        let status = self.status(command)?;
        ensure!(status.success(), "{} ended with {status}", spoken(command));
        Ok(())
    }

    /// Runs a command to its end, whatever that is.
    pub fn status(&self, command: &mut Command) -> Result<ExitStatus> {
        let running = command.stdin(Stdio::null()).stdout(self.append()?).stderr(self.append()?).status();
        running.with_context(|| format!("cannot start {}", spoken(command)))
    }

    /// Runs a command that reads a script, which is not shown in any log.
    pub fn feed(&self, command: &mut Command, script: &str) -> Result<()> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(self.append()?)
            .stderr(self.append()?)
            .spawn()
            .with_context(|| format!("cannot start {}", spoken(command)))?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(script.as_bytes())?;
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("{} ended with {status}", spoken(command));
        }
        Ok(())
    }

    /// Runs a command and answers what it printed; its complaints go to the step's log.
    pub fn read(&self, command: &mut Command) -> Result<String> {
        let output = command
            .stdin(Stdio::null())
            .stderr(self.append()?)
            .output()
            .with_context(|| format!("cannot start {}", spoken(command)))?;
        if !output.status.success() {
            self.note(&String::from_utf8_lossy(&output.stdout))?;
            bail!("{} ended with {}", spoken(command), output.status);
        }
        String::from_utf8(output.stdout).context("the output is not text")
    }

    /// What the last command said that has a word in it: a test runner's count, for example.
    pub fn said(&self, word: &str) -> String {
        let text = plain(&tail(&self.log, usize::MAX));
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| line.contains(word)).collect();
        lines.join("\n        ")
    }

    /// Adds a line to the step's log.
    pub fn note(&self, line: &str) -> Result<()> {
        writeln!(self.append()?, "{line}").context("cannot write the log")
    }

    fn append(&self) -> Result<File> {
        File::options().append(true).create(true).open(&self.log).context("cannot write the log")
    }
}

/// A command as a person would say it: the program and its first words.
fn spoken(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = command.get_args().take(4).map(|word| word.to_string_lossy());
    std::iter::once(program.to_string_lossy()).chain(words).collect::<Vec<_>>().join(" ")
}

/// A duration as a person would say it.
pub fn elapsed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds >= 3600 {
        format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60)
    } else if seconds >= 60 {
        format!("{}m{:02}s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1}s", duration.as_secs_f64())
    }
}

/// The last lines of a file, or nothing.
pub fn tail(file: &Path, lines: usize) -> String {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(64 * 1024)))?;
        file.read_to_end(&mut bytes)
    });
    if read.is_err() {
        return String::new();
    }
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// Without the codes that colour a terminal.
fn plain(text: &str) -> String {
    let mut pieces = text.split("\x1b[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').map_or(piece, |(_, rest)| rest))
}

/// The last lines of a log but for the tests that passed.
fn without_passed(log: &str, lines: usize) -> String {
    let kept: Vec<&str> =
        log.lines().filter(|line| !PASSED.iter().any(|mark| line.trim_start().starts_with(mark))).collect();
    kept[kept.len().saturating_sub(lines)..].join("\n")
}

/// How much may still be written to the disk of a folder, in MiB.
fn free_mib(folder: &Path) -> Option<u64> {
    let disk = nix::sys::statvfs::statvfs(folder).ok()?;
    Some(disk.blocks_available() * disk.fragment_size() / (1024 * 1024))
}

/// Polls until something is so, or the deadline has passed.
pub fn eventually(deadline: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if began.elapsed() >= deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// A command that prints like a program in a pipe, in the clone's root.
pub fn command(house: &house::House, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(&house.root);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_naturally() {
        assert_eq!(elapsed(Duration::from_millis(230)), "0.2s");
        assert_eq!(elapsed(Duration::from_secs(61)), "1m01s");
        assert_eq!(elapsed(Duration::from_mins(62)), "1h02m");
    }

    #[test]
    fn colours_are_taken_out() {
        assert_eq!(plain("\x1b[32;1mTests\x1b[0m 3 passed"), "Tests 3 passed");
        assert_eq!(plain("none"), "none");
    }

    #[test]
    fn what_passed_does_not_hide_what_failed() {
        let log = "  ✓    1 a.spec.ts › one (73ms)\n  ✘    2 a.spec.ts › two\n        PASS [   0.020s] (1/2) a\n  Error: no";
        assert_eq!(without_passed(log, 80), "  ✘    2 a.spec.ts › two\n  Error: no");
        assert_eq!(without_passed(log, 1), "  Error: no");
    }

    #[test]
    fn a_step_shows_what_its_command_said_when_it_fails() {
        let logs = std::env::temp_dir().join(format!("xtask-steps-{}", std::process::id()));
        let steps = Steps::new(&logs);
        let outcome = steps.run("speak up", |step| {
            step.run(Command::new("sh").args(["-c", "echo quiet; echo loud >&2; exit 3"]))?;
            Ok(((), String::new()))
        });
        assert!(outcome.is_err());
        assert_eq!(tail(&logs.join("step-speak-up.log"), 10), "quiet\nloud");
        assert_eq!(tail(&logs.join("step-speak-up.log"), 1), "loud");
        fs::remove_dir_all(logs).unwrap();
    }
}
