//! The only source of "now", so that tests can move time.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use time::OffsetDateTime;

/// A moment, in UTC.
pub type Timestamp = OffsetDateTime;

/// Tells the time: the machine's, or a test's.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that stands still until a test moves it; milliseconds since the Unix epoch.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock standing at the given moment.
    #[must_use]
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(millis(at))))
    }

    /// Now, to the millisecond: what we store and send keeps no more than that.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place the ban points to")]
    pub fn now(&self) -> Timestamp {
        let ms = match self {
            Self::System => millis(OffsetDateTime::now_utc()),
            Self::Manual(at) => at.load(Ordering::SeqCst),
        };
        from_millis(ms)
    }

    /// Moves a manual clock on. The machine's clock is not ours to move and stays as it is.
    pub fn advance(&self, by: std::time::Duration) {
        if let Self::Manual(at) = self {
            at.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}

/// Milliseconds since the Unix epoch: the form times take in events.
#[must_use]
pub fn millis(at: Timestamp) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// The moment that many milliseconds after the Unix epoch; the epoch itself when out of range.
#[must_use]
pub fn from_millis(ms: i64) -> Timestamp {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::manual(OffsetDateTime::UNIX_EPOCH);
        assert_eq!(millis(clock.now()), 0);
        clock.advance(std::time::Duration::from_secs(90));
        assert_eq!(millis(clock.now()), 90_000);
    }
}
