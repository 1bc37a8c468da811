//! `rating.requested` → the session is rated again.

use crate::Ratings;
use events::{RatingRequested, id};
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

impl Hears<RatingRequested> for Ratings {
    async fn hear(&self, tx: &mut PgConnection, event: RatingRequested) -> Result<(), Refusal> {
        let session = id("session_id", &event.session_id)?;
        let learner = id("learner_id", &event.learner_id)?;
        Ok(self.hear_requested(tx, session, learner).await?)
    }
}
