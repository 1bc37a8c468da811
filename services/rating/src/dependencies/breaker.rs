//! Leaves a service alone that fails again and again, and asks once in a while whether it is back.

use super::Unavailable;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How many failures in a row open it.
const FAILURES: u32 = 5;
/// How long the service is left alone.
pub const REST: Duration = Duration::from_secs(5);

/// A circuit breaker.
#[derive(Debug)]
pub struct Breaker {
    dependency: &'static str,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    resting_until: Option<Instant>,
}

impl Breaker {
    pub fn new(dependency: &'static str) -> Self {
        let breaker = Self { dependency, state: Mutex::default() };
        breaker.announce(false);
        breaker
    }

    fn announce(&self, open: bool) {
        metrics::gauge!("circuit_open", "dependency" => self.dependency).set(f64::from(u8::from(open)));
    }

    /// Whether to call now. After a rest, one call is let through to see.
    pub fn admit(&self) -> Result<(), Unavailable> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.resting_until {
            Some(until) if Instant::now() < until => Err(Unavailable::LeftAlone),
            Some(_) => {
                // The others rest on until this one call is back.
                state.resting_until = Some(Instant::now() + REST);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Notes how a call went.
    pub fn note(&self, well: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if well {
            *state = State::default();
            self.announce(false);
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.resting_until = Some(Instant::now() + REST);
            self.announce(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_service_that_fails_again_and_again_is_left_alone_until_one_call_went_well() {
        let breaker = Breaker::new("test");
        for _ in 0..FAILURES {
            assert!(breaker.admit().is_ok());
            breaker.note(false);
        }
        assert!(breaker.admit().is_err());

        tokio::time::advance(REST).await;
        assert!(breaker.admit().is_ok(), "one call sees whether it is back");
        assert!(breaker.admit().is_err(), "and only one");
        breaker.note(true);
        assert!(breaker.admit().is_ok());
    }
}
