//! A session is expected, and a session is gone.

use super::Media;
use crate::{
    announcements,
    bucket::{BucketError, Multipart},
    store::{self, Expectation, Leftover, Remains},
};
use ids::SessionId;
use jobs::{FinishError, Lease, Setback, Work};
use postgres::StoreError;
use sqlx::PgConnection;
use std::time::Duration;
use tracing::instrument;

/// The kind of job.
const KIND: &str = "erase_recording";
/// Whoever still writes to storage for a deleted session knows better after so long: a worker lost its lease, a
/// receiver heard it from the database, or both are dead.
pub(super) const SETTLE: Duration = Duration::from_secs(8);

/// Erases what belongs to deleted sessions.
#[derive(Clone, Debug)]
pub struct Erase(pub Media);

/// What is not erased yet.
#[derive(Debug, thiserror::Error)]
enum EraseError {
    #[error("somebody may still be writing")]
    Busy,
    #[error("storage did not delete it")]
    Bucket(#[source] BucketError),
    #[error("the database did not forget it")]
    Store(#[source] StoreError),
}

impl From<StoreError> for EraseError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Media {
    /// Notes that a session's recording is expected, so that it can be received while sessions gives no answer.
    pub async fn expect(
        &self,
        tx: &mut PgConnection,
        session: SessionId,
        expectation: &Expectation,
    ) -> Result<(), StoreError> {
        store::expect(tx, session, expectation, self.clock.now()).await
    }

    /// Notes that a session is deleted and asks for its recording to be erased. From the commit on nobody sees it.
    pub async fn bury(&self, tx: &mut PgConnection, session: SessionId) -> Result<(), StoreError> {
        store::lock(tx, session).await?;
        store::bury(tx, session, self.clock.now()).await?;
        // Whoever is just joining its takes writes to storage until they find out.
        let joins = jobs::forget(tx, super::join::KIND, &session.to_string()).await?;
        let delay = if joins { SETTLE } else { Duration::ZERO };
        self.jobs.ask(tx, KIND, &session.to_string(), delay).await
    }

    /// Removes everything of a deleted session from storage, then from the database.
    #[instrument(name = "op.upload.erase", skip_all, fields(session.id = %session))]
    async fn erase(&self, session: SessionId) -> Result<(), EraseError> {
        // All of it or nothing: what is laid down is not found again, and its job would go on.
        let mut tx = postgres::begin(&self.database).await.map_err(StoreError::from)?;
        for medium in store::lay_down(&mut tx, session).await? {
            jobs::forget(&mut tx, super::process::KIND, &medium.to_string()).await?;
        }
        for take in store::end_takes(&mut tx, session).await? {
            jobs::forget(&mut tx, super::seal::KIND, &take.to_string()).await?;
            store::let_go(&mut tx, take, SETTLE).await?;
        }
        store::hasten(&mut tx, session, SETTLE).await?;
        tx.commit().await.map_err(StoreError::from)?;
        let mut connection = self.database.acquire().await.map_err(StoreError::from)?;
        let remains = store::remains(&mut connection, session, SETTLE).await?;
        let leftovers = store::leftovers_of(&mut connection, session).await?;
        if remains.iter().any(|remains| remains.busy) || leftovers.iter().any(|(_, busy)| *busy) {
            return Err(EraseError::Busy);
        }
        for remains in remains {
            self.remove(&remains).await.map_err(EraseError::Bucket)?;
            store::erase(&mut connection, remains.medium).await?;
        }
        for (leftover, _) in leftovers {
            self.remove_leftover(&leftover).await.map_err(EraseError::Bucket)?;
        }
        store::forget_blocks(&mut connection, session).await?;
        Ok(store::erase_takes(&mut connection, session).await?)
    }

    /// Removes something that is nobody's from storage.
    pub(super) async fn remove_leftover(&self, leftover: &Leftover) -> Result<(), BucketError> {
        if let Some(id) = leftover.multipart.clone() {
            self.bucket.abort(&Multipart { key: leftover.key.clone(), id }).await?;
        }
        self.bucket.delete(&leftover.key).await
    }

    async fn remove(&self, remains: &Remains) -> Result<(), BucketError> {
        if let (Some(id), Some(key)) = (&remains.multipart, remains.keys.first()) {
            self.bucket.abort(&Multipart { key: key.clone(), id: id.clone() }).await?;
        }
        for key in &remains.keys {
            self.bucket.delete(key).await?;
        }
        Ok(())
    }
}

impl Work for Erase {
    const KIND: &'static str = KIND;

    async fn work(&self, lease: &Lease) -> Result<(), Setback> {
        let media = &self.0;
        let store = |error: StoreError| Setback::Finish(FinishError::Store(error));
        let erased = match lease.subject.parse::<SessionId>() {
            Ok(session) => match media.erase(session).await {
                Ok(()) => Some(session),
                Err(EraseError::Busy) => {
                    return Err(Setback::Again { after: Duration::from_secs(1), reason: "still_written" });
                }
                Err(error) => {
                    tracing::warn!(error = %problem::chain(&error), session.id = %session, "A recording is erased later");
                    let after = Duration::from_secs(1 << lease.attempt.clamp(1, 5));
                    return Err(Setback::Again { after, reason: "not_erased" });
                }
            },
            Err(_) => None,
        };
        let mut tx = postgres::begin(&media.database).await.map_err(|error| store(error.into()))?;
        if let Some(session) = erased
            && store::mark_erased(&mut tx, session, media.clock.now()).await.map_err(store)?
        {
            media.outbox.append(&mut tx, &announcements::session_erased(session)).await.map_err(store)?;
        }
        jobs::complete(&mut tx, lease).await?;
        tx.commit().await.map_err(|error| store(error.into()))
    }
}
