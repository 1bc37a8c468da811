//! The service as a value: what it hears, what it does about it, and what it answers.

mod erase;
mod find;
mod give_up;
mod hear;
mod rate;
mod scratch;

pub use find::FindError;
pub use hear::HearError;
pub use rate::RateError;

use crate::{
    config::RatingConfig,
    dependencies::{Recordings, Registry},
    finding::Span,
};
use clock::{Clock, Timestamp};
use ids::SessionId;
use jobs::Jobs;
use outbox::Outbox;
use scratch::Scratch;
use sqlx::{PgPool, types::Json};
use std::{borrow::Cow, sync::Arc};

/// Everything about how sessions went.
#[derive(Clone, Debug)]
pub struct Ratings {
    pool: PgPool,
    jobs: Jobs,
    outbox: Outbox,
    clock: Clock,
    registry: Registry,
    recordings: Recordings,
    scratch: Arc<Scratch>,
    config: RatingConfig,
}

/// A rating of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Rated<F> {
    /// Which session.
    pub session: SessionId,
    /// Its place among the outcomes for this session.
    pub revision: u32,
    /// Who judged what cannot be measured.
    pub provider: Cow<'static, str>,
    /// Which definitions it was measured by.
    pub rubric_version: Cow<'static, str>,
    /// When.
    pub rated_at: Timestamp,
    /// The transcript it read.
    pub transcript_revision: u32,
    /// The recording it heard, 0 for none.
    pub recording_revision: u32,
    /// What was found.
    pub findings: Vec<F>,
}

/// A finding as it was stored, by whichever version of this service.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFinding {
    /// Whom it is about.
    pub subject: String,
    /// Its stable name.
    pub metric: String,
    /// What it is counted in.
    pub unit: String,
    /// What it means.
    pub definition: String,
    /// What it rests on.
    pub source: String,
    /// The number, if it was measured.
    pub value: Option<f64>,
    /// Why not, if it was not.
    pub not_measured: Option<String>,
    /// Where.
    pub evidence: Json<Vec<Span>>,
}

impl Ratings {
    /// Rates what comes to be known through these parts. Clears its scratch of what an earlier process left.
    pub fn new(
        pool: PgPool,
        jobs: Jobs,
        outbox: Outbox,
        clock: Clock,
        registry: Registry,
        recordings: Recordings,
        config: RatingConfig,
    ) -> std::io::Result<Self> {
        let scratch = Arc::new(Scratch::cleared(&config.scratch)?);
        Ok(Self { pool, jobs, outbox, clock, registry, recordings, scratch, config })
    }

    /// Whether its database answers.
    pub async fn is_ready(&self) -> bool {
        postgres::answers(&self.pool).await
    }
}
