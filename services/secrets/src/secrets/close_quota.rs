//! A session is over.

use super::{Secrets, leash::Reason};
use crate::store;
use clock::Timestamp;
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use sqlx::PgConnection;
use std::time::Duration;
use tracing::instrument;

impl Secrets {
    /// Closes the quota of a session with what it took, revokes its secrets and hangs up its call.
    #[instrument(name = "op.secrets.close_quota", skip_all, fields(session.id = %session))]
    pub async fn close_quota(
        &self,
        tx: &mut PgConnection,
        learner: LearnerId,
        session: SessionId,
        finalized_at: Timestamp,
        took: Duration,
    ) -> Result<(), StoreError> {
        store::lock_learner(tx, learner).await?;
        if !store::is_erased(tx, session).await? {
            store::close_quota(tx, session, learner, finalized_at, took).await?;
            store::revoke_secrets(tx, session, self.clock.now()).await?;
            self.end_call_of(tx, session, finalized_at, Reason::Finalized).await?;
        }
        Ok(())
    }
}
