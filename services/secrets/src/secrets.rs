//! Who may open a realtime call now: the service as a value. Its verbs are in the modules below.

pub mod close_quota;
pub mod erase;
pub mod forget;
pub mod mint;
pub mod open_quota;

use crate::{
    allowance::{CallLimit, Limited},
    provider::Provider,
    session_registry::SessionRegistry,
};
use clock::Clock;
use ids::Ids;
use outbox::Outbox;
use sqlx::PgPool;
use std::time::Duration;

/// How much a learner may use. Counted in Postgres, so it holds across replicas.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Calls that are the first of their session, per learner.
    pub first_calls: CallLimit,
    /// Later calls of one session, which follow a lost connection.
    pub re_dials: CallLimit,
    /// Minutes of practice per learner and day.
    pub daily_minutes: u32,
}

impl Limits {
    /// Limits with the given numbers.
    #[must_use]
    pub fn of(first_calls_per_minute: u32, daily_minutes: u32) -> Self {
        Self {
            first_calls: CallLimit {
                limited: Limited::FirstCalls,
                quota: first_calls_per_minute,
                window: Duration::from_mins(1),
            },
            re_dials: CallLimit { limited: Limited::ReDials, quota: 30, window: Duration::from_hours(1) },
            daily_minutes,
        }
    }
}

/// The service.
#[derive(Debug)]
pub struct Secrets {
    /// Its own database.
    pub pool: PgPool,
    /// What it says.
    pub outbox: Outbox,
    /// Whom it asks about sessions.
    pub sessions: SessionRegistry,
    /// Who mints.
    pub provider: Provider,
    /// Where a browser posts its offer.
    pub calls_url: String,
    /// How much a learner may use.
    pub limits: Limits,
    /// The time.
    pub clock: Clock,
    /// Identifiers.
    pub ids: Ids,
}
