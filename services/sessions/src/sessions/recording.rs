//! The recording appears in its session.

use super::Sessions;
use crate::{recording::RecordingFacts, store};
use ids::SessionId;
use postgres::StoreError;
use sqlx::PgConnection;
use tracing::instrument;

impl Sessions {
    /// Takes over what upload says about the recording, in the caller's transaction. Older news, and news of a session
    /// that is gone, changes nothing.
    #[instrument(name = "op.sessions.recording_stored", skip_all, fields(session.id = %session))]
    pub async fn recording_stored(
        &self,
        tx: &mut PgConnection,
        session: SessionId,
        facts: RecordingFacts,
    ) -> Result<(), StoreError> {
        if !store::lock(tx, session, None).await? {
            return Ok(());
        }
        let Some(practice) = store::find(tx, session, None).await? else { return Ok(()) };
        let recording = practice.recording.clone().stored(facts);
        if recording != practice.recording {
            store::save_recording(tx, session, &recording).await?;
            store::notify_changed(tx, session).await?;
        }
        Ok(())
    }
}
