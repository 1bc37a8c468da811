//! `rating.failed`: the session says so.

use super::Ear;
use events::RatingFailed;
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

impl Hears<RatingFailed> for Ear {
    async fn hear(&self, tx: &mut PgConnection, event: RatingFailed) -> Result<(), Refusal> {
        let session = events::id("session_id", &event.session_id)?;
        Ok(self.0.rating_failed(tx, session, event.rating_revision, event.reason).await?)
    }
}
