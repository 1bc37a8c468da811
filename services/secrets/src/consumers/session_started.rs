//! `session.started` → a quota opens.

use crate::secrets::Secrets;
use events::{SessionStarted, id};
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

impl Hears<SessionStarted> for Secrets {
    async fn hear(&self, tx: &mut PgConnection, event: SessionStarted) -> Result<(), Refusal> {
        let learner = id("learner_id", &event.learner_id)?;
        let session = id("session_id", &event.session_id)?;
        Ok(self.open_quota(tx, learner, session, clock::from_millis(event.started_at_ms)).await?)
    }
}
