//! `session.finalized` → the session is rated, once its recording is there or will not come.

use crate::{Ratings, practice::Finalized};
use events::{SessionFinalized, id};
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

impl Hears<SessionFinalized> for Ratings {
    async fn hear(&self, tx: &mut PgConnection, event: SessionFinalized) -> Result<(), Refusal> {
        let session = id("session_id", &event.session_id)?;
        let learner = id("learner_id", &event.learner_id)?;
        let at = clock::from_millis(event.finalized_at_ms);
        let keeps_recording = event.recording_policy != "never";
        Ok(self.hear_finalized(tx, session, learner, Finalized { at, keeps_recording }).await?)
    }
}
