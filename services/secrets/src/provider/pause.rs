//! A provider that is busy or broken is left alone for a while.

use super::ProviderError;
use clock::{Clock, Timestamp};
use failsafe::{Instrument, StateMachine, backoff, failure_policy};
use std::{
    fmt,
    ops::Range,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// After so many failures in a row the provider is broken.
const FAILURES: u32 = 5;

type Breaker = StateMachine<failure_policy::ConsecutiveFailures<backoff::Constant>, Announced>;

/// Knows whether the provider may be asked now. Each replica finds out for itself: that costs a few questions and
/// spares them a shared state.
pub(super) struct Pause {
    breaker: Breaker,
    length: Duration,
    /// While it wants not to be asked.
    busy: Mutex<Option<Range<Timestamp>>>,
    clock: Clock,
}

impl fmt::Debug for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pause").field("length", &self.length).finish_non_exhaustive()
    }
}

impl Pause {
    pub(super) fn new(length: Duration, clock: Clock) -> Self {
        Announced::open(false);
        let policy = failure_policy::consecutive_failures(FAILURES, backoff::constant(length));
        Self { breaker: StateMachine::new(policy, Announced), length, busy: Mutex::default(), clock }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Refuses while the provider is to be left alone.
    pub(super) fn is_over(&self) -> Result<(), ProviderError> {
        let now = self.now();
        // A clock that was set back must not make it a longer time.
        if let Some(busy) = self.busy.lock().unwrap_or_else(PoisonError::into_inner).as_ref()
            && busy.contains(&now)
        {
            return Err(ProviderError::Busy { again_in: (busy.end - now).unsigned_abs() });
        }
        if !self.breaker.is_call_permitted() {
            return Err(ProviderError::LeftAlone { again_in: self.length });
        }
        Ok(())
    }

    /// Learns from what the provider answered.
    pub(super) fn heed<T>(&self, answer: &Result<T, ProviderError>) {
        match answer {
            Err(error) if error.is_failure() => self.breaker.on_error(),
            Err(ProviderError::Busy { again_in }) => {
                self.breaker.on_success();
                let now = self.now();
                *self.busy.lock().unwrap_or_else(PoisonError::into_inner) = Some(now..now + *again_in);
            }
            _ => self.breaker.on_success(),
        }
    }
}

/// Says so when the provider is left alone and when it is back.
struct Announced;

impl Announced {
    fn open(open: bool) {
        metrics::gauge!("circuit_open", "dependency" => "realtime_provider").set(f64::from(u8::from(open)));
    }
}

impl Instrument for Announced {
    fn on_call_rejected(&self) {}

    fn on_open(&self) {
        Self::open(true);
        tracing::warn!("The realtime provider failed {FAILURES} times in a row and is left alone");
    }

    fn on_half_open(&self) {
        tracing::info!("The realtime provider is asked again");
    }

    fn on_closed(&self) {
        Self::open(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;
    use time::OffsetDateTime;

    fn pause() -> (Pause, Clock) {
        let clock = Clock::manual(OffsetDateTime::UNIX_EPOCH);
        (Pause::new(Duration::from_secs(10), clock.clone()), clock)
    }

    #[test]
    fn a_busy_provider_is_asked_again_when_it_said() {
        let (pause, clock) = pause();
        pause.heed::<()>(&Err(ProviderError::Busy { again_in: Duration::from_secs(7) }));
        clock.advance(Duration::from_secs(6));
        let refused = pause.is_over().unwrap_err();
        assert!(matches!(refused, ProviderError::Busy { again_in } if again_in == Duration::from_secs(1)));
        clock.advance(Duration::from_secs(1));
        assert!(pause.is_over().is_ok());
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_provider_busy_for_longer() {
        let (pause, clock) = pause();
        clock.advance(Duration::from_hours(2));
        pause.heed::<()>(&Err(ProviderError::Busy { again_in: Duration::from_secs(7) }));
        let Clock::Manual(at) = &clock else { unreachable!() };
        at.fetch_sub(3_600_000, Ordering::SeqCst);
        assert!(pause.is_over().is_ok());
    }

    #[test]
    fn only_failures_in_a_row_open_the_breaker() {
        let (pause, _) = pause();
        for _ in 0..4 {
            pause.heed::<()>(&Err(ProviderError::Silent));
        }
        pause.heed::<()>(&Err(ProviderError::Refused { status: 401, code: None }));
        for _ in 0..4 {
            pause.heed::<()>(&Err(ProviderError::Failing { status: 500 }));
        }
        assert!(pause.is_over().is_ok());
        pause.heed::<()>(&Err(ProviderError::Silent));
        assert!(matches!(pause.is_over(), Err(ProviderError::LeftAlone { .. })));
    }
}
