//! A take: one run of a recorder, as far as it arrived.

use crate::medium::MAX_DURATION_MS;
use clock::Timestamp;
use ids::{LearnerId, SessionId, TakeId};
use std::time::Duration;

/// Days after its last byte that a take may go on: whoever sends it may be offline for weeks. How long after the end of its
/// session anything is taken at all, the database function `is_closed` says.
pub const EXPIRES_DAYS: i32 = 30;
/// How long a writer that gives no sign of life keeps others out: with the request that asks for the place and the one
/// that is let in, a sender that comes back is kept for less than two seconds.
pub const LEASE: Duration = Duration::from_millis(1500);
/// Takes a session may have: a connection that breaks every other minute for two hours.
pub const MAX_TAKES: i64 = 64;

/// How far a take has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeState {
    /// Bytes may come.
    Open,
    /// All came, and were read back.
    Complete,
    /// It was terminated, or nobody went on with it for too long.
    Gone,
}

impl TakeState {
    /// As it is written in a row.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Gone => "gone",
        }
    }

    /// Reads it from a row.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Complete, Self::Gone].into_iter().find(|state| state.name() == name)
    }
}

/// Where a take begins on the session clock, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start(u32);

impl Start {
    /// A place within what a recording may be long.
    pub fn of_ms(ms: u32) -> Option<Self> {
        (ms < MAX_DURATION_MS).then_some(Self(ms))
    }

    /// In milliseconds.
    pub const fn as_ms(self) -> u32 {
        self.0
    }
}

/// A take.
#[derive(Clone, Debug)]
pub struct Take {
    /// Its id.
    pub id: TakeId,
    /// Whose it is.
    pub owner: LearnerId,
    /// The session it is a part of the recording of.
    pub session: SessionId,
    /// Where it begins.
    pub start: Start,
    /// What its sender says of it.
    pub metadata: Option<String>,
    /// How many bytes it will have, once that is known.
    pub length: Option<u64>,
    /// How many bytes are durable.
    pub arrived: u64,
    /// How many of these lie in parts.
    pub in_parts: u64,
    /// How far it has come.
    pub state: TakeState,
    /// Until when it may go on.
    pub expires_at: Timestamp,
}

impl Take {
    /// Whether every byte is durable.
    pub fn has_arrived(&self) -> bool {
        self.length == Some(self.arrived)
    }

    /// How many durable bytes fill no part yet.
    pub const fn tail(&self) -> u64 {
        self.arrived - self.in_parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_take_begins_within_its_recording() {
        assert_eq!(Start::of_ms(0).map(Start::as_ms), Some(0));
        assert!(Start::of_ms(MAX_DURATION_MS - 1).is_some());
        assert!(Start::of_ms(MAX_DURATION_MS).is_none());
    }
}
