//! What runs, written down for `status`, `down` and the next `up`.

use super::{Stack, plan::Plan, process::Identity, prometheus, settings::Provider};
use crate::house;
use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::{fs, net::Ipv4Addr, path::PathBuf};

/// One process of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// The running process, if it runs.
    pub identity: Option<Identity>,
    /// Its main port.
    pub port: u16,
    /// How often it was restarted since `up`.
    pub restarts: u32,
    /// Which build of its program runs.
    pub build: String,
    /// How it is asked to stop.
    pub stop: Signal,
    /// Whether it is kept stopped on request.
    pub held: bool,
}

/// A stack that was started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The process that looks after the others.
    pub supervisor: Option<Identity>,
    /// Whether everything has been healthy once.
    pub ready: bool,
    /// What was started, as one number.
    pub fingerprint: u64,
    /// The network it is there for, if not for this machine only.
    pub lan: Option<Ipv4Addr>,
    /// Its processes in the order of their start.
    pub entries: Vec<Entry>,
}

impl State {
    /// What was written last; nothing when nothing was, or nothing legible.
    pub fn read(stack: &Stack) -> Self {
        fs::read_to_string(file(stack)).ok().and_then(|text| parse(&text)).unwrap_or_default()
    }

    /// Writes it down whole.
    pub fn write(&self, stack: &Stack) -> Result<()> {
        house::write_whole(&file(stack), self.render().as_bytes(), 0o644).context("cannot write what runs")
    }

    /// Forgets everything.
    pub fn forget(stack: &Stack) {
        let _ = fs::remove_file(file(stack));
    }

    /// The supervisor, if it is alive.
    pub fn living_supervisor(&self) -> Option<Identity> {
        self.supervisor.filter(|supervisor| supervisor.is_alive())
    }

    /// What its processes were started with, as far as asking them how they are takes.
    pub fn plan(&self, stack: &Stack) -> Result<Plan> {
        let seconds = self.entries.iter().any(|entry| entry.name.ends_with("-2"));
        let observed = self.entries.iter().any(|entry| entry.name == prometheus::NAME);
        let replicas = if seconds { 2 } else { 1 };
        let stack = Stack { replicas, lan: self.lan, observed, ..stack.clone() };
        Plan::of(&stack, &stack.secrets()?, &Provider::Coach)
    }

    fn render(&self) -> String {
        let identity =
            |found: Option<Identity>| found.map(|found| json!({"pid": found.pid, "started": found.started}));
        let entries: Vec<Value> = self
            .entries
            .iter()
            .map(|entry| {
                json!({
                    "name": entry.name, "process": identity(entry.identity), "port": entry.port,
                    "restarts": entry.restarts, "build": entry.build, "stop": entry.stop.as_str(), "held": entry.held,
                })
            })
            .collect();
        json!({
            "supervisor": identity(self.supervisor), "ready": self.ready,
            "fingerprint": self.fingerprint, "lan": self.lan.map(|address| address.to_string()), "processes": entries,
        })
        .to_string()
    }
}

fn parse(text: &str) -> Option<State> {
    let value: Value = serde_json::from_str(text).ok()?;
    let identity = |value: &Value| {
        Some(Identity {
            pid: i32::try_from(value["pid"].as_i64()?).ok()?,
            started: value["started"].as_u64()?,
        })
    };
    let entry = |value: &Value| {
        Some(Entry {
            name: value["name"].as_str()?.to_owned(),
            identity: identity(&value["process"]),
            port: u16::try_from(value["port"].as_u64()?).ok()?,
            restarts: u32::try_from(value["restarts"].as_u64()?).ok()?,
            build: value["build"].as_str()?.to_owned(),
            stop: value["stop"].as_str()?.parse().ok()?,
            held: value["held"].as_bool()?,
        })
    };
    Some(State {
        supervisor: identity(&value["supervisor"]),
        ready: value["ready"].as_bool()?,
        fingerprint: value["fingerprint"].as_u64()?,
        lan: value["lan"].as_str().and_then(|address| address.parse().ok()),
        entries: value["processes"].as_array()?.iter().map(entry).collect::<Option<_>>()?,
    })
}

fn file(stack: &Stack) -> PathBuf {
    stack.run().join("state.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let state = State {
            supervisor: Some(Identity { pid: 10, started: 99 }),
            ready: true,
            fingerprint: u64::MAX,
            lan: Some(Ipv4Addr::new(192, 0, 2, 7)),
            entries: vec![Entry {
                name: "postgres".into(),
                identity: None,
                port: 15432,
                restarts: 3,
                build: "1:2.3".into(),
                stop: Signal::SIGINT,
                held: true,
            }],
        };
        assert_eq!(parse(&state.render()), Some(state));
    }
}
