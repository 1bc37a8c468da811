//! Storing the catalogue that comes with the service.

use super::Topics;
use crate::{announcements, store, topic::Topic};
use postgres::StoreError;
use tracing::instrument;

/// What storing the catalogue came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeded {
    /// Topics that were new or had a higher version.
    pub changed: usize,
    /// Topics that stayed as they are.
    pub kept: usize,
}

/// Why nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The database failed.
    #[error("the catalogue could not be stored")]
    Store(#[source] StoreError),
    /// The outbox failed.
    #[error("a changed topic could not be announced")]
    Outbox(#[source] StoreError),
}

impl Topics {
    /// Stores topics that are new or have a higher version and, in the same commit, announces these and no others.
    /// A topic that was edited here later, under a higher version, is left as it is.
    #[instrument(name = "op.topics.seed", skip_all)]
    pub async fn seed(&self, catalogue: &[Topic]) -> Result<Seeded, SeedError> {
        let store_error = |error: sqlx::Error| SeedError::Store(error.into());
        let now = self.clock.now();
        let mut tx = postgres::begin(&self.database).await.map_err(store_error)?;
        let mut changed = 0;
        for topic in catalogue {
            if store::upsert_newer(&mut tx, topic, now).await.map_err(SeedError::Store)? {
                changed += 1;
                let event = announcements::topic_changed(topic);
                self.outbox.append(&mut tx, &event).await.map_err(SeedError::Outbox)?;
            }
        }
        tx.commit().await.map_err(store_error)?;
        Ok(Seeded { changed, kept: catalogue.len() - changed })
    }
}
