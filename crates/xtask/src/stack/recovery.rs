//! Getting from whatever an earlier start left behind to nothing running.

use super::{Stack, catalogue, state::State};
use crate::{
    ports,
    steps::{elapsed, eventually},
};
use anyhow::{Result, bail, ensure};
use nix::sys::signal::Signal;
use std::{fs, time::Duration};

/// A supervisor stops services, then what they stand on, each with its own patience.
const SUPERVISOR_PATIENCE: Duration = Duration::from_secs(90);

/// How long one process may take to stop.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// Stops a stack, whoever looks after it, or nobody. Answers whether there was anything to stop.
pub fn stop(stack: &Stack) -> Result<bool> {
    let state = State::read(stack);
    let mut found = false;
    if let Some(supervisor) = state.living_supervisor() {
        found = true;
        // Its id, not its group: in the foreground it shares the terminal's.
        let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(supervisor.pid), Signal::SIGTERM);
        ensure!(
            eventually(SUPERVISOR_PATIENCE, || !supervisor.is_alive()),
            "the supervisor (process {}) has not stopped within {}",
            supervisor.pid,
            elapsed(SUPERVISOR_PATIENCE)
        );
    }
    // Read again: the supervisor may have written its last word.
    Ok(stop_orphans(stack) || found)
}

/// Stops what a supervisor that died has left running.
pub fn stop_orphans(stack: &Stack) -> bool {
    let state = State::read(stack);
    let mut found = false;
    for entry in state.entries.iter().rev() {
        if let Some(identity) = entry.identity.filter(|identity| identity.is_alive()) {
            found = true;
            identity.end(entry.stop, PATIENCE);
        }
    }
    State::forget(stack);
    found
}

/// Deletes the data of a stack that does not run.
pub fn wipe(stack: &Stack) -> Result<()> {
    for folder in [stack.postgres_folder(), stack.data()] {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
    }
    Ok(())
}

/// Refuses to start when somebody else holds a port, and says who.
pub fn check_ports(stack: &Stack) -> Result<()> {
    let taken: Vec<String> = catalogue::ports(stack)
        .into_iter()
        .filter(|(_, port, transport)| !ports::is_free(*transport, *port))
        .map(|(process, port, transport)| match ports::holder(transport, port) {
            Some(holder) => format!("  {port} (for {process}) is held by {holder}"),
            None => format!("  {port} (for {process}) is held by a process that only root may see"),
        })
        .collect();
    if !taken.is_empty() {
        bail!("ports are in use:\n{}", taken.join("\n"));
    }
    Ok(())
}
