//! How far a take has come.

use super::Media;
use crate::{
    store,
    take::{LEASE, Take, TakeState},
};
use ids::{LearnerId, TakeId};
use postgres::StoreError;
use std::time::Duration;
use tokio::time::Instant;
use tracing::instrument;

/// A writer that says nothing more has lost its lease by then. One that goes on and on is not waited for: it is no
/// predecessor.
const PATIENCE: Duration = LEASE;
const LOOK: Duration = Duration::from_millis(50);

/// A take cannot be found, or not be taken back.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// The learner has no such take.
    #[error("learner {learner} has no take {take}")]
    NoTake {
        /// Who asked.
        learner: LearnerId,
        /// For what.
        take: TakeId,
    },
    /// It was terminated, or expired.
    #[error("take {take} is gone")]
    Gone {
        /// Which take.
        take: TakeId,
    },
    /// It is a part of the recording, which is deleted with its session.
    #[error("take {take} is complete")]
    Complete {
        /// Which take.
        take: TakeId,
    },
    /// The database could not be asked.
    #[error("the take could not be looked up")]
    Store(#[source] StoreError),
}

impl From<StoreError> for TakeError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for TakeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Media {
    /// How far a learner's take has come.
    #[instrument(name = "op.upload.find_take", skip_all, fields(take.id = %take))]
    pub async fn find_take(&self, learner: LearnerId, take: TakeId) -> Result<Take, TakeError> {
        let mut connection = self.database.acquire().await?;
        match store::find_take(&mut connection, learner, take).await? {
            None => Err(TakeError::NoTake { learner, take }),
            Some(found) if found.state == TakeState::Gone => Err(TakeError::Gone { take }),
            Some(found) => Ok(found),
        }
    }

    /// How far a learner's take has come, once what is on its way into storage is counted. Whoever lost a connection
    /// goes on from there, and would otherwise send again what did arrive, or be turned away until the lease of its
    /// predecessor has run out.
    #[instrument(name = "op.upload.find_settled_take", skip_all, fields(take.id = %take))]
    pub async fn find_settled_take(&self, learner: LearnerId, take: TakeId) -> Result<Take, TakeError> {
        let began = Instant::now();
        loop {
            let is_held = store::is_held(&mut *self.database.acquire().await?, take).await?;
            let found = self.find_take(learner, take).await?;
            if !is_held || began.elapsed() > PATIENCE {
                return Ok(found);
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}
