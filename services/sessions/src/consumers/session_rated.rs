//! `session.rated`: the rating is to be fetched.

use super::Ear;
use events::SessionRated;
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

impl Hears<SessionRated> for Ear {
    async fn hear(&self, tx: &mut PgConnection, event: SessionRated) -> Result<(), Refusal> {
        let session = events::id("session_id", &event.session_id)?;
        Ok(self.0.rating_ready(tx, session).await?)
    }
}
