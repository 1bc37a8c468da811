//! Erasing what is known about a deleted session. Delete wins: a rating in flight finds the tombstone.

use super::{HearError, Ratings, rate};
use crate::{announcements, store};
use clock::Timestamp;
use ids::{LearnerId, SessionId};
use sqlx::PgConnection;

impl Ratings {
    /// Erases rating, findings and job of a session and says so, in the same transaction.
    pub async fn erase(
        &self,
        tx: &mut PgConnection,
        session: SessionId,
        learner: LearnerId,
        deleted_at: Timestamp,
    ) -> Result<(), HearError> {
        let failed = |why| HearError::Store { session, why };
        let practice = store::lock(tx, session, learner).await.map_err(failed)?;
        if practice.learner != learner {
            return Err(HearError::OtherLearner(session));
        }
        store::erase(tx, session, deleted_at).await.map_err(failed)?;
        jobs::forget(tx, rate::KIND, &session.to_string()).await.map_err(failed)?;
        self.outbox.append(tx, &announcements::erased(session)).await.map_err(failed)?;
        Ok(())
    }
}
