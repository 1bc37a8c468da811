//! `cargo xtask status`: what runs, and how it is.

use crate::{
    stack::{Stack, process::Identity, state::State},
    steps::elapsed,
};
use anyhow::{Result, bail};

/// Prints a table; fails when something is not well.
pub fn status(stack: &Stack) -> Result<()> {
    let state = State::read(stack);
    if state.entries.is_empty() {
        say!("not running; `cargo xtask up` starts it");
        bail!("the stack is not up");
    }
    let plan = state.plan(stack)?;
    say!("{:<12} {:>8} {:>6}  {:<9} {:>8} {:>9}", "name", "pid", "port", "health", "uptime", "restarts");
    let mut ailing = 0;
    for entry in &state.entries {
        let living = entry.identity.filter(|identity| identity.is_alive());
        let process = plan.all().find(|process| process.name == entry.name);
        let health = match (living, process) {
            _ if entry.held => "held",
            (None, _) => "down",
            (Some(_), Some(process)) if process.health.is_well() => "healthy",
            _ => "unhealthy",
        };
        ailing += usize::from(health != "healthy");
        say!(
            "{:<12} {:>8} {:>6}  {health:<9} {:>8} {:>9}",
            entry.name,
            living.map_or("-".to_owned(), |identity| identity.pid.to_string()),
            entry.port,
            living.and_then(Identity::age).map_or("-".to_owned(), elapsed),
            entry.restarts,
        );
    }
    if let Some(supervisor) = state.living_supervisor() {
        let origin = Stack { lan: state.lan, ..stack.clone() }.origin();
        say!("\nlooked after by process {}; {origin}", supervisor.pid);
    } else {
        say!("\nnobody looks after these any more; `cargo xtask up` recovers");
        ailing += 1;
    }
    if ailing > 0 {
        bail!("not everything is healthy");
    }
    Ok(())
}
