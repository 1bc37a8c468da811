//! Attempts whose replica died: finished when all their bytes had arrived, cleared away otherwise.

use super::{Media, ReceiveError, Received};
use crate::store::{self, Attempt};
use std::time::Duration;
use tracing::instrument;

/// An attempt says every two seconds that it is alive. Unseen for so long, its replica is dead.
const DEAD_AFTER: Duration = Duration::from_mins(1);
/// How often a replica looks.
const LOOK: Duration = Duration::from_secs(20);

impl Media {
    /// Looks after dead attempts until the process stops.
    pub fn keep_sweeping(&self) {
        let media = self.clone();
        self.lifecycle.spawn(async move {
            while media.lifecycle.pause(LOOK).await {
                if let Err(error) = media.sweep(DEAD_AFTER).await {
                    tracing::warn!(error = ?error, "Dead attempts are looked for later");
                }
            }
        });
    }

    /// Deals with every attempt that was not seen for so long.
    pub async fn sweep(&self, unseen: Duration) -> Result<(), ReceiveError> {
        loop {
            let stale = store::stale(&mut *self.database.acquire().await?, unseen).await?;
            let Some(attempt) = stale else { return Ok(()) };
            self.settle(&attempt).await?;
        }
    }

    #[instrument(name = "op.upload.settle", skip_all, fields(medium.id = %attempt.medium))]
    async fn settle(&self, attempt: &Attempt) -> Result<(), ReceiveError> {
        if let Some(whole) = attempt.whole
            && self.bucket.size(&attempt.key).await? == Some(whole.bytes)
        {
            match self.keep(attempt, whole).await {
                Ok(Received::New(_)) => return Ok(()),
                Err(error @ ReceiveError::Store(_)) => return Err(error),
                // The learner sent it again meanwhile, or deleted the session.
                Ok(Received::Again(_)) | Err(_) => {}
            }
        }
        self.clear_away(attempt).await;
        Ok(())
    }
}
