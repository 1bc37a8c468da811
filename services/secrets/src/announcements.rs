//! What this service says to the others.

use events::SessionErased;
use ids::SessionId;

/// The part of a session that lies here.
const PART: &str = "secrets";

/// Nothing is left here of a session.
#[must_use]
pub fn erased(session: SessionId) -> SessionErased {
    SessionErased { session_id: session.to_string(), part: PART.to_owned() }
}
