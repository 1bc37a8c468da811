//! A learner takes a take back.

use super::{Media, TakeError, erase::SETTLE};
use crate::store;
use ids::{LearnerId, TakeId};
use std::time::Duration;
use tracing::instrument;

impl Media {
    /// Ends a take that is not complete. Its bytes are removed soon; whoever writes to it finds out.
    #[instrument(name = "op.upload.terminate_take", skip_all, fields(take.id = %take))]
    pub async fn terminate_take(&self, learner: LearnerId, take: TakeId) -> Result<(), TakeError> {
        let session = self.find_take(learner, take).await?.session;
        let mut tx = postgres::begin(&self.database).await?;
        if !store::terminate(&mut tx, learner, take).await? {
            return Err(TakeError::Complete { take });
        }
        store::let_go(&mut tx, take, SETTLE).await?;
        self.ask_to_join(&mut tx, session, Duration::ZERO).await?;
        Ok(tx.commit().await?)
    }
}
