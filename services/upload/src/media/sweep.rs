//! What nobody else looks after: attempts whose replica died, finished when all their bytes had arrived and cleared away
//! otherwise; takes nobody went on with; and what lies in storage and is nobody's.

use super::{Media, ReceiveError, Received, erase::SETTLE};
use crate::store::{self, Attempt};
use std::time::Duration;
use tracing::instrument;

/// An attempt says every two seconds that it is alive. Unseen for so long, its replica is dead.
const DEAD_AFTER: Duration = Duration::from_mins(1);
/// How often a replica looks.
const LOOK: Duration = Duration::from_secs(20);

impl Media {
    /// Looks after all this until the process stops.
    pub fn keep_sweeping(&self) {
        let media = self.clone();
        self.lifecycle.spawn(async move {
            while media.lifecycle.pause(LOOK).await {
                if let Err(error) = media.sweep(DEAD_AFTER).await {
                    tracing::warn!(error = %problem::chain(&error), "What is left over is looked for later");
                }
            }
        });
    }

    /// Deals with every attempt that was not seen for so long, and with everything else that is due.
    pub async fn sweep(&self, unseen: Duration) -> Result<(), ReceiveError> {
        loop {
            let stale = store::stale(&mut *self.database.acquire().await?, unseen).await?;
            let Some(attempt) = stale else { break };
            self.settle_attempt(&attempt).await?;
        }
        self.expire_takes().await?;
        self.remove_leftovers().await
    }

    async fn expire_takes(&self) -> Result<(), ReceiveError> {
        loop {
            let mut tx = postgres::begin(&self.database).await?;
            let Some((take, joined)) = store::expire(&mut tx).await? else { return Ok(()) };
            if !joined {
                store::let_go(&mut tx, take, SETTLE).await?;
            }
            tx.commit().await?;
        }
    }

    async fn remove_leftovers(&self) -> Result<(), ReceiveError> {
        loop {
            let due = store::due_leftover(&mut *self.database.acquire().await?).await?;
            let Some(leftover) = due else { return Ok(()) };
            self.remove_leftover(&leftover).await?;
            let mut connection = self.database.acquire().await?;
            store::forget_blocks_of(&mut connection, &leftover.key).await?;
            store::strike_off(&mut connection, &[&leftover.key]).await?;
        }
    }

    #[instrument(name = "op.upload.settle", skip_all, fields(medium.id = %attempt.medium))]
    async fn settle_attempt(&self, attempt: &Attempt) -> Result<(), ReceiveError> {
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
