//! What this service tells the others.

use crate::medium::{Form, Medium};
use events::{AudioStored, SessionErased};
use ids::SessionId;

/// A recording can be played.
pub fn audio_stored(medium: &Medium) -> AudioStored {
    let played = medium.played_as(Form::Original);
    AudioStored {
        session_id: medium.session.to_string(),
        learner_id: medium.owner.to_string(),
        medium_id: medium.id.to_string(),
        revision: medium.revision,
        duration_ms: medium.duration_ms,
        bytes: played.bytes,
        media_type: played.container.media_type().to_owned(),
        channel_layout: medium.layout.name().to_owned(),
        warnings: medium.warnings.clone(),
    }
}

/// Nothing of a deleted session's recording is left.
pub fn session_erased(session: SessionId) -> SessionErased {
    SessionErased { session_id: session.to_string(), part: "upload".to_owned() }
}
