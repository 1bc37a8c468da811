//! `session.finalized` → the quota closes, the session's secrets are revoked and its call is hung up.

use crate::secrets::Secrets;
use events::{SessionFinalized, id};
use inbox::{Hears, Refusal};
use sqlx::PgConnection;
use std::time::Duration;

impl Hears<SessionFinalized> for Secrets {
    async fn hear(&self, tx: &mut PgConnection, event: SessionFinalized) -> Result<(), Refusal> {
        let learner = id("learner_id", &event.learner_id)?;
        let session = id("session_id", &event.session_id)?;
        let took = Duration::from_millis(event.duration_ms.into());
        Ok(self.close_quota(tx, learner, session, clock::from_millis(event.finalized_at_ms), took).await?)
    }
}
