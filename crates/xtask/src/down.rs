//! `cargo xtask down`, and stopping or starting a single process.

use crate::stack::{Stack, process::Identity, recovery, state::State, supervisor::hold};
use crate::steps::eventually;
use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::Signal;
use std::{fs, time::Duration};

/// How long a process that was given back may take to be well.
const PATIENCE: Duration = Duration::from_mins(1);

/// Stops the whole stack.
pub fn down(stack: &Stack) -> Result<()> {
    say!("{}", if recovery::stop(stack)? { "stopped" } else { "nothing was running" });
    Ok(())
}

/// Stops one process and keeps it stopped until [`start`]; `at_once` gives it no time to say goodbye.
pub fn stop(stack: &Stack, name: &str, at_once: bool) -> Result<()> {
    let state = running(stack, name)?;
    fs::write(hold(stack, name), "")?;
    let identity = state.entries.iter().find(|entry| entry.name == name).and_then(|entry| entry.identity);
    if let Some(identity) = identity {
        if at_once {
            identity.signal(Signal::SIGKILL);
        }
        ensure!(eventually(recovery::PATIENCE, || !identity.is_alive()), "{name} has not stopped");
    }
    say!("{name} is stopped; `cargo xtask start {name}` starts it again");
    Ok(())
}

/// Starts a process that was stopped, and waits until it is well.
pub fn start(stack: &Stack, name: &str) -> Result<()> {
    let state = running(stack, name)?;
    let _ = fs::remove_file(hold(stack, name));
    let plan = state.plan(stack)?;
    let process = plan.all().find(|process| process.name == name).context("it is not in the plan")?;
    let runs = || {
        let state = State::read(stack);
        state.entries.iter().any(|entry| entry.name == name && entry.identity.is_some_and(Identity::is_alive))
    };
    ensure!(eventually(PATIENCE, || runs() && process.health.is_well()), "{name} is not well");
    say!("{name} is well");
    Ok(())
}

fn running(stack: &Stack, name: &str) -> Result<State> {
    let state = State::read(stack);
    ensure!(state.living_supervisor().is_some(), "the stack is not up");
    if !state.entries.iter().any(|entry| entry.name == name) {
        let names: Vec<&str> = state.entries.iter().map(|entry| entry.name.as_str()).collect();
        bail!("there is no {name}; there are {}", names.join(", "));
    }
    Ok(state)
}
