//! `session.finalized` → its takes become its recording.

use crate::media::Media;
use events::SessionFinalized;
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

/// Hears that a session was finalized.
#[derive(Clone, Debug)]
pub struct SessionFinalizedEar(pub Media);

impl Hears<SessionFinalized> for SessionFinalizedEar {
    async fn hear(&self, tx: &mut PgConnection, event: SessionFinalized) -> Result<(), Refusal> {
        let session = events::id("session_id", &event.session_id)?;
        Ok(self.0.end(tx, session).await?)
    }
}
