//! Who may open a realtime call now: the service as a value. Its verbs are in the modules below.

mod budget;
pub mod close_quota;
pub mod denial;
pub mod end_login;
pub mod erase;
pub mod forget;
pub mod hang_up;
pub mod leash;
pub mod mint;
pub mod minutes;
pub mod open_call;
pub mod open_quota;

use crate::{
    allowance::{CallLimit, Limited},
    exchange::Exchange,
    provider::Provider,
    session_registry::SessionRegistry,
};
use clock::Clock;
use ids::Ids;
use jobs::Jobs;
use lifecycle::Lifecycle;
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
    /// How long the calls of one session may take together.
    pub session: Duration,
    /// Minutes of practice per learner and day.
    pub daily_minutes: u32,
}

impl Limits {
    /// Limits with the given numbers.
    #[must_use]
    pub fn of(first_calls_per_minute: u32, session_minutes: u32, daily_minutes: u32) -> Self {
        Self {
            first_calls: CallLimit {
                limited: Limited::FirstCalls,
                quota: first_calls_per_minute,
                window: Duration::from_mins(1),
            },
            re_dials: CallLimit { limited: Limited::ReDials, quota: 30, window: Duration::from_hours(1) },
            session: Duration::from_mins(session_minutes.into()),
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
    /// Calls to hang up.
    pub jobs: Jobs,
    /// Who mints and is called.
    pub provider: Provider,
    /// How browser and provider come together.
    pub exchange: Exchange,
    /// Where a browser posts its offer.
    pub calls_url: String,
    /// How much a learner may use.
    pub limits: Limits,
    /// The time.
    pub clock: Clock,
    /// Identifiers.
    pub ids: Ids,
    /// Sees a call through whose browser went away.
    pub lifecycle: Lifecycle,
}
