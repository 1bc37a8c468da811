//! `session.erased`: a part of a deleted session is erased elsewhere.

use super::Ear;
use crate::words::{Part, UnknownWord};
use events::SessionErased;
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

impl Hears<SessionErased> for Ear {
    async fn hear(&self, tx: &mut PgConnection, event: SessionErased) -> Result<(), Refusal> {
        let session = events::id("session_id", &event.session_id)?;
        let part: Part =
            event.part.parse().map_err(|unknown: UnknownWord| Refusal::Never(Box::new(unknown)))?;
        self.0.part_erased(tx, session, part).await.map_err(|error| Refusal::Again(Box::new(error)))
    }
}
