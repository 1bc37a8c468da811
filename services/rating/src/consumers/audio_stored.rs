//! `audio.stored` → the session is rated with its recording, again if it was rated without.

use crate::Ratings;
use events::{AudioStored, id};
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

impl Hears<AudioStored> for Ratings {
    async fn hear(&self, tx: &mut PgConnection, event: AudioStored) -> Result<(), Refusal> {
        let session = id("session_id", &event.session_id)?;
        let learner = id("learner_id", &event.learner_id)?;
        Ok(self.hear_recorded(tx, session, learner, event.revision).await?)
    }
}
