//! The service as a value: it receives recordings whole or in takes, makes them playable, plays and erases them.

mod access;
mod arrival;
mod begin_take;
mod desks;
mod erase;
mod fetch_takes;
mod find_take;
mod join;
mod play;
mod process;
mod receive;
mod seal;
mod sweep;
mod take_parts;
mod terminate_take;
mod write_take;

pub use access::AccessError;
pub use arrival::ArrivalError;
pub use begin_take::{BeginTakeError, Intent};
pub use erase::Erase;
pub use find_take::TakeError;
pub use join::Join;
pub use play::{PlayError, Playing};
pub use process::Process;
pub use receive::{ReceiveError, Received};
pub use seal::Seal;
pub use write_take::{Chunk, WriteError};

use crate::{bucket::Bucket, ffmpeg::Ffmpeg, registry::Registry};
use clock::Clock;
use desks::Desks;
use ids::Ids;
use jobs::Jobs;
use lifecycle::Lifecycle;
use outbox::Outbox;
use sqlx::PgPool;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Recordings that one replica receives at once. Each holds two parts in memory.
const RECEIVED_AT_ONCE: usize = 16;
/// Takes that one replica writes at once. Each holds what came in a second, and two parts in memory at most.
const WRITTEN_AT_ONCE: usize = 64;
/// Of these, one learner has so many: what is recorded now, and what was left of earlier practices.
const WRITTEN_BY_ONE: usize = 16;

/// Everything this service knows and can do.
#[derive(Clone, Debug)]
pub struct Media {
    database: PgPool,
    bucket: Bucket,
    registry: Registry,
    ffmpeg: Ffmpeg,
    outbox: Outbox,
    jobs: Jobs,
    clock: Clock,
    ids: Ids,
    lifecycle: Lifecycle,
    room: Arc<Semaphore>,
    desks: Desks,
}

/// What [`Media`] is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Its database.
    pub database: PgPool,
    /// Where recordings lie.
    pub bucket: Bucket,
    /// Who knows about sessions.
    pub registry: Registry,
    /// What makes recordings playable.
    pub ffmpeg: Ffmpeg,
    /// Where it says what it did.
    pub outbox: Outbox,
    /// Where it asks for slow work.
    pub jobs: Jobs,
    /// What time it is.
    pub clock: Clock,
    /// When to stop.
    pub lifecycle: Lifecycle,
}

impl Media {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self {
            database: parts.database,
            bucket: parts.bucket,
            registry: parts.registry,
            ffmpeg: parts.ffmpeg,
            outbox: parts.outbox,
            jobs: parts.jobs,
            clock: parts.clock,
            ids: Ids,
            lifecycle: parts.lifecycle,
            room: Arc::new(Semaphore::new(RECEIVED_AT_ONCE)),
            desks: Desks::new(WRITTEN_AT_ONCE, WRITTEN_BY_ONE),
        }
    }

    /// Whether everything it cannot do without is there.
    pub async fn is_ready(&self) -> bool {
        postgres::answers(&self.database).await
    }
}
