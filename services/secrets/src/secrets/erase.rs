//! A learner deleted a session.

use super::{Secrets, leash::Reason};
use crate::{announcements, store};
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use sqlx::PgConnection;
use tracing::instrument;

impl Secrets {
    /// Erases all there is about a session and, in the same commit, says so. What the session used today stays
    /// counted against its learner. A call that goes on is hung up; until then a row without a name stands for it.
    #[instrument(name = "op.secrets.erase", skip_all, fields(session.id = %session))]
    pub async fn erase(
        &self,
        tx: &mut PgConnection,
        learner: LearnerId,
        session: SessionId,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut allowance = store::lock_learner(tx, learner).await?;
        self.end_call_of(tx, session, now, Reason::Deleted).await?;
        if let Some(quota) = store::find_quota(tx, session).await? {
            allowance.erase(&quota, now);
            store::save_learner(tx, learner, &allowance).await?;
        }
        store::calls::disown(tx, session).await?;
        store::erase(tx, session, now).await?;
        self.outbox.append(tx, &announcements::erased(session)).await?;
        Ok(())
    }
}
