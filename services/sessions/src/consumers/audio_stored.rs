//! `audio.stored`: the recording appears in its session.

use super::Ear;
use crate::recording::RecordingFacts;
use events::AudioStored;
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

impl Hears<AudioStored> for Ear {
    async fn hear(&self, tx: &mut PgConnection, event: AudioStored) -> Result<(), Refusal> {
        let session = events::id("session_id", &event.session_id)?;
        let facts = RecordingFacts {
            revision: event.revision,
            duration_ms: event.duration_ms,
            media_type: event.media_type,
            channel_layout: event.channel_layout,
            warnings: event.warnings,
        };
        Ok(self.0.recording_stored(tx, session, facts).await?)
    }
}
