//! `session.deleted` → nothing of the session is left here.

use crate::secrets::Secrets;
use events::{SessionDeleted, id};
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

impl Hears<SessionDeleted> for Secrets {
    async fn hear(&self, tx: &mut PgConnection, event: SessionDeleted) -> Result<(), Refusal> {
        let learner = id("learner_id", &event.learner_id)?;
        let session = id("session_id", &event.session_id)?;
        Ok(self.erase(tx, learner, session).await?)
    }
}
