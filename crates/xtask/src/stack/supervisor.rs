//! Looks after the processes of a stack: starts them, restarts what dies, stops all in order.

use super::{
    Stack,
    plan::Plan,
    process::{Identity, Process},
    recovery::PATIENCE,
    state::{Entry, State},
};
use crate::steps::{elapsed, tail};
use anyhow::{Result, bail};
use nix::sys::signal::Signal;
use std::{
    fs,
    path::PathBuf,
    process::Child,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// How long everything may take to become healthy.
const DEADLINE: Duration = Duration::from_mins(1);
/// How often processes are looked at.
const GLANCE: Duration = Duration::from_millis(200);
/// The pause before a first restart; it doubles with each, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A process that ran this long is forgiven its earlier deaths.
const FORGIVEN: Duration = Duration::from_secs(30);
/// A start is given up when one process has died this often.
const HOPELESS: u32 = 4;

/// The processes and what is known about them.
pub struct Supervisor<'a> {
    stack: &'a Stack,
    stopping: Arc<AtomicBool>,
    kept: Vec<Kept>,
    state: State,
}

struct Kept {
    process: Process,
    child: Option<Child>,
    since: Instant,
    again: Option<Instant>,
    deaths: u32,
    entry: Entry,
}

impl<'a> Supervisor<'a> {
    /// A supervisor without processes yet.
    pub fn new(stack: &'a Stack, plan: &Plan, stopping: Arc<AtomicBool>) -> Result<Self> {
        let supervisor = Identity::of(std::process::id());
        let state = State { supervisor, fingerprint: plan.fingerprint(), ..State::default() };
        fs::create_dir_all(holds(stack))?;
        let this = Self { stack, stopping, kept: vec![], state };
        this.state.write(stack)?;
        Ok(this)
    }

    /// Starts processes and waits until all are well.
    pub fn start(&mut self, processes: &[Process]) -> Result<()> {
        let first = self.kept.len();
        for process in processes {
            let entry = Entry {
                name: process.name.clone(),
                identity: None,
                port: process.health.port(),
                restarts: 0,
                build: String::new(),
                stop: process.stop,
                held: false,
            };
            let (process, since) = (process.clone(), Instant::now());
            self.kept.push(Kept { process, child: None, since, again: Some(since), deaths: 0, entry });
        }
        let began = Instant::now();
        let mut waiting: Vec<usize> = (first..self.kept.len()).collect();
        loop {
            self.tend()?;
            if self.stopping.load(Ordering::Relaxed) {
                bail!("stopped on request");
            }
            waiting
                .retain(|index| !self.kept[*index].process.health.is_well() && !self.kept[*index].entry.held);
            if waiting.is_empty() {
                return Ok(());
            }
            let hopeless = waiting.iter().any(|index| self.kept[*index].deaths >= HOPELESS);
            if hopeless || began.elapsed() > DEADLINE {
                for index in &waiting {
                    let name = &self.kept[*index].process.name;
                    let log = self.stack.log(name);
                    say!("\n--- the end of {} ---\n{}\n---", log.display(), tail(&log, 25));
                }
                let names: Vec<&str> =
                    waiting.iter().map(|index| self.kept[*index].process.name.as_str()).collect();
                bail!("not healthy after {}: {}", elapsed(began.elapsed()), names.join(", "));
            }
            thread::sleep(GLANCE);
        }
    }

    /// Looks after everything until asked to stop.
    pub fn watch(&mut self) -> Result<()> {
        self.state.ready = true;
        self.note()?;
        while !self.stopping.load(Ordering::Relaxed) {
            self.tend()?;
            thread::sleep(GLANCE);
        }
        Ok(())
    }

    /// Starts what is due, notices what died, stops what is held.
    fn tend(&mut self) -> Result<()> {
        let mut changed = false;
        for kept in &mut self.kept {
            let held = hold(self.stack, &kept.process.name).exists();
            let news = kept.entry.held != held;
            kept.entry.held = held;
            changed |= news;
            if let Some(child) = &mut kept.child
                && let Some(status) = child.try_wait()?
            {
                changed = true;
                kept.bury();
                if !held {
                    kept.expect_again();
                    say!("  {} ended ({status}); restarting", kept.process.name);
                }
            }
            if held {
                if let Some(identity) = kept.entry.identity.filter(|_| news) {
                    // Asked once, and waited for by a later look.
                    identity.signal(kept.process.stop);
                }
                kept.again = Some(Instant::now());
            } else if kept.child.is_none() && kept.again.is_none_or(|again| again <= Instant::now()) {
                changed = true;
                kept.again = None;
                kept.since = Instant::now();
                kept.entry.build = kept.process.build();
                match kept.process.start(&self.stack.log(&kept.process.name)) {
                    Ok(child) => {
                        kept.entry.identity = Identity::of(child.id());
                        kept.child = Some(child);
                    }
                    Err(error) => {
                        say!("  {error:#}");
                        kept.expect_again();
                    }
                }
            }
        }
        if changed { self.note() } else { Ok(()) }
    }

    /// Stops everything: the way in, then the services together, then what they stand on, last first.
    pub fn stop(&mut self, plan: &Plan) {
        let services: Vec<String> = plan.services.iter().map(|process| process.name.clone()).collect();
        self.end(&|name| name == plan.edge.name);
        self.end(&|name| services.iter().any(|service| service == name));
        for process in plan.infrastructure.iter().rev() {
            self.end(&|name| name == process.name);
        }
        State::forget(self.stack);
    }

    fn end(&mut self, which: &dyn Fn(&str) -> bool) {
        let mut chosen: Vec<&mut Kept> =
            self.kept.iter_mut().filter(|kept| kept.child.is_some() && which(&kept.process.name)).collect();
        for kept in &chosen {
            if let Some(identity) = kept.entry.identity {
                identity.signal(kept.process.stop);
            }
        }
        let began = Instant::now();
        while began.elapsed() < PATIENCE && chosen.iter_mut().any(|kept| kept.is_running()) {
            thread::sleep(Duration::from_millis(50));
        }
        for kept in chosen {
            kept.bury();
        }
    }

    fn note(&mut self) -> Result<()> {
        self.state.entries = self.kept.iter().map(|kept| kept.entry.clone()).collect();
        self.state.write(self.stack)
    }
}

impl Kept {
    fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Ends what is left of the process's group and lets go of it.
    fn bury(&mut self) {
        if let Some(identity) = self.entry.identity.take() {
            identity.signal(Signal::SIGKILL);
        }
        if let Some(mut child) = self.child.take() {
            let _ = child.wait();
        }
    }

    fn expect_again(&mut self) {
        if self.since.elapsed() >= FORGIVEN {
            self.deaths = 0;
        }
        self.again = Some(Instant::now() + pause(self.deaths));
        self.deaths += 1;
        self.entry.restarts += 1;
    }
}

fn pause(deaths: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(deaths)).min(LONGEST_PAUSE)
}

/// Where requests to keep a process stopped lie.
fn holds(stack: &Stack) -> PathBuf {
    stack.run().join("hold")
}

/// The request to keep one process stopped. Whoever makes this file wants to see how the others get on without it.
pub fn hold(stack: &Stack, process: &str) -> PathBuf {
    holds(stack).join(process)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_slow_down_to_a_limit() {
        assert_eq!(pause(0), Duration::from_millis(250));
        assert_eq!(pause(1), Duration::from_millis(500));
        assert_eq!(pause(40), LONGEST_PAUSE);
    }
}
