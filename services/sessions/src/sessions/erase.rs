//! A part of a deleted session is erased; when all are, the session is forgotten.

use super::Sessions;
use crate::{
    store::graves,
    words::{PARTS, Part},
};
use ids::SessionId;
use postgres::StoreError;
use sqlx::PgConnection;
use tracing::instrument;

/// That a part is erased could not be noted.
#[derive(Debug, thiserror::Error)]
#[error("an erased part could not be noted")]
pub struct EraseError(#[source] pub StoreError);

impl Sessions {
    /// Notes that a part is erased, in the caller's transaction. Of a session that is not deleted, or is forgotten
    /// already, there is nothing to note.
    #[instrument(name = "op.sessions.part_erased", skip_all, fields(session.id = %session))]
    pub async fn part_erased(
        &self,
        tx: &mut PgConnection,
        session: SessionId,
        part: Part,
    ) -> Result<(), EraseError> {
        let Some(deleted_at) = graves::lock(tx, session).await.map_err(EraseError)? else { return Ok(()) };
        if graves::erased(tx, session, part).await.map_err(EraseError)? == PARTS.len() {
            graves::forget(tx, session, deleted_at, self.clock.now()).await.map_err(EraseError)?;
            tracing::info!(session.id = %session, "Session {session} is erased everywhere");
        }
        Ok(())
    }
}
