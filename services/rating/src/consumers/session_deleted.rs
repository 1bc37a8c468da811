//! `session.deleted` → the rating is erased.

use crate::Ratings;
use events::{SessionDeleted, id};
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

impl Hears<SessionDeleted> for Ratings {
    async fn hear(&self, tx: &mut PgConnection, event: SessionDeleted) -> Result<(), Refusal> {
        let session = id("session_id", &event.session_id)?;
        let learner = id("learner_id", &event.learner_id)?;
        Ok(self.erase(tx, session, learner, clock::from_millis(event.deleted_at_ms)).await?)
    }
}
