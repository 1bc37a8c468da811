//! A session was started.

use super::Secrets;
use crate::store;
use clock::Timestamp;
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use sqlx::PgConnection;
use tracing::instrument;

impl Secrets {
    /// Opens the quota of a session, unless the session was deleted before we heard of it.
    #[instrument(name = "op.secrets.open_quota", skip_all, fields(session.id = %session))]
    pub async fn open_quota(
        &self,
        tx: &mut PgConnection,
        learner: LearnerId,
        session: SessionId,
        started_at: Timestamp,
    ) -> Result<(), StoreError> {
        store::lock_learner(tx, learner).await?;
        if !store::is_erased(tx, session).await? {
            store::open_quota(tx, session, learner, started_at).await?;
        }
        Ok(())
    }
}
