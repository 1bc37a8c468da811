//! One process: how it is started, asked whether it is well, and stopped.

use crate::{http, steps::eventually};
use anyhow::{Context, Result};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use std::{
    collections::hash_map::DefaultHasher,
    fs::{self, File},
    hash::{Hash, Hasher},
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A log that has grown beyond this is set aside when its process starts.
const LOG_LIMIT: u64 = 64 * 1024 * 1024;

/// How one tells that a process is well.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Health {
    /// It accepts connections.
    Accepts(u16),
    /// It answers 2xx.
    Answers(u16, &'static str),
}

impl Health {
    /// Asks.
    pub fn is_well(&self) -> bool {
        match self {
            Self::Accepts(port) => http::accepts(*port),
            Self::Answers(port, path) => {
                http::get(*port, path).is_ok_and(|status| (200..300).contains(&status))
            }
        }
    }

    /// Its main port.
    pub fn port(&self) -> u16 {
        match self {
            Self::Accepts(port) | Self::Answers(port, _) => *port,
        }
    }
}

/// What is started.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its name in logs and tables.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its settings.
    pub settings: Vec<(String, String)>,
    /// Variables that it must not inherit.
    pub hidden: &'static [&'static str],
    /// User and group, when not those of this tool.
    pub user: Option<(u32, u32)>,
    /// How it is asked to stop.
    pub stop: Signal,
    /// How one tells that it is well.
    pub health: Health,
    /// A file it reads besides: a change of it is a change of the process.
    pub configuration: Option<PathBuf>,
}

impl Process {
    /// Starts it in a process group of its own: a Ctrl-C in the terminal is for this tool, which then stops all in order.
    pub fn start(&self, log: &Path) -> Result<Child> {
        if fs::metadata(log).is_ok_and(|found| found.len() > LOG_LIMIT) {
            fs::rename(log, log.with_extension("log.1"))?;
        }
        let output = File::options().append(true).create(true).open(log);
        let output = output.with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = self.command();
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).process_group(0);
        command.spawn().with_context(|| format!("cannot start {}", self.program.display()))
    }

    /// The program with its words and settings.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir("/");
        for name in self.hidden {
            command.env_remove(name);
        }
        command.envs(self.settings.iter().map(|(key, value)| (key, value)));
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// Changes when the process would be started differently. Says nothing about the values.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.name, &self.program, &self.arguments, &self.settings, &self.user, &self.health)
            .hash(&mut hasher);
        self.configuration.as_ref().and_then(|file| fs::read(file).ok()).hash(&mut hasher);
        hasher.finish()
    }

    /// Changes when the program is built anew.
    pub fn build(&self) -> String {
        fs::metadata(&self.program)
            .map(|found| format!("{}:{}.{}", found.size(), found.mtime(), found.mtime_nsec()))
            .unwrap_or_default()
    }
}

/// A process as the kernel knows it: ids are used again, start times are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its id.
    pub pid: i32,
    /// When it started, in ticks since boot.
    pub started: u64,
}

/// The kernel counts time for `/proc` in hundredths on every Linux.
const TICKS_PER_SECOND: u64 = 100;

impl Identity {
    /// The process that has an id now.
    pub fn of(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some(Self { pid: i32::try_from(pid).ok()?, started: started(&stat)? })
    }

    /// Whether it still runs.
    pub fn is_alive(self) -> bool {
        u32::try_from(self.pid).is_ok_and(|pid| Self::of(pid) == Some(self))
    }

    /// How long it has been running.
    pub fn age(self) -> Option<Duration> {
        let uptime = fs::read_to_string("/proc/uptime").ok()?;
        let seconds: f64 = uptime.split_whitespace().next()?.parse().ok()?;
        Some(Duration::from_secs((seconds as u64).saturating_sub(self.started / TICKS_PER_SECOND)))
    }

    /// Signals it and its children.
    pub fn signal(self, signal: Signal) {
        // A group that is gone has what was asked for.
        let _ = killpg(Pid::from_raw(self.pid), signal);
    }

    /// Asks it to stop, waits, and does not ask a second time.
    pub fn end(self, signal: Signal, patience: Duration) {
        self.signal(signal);
        if !eventually(patience, || !self.is_alive()) {
            self.signal(Signal::SIGKILL);
            eventually(Duration::from_secs(5), || !self.is_alive());
        }
    }
}

/// Reads the start time; a zombie has none, for it does nothing any more.
fn started(stat: &str) -> Option<u64> {
    // The second field is the name in brackets, which may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    (state != "Z" && state != "X").then(|| fields.nth(18)?.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_time_is_read_past_any_name() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 777 0 0";
        assert_eq!(started(stat), Some(777));
        assert_eq!(started(&stat.replace(") S", ") Z")), None);
    }

    #[test]
    fn this_process_is_alive_and_another_with_its_id_is_not_it() {
        let own = Identity::of(std::process::id()).unwrap();
        assert!(own.is_alive());
        assert!(!Identity { started: own.started + 1, ..own }.is_alive());
    }

    #[test]
    fn a_changed_setting_changes_the_fingerprint() {
        let process = Process {
            name: "topics".into(),
            program: "/bin/true".into(),
            arguments: vec![],
            settings: vec![("A".into(), "1".into())],
            hidden: &[],
            user: None,
            stop: Signal::SIGTERM,
            health: Health::Accepts(1),
            configuration: None,
        };
        let changed = Process { settings: vec![("A".into(), "2".into())], ..process.clone() };
        assert_ne!(process.fingerprint(), changed.fingerprint());
        assert_eq!(process.fingerprint(), process.clone().fingerprint());
    }
}
