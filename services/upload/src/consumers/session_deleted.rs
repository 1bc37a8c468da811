//! `session.deleted` → its recording is erased, also one that is still on its way.

use crate::media::Media;
use events::SessionDeleted;
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

/// Hears that a session was deleted.
#[derive(Clone, Debug)]
pub struct SessionDeletedEar(pub Media);

impl Hears<SessionDeleted> for SessionDeletedEar {
    async fn hear(&self, tx: &mut PgConnection, event: SessionDeleted) -> Result<(), Refusal> {
        let session = events::id("session_id", &event.session_id)?;
        Ok(self.0.bury(tx, session).await?)
    }
}
