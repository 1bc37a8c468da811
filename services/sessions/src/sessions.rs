//! The service as a value: what it can do, for its three faces alike.

mod audit;
mod delete;
mod draft;
mod erase;
mod fetch_rating;
mod finalize;
mod heartbeat;
mod history;
mod interrupt;
mod keyed;
mod look;
mod rate_again;
mod ratings;
mod recording;
mod start;
mod take_feedback;
mod watch;

pub use delete::DeleteError;
pub use draft::{DraftError, SentDraft};
pub use erase::EraseError;
pub use fetch_rating::FetchRating;
pub use finalize::{Ended, FinalizeError};
pub use heartbeat::HeartbeatError;
pub use history::{History, HistoryError};
pub use interrupt::InterruptError;
pub use keyed::KeyedError;
pub use look::LookError;
pub use rate_again::RateAgainError;
pub use start::{StartError, Wanted};
pub use take_feedback::FeedbackError;
pub use watch::{Seen, Watch};

use crate::{changes::Changes, topic_catalog::TopicCatalog};
use clock::Clock;
use ids::Ids;
use jobs::Jobs;
use outbox::Outbox;
use postgres::StoreError;
use sqlx::{PgPool, Postgres, Transaction};
use std::time::Duration;

/// Everything the verbs work with.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// The service's own database.
    pub pool: PgPool,
    /// Where it says what happened.
    pub outbox: Outbox,
    /// Where it asks for slow work.
    pub jobs: Jobs,
    /// Who knows the topics.
    pub topics: TopicCatalog,
    /// What changed, on any replica.
    pub changes: Changes,
    /// The time.
    pub clock: Clock,
    /// New identifiers.
    pub ids: Ids,
    /// How long nobody is heard of before a session is sealed as it is.
    pub abandoned_after: Duration,
    /// Whether the realtime provider writes down every word as it is said.
    pub verbatim: bool,
}

impl Sessions {
    async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(postgres::begin(&self.pool).await?)
    }

    /// A transaction for a request that may come twice at once: the second waits for the first, but not for ever.
    async fn begin_in_turn(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let mut tx = postgres::begin(&self.pool).await?;
        crate::store::wait_at_most_two_seconds(&mut tx).await?;
        Ok(tx)
    }
}

async fn commit(tx: Transaction<'static, Postgres>) -> Result<(), StoreError> {
    Ok(tx.commit().await?)
}
