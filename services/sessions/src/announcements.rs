//! What the others are told: ids and facts, never words.

use crate::session::{Sealed, Session};
use clock::{Timestamp, millis};
use events::{RatingRequested, SessionDeleted, SessionFinalized, SessionStarted};
use ids::{LearnerId, SessionId};

/// The only way of practising so far.
pub const MODE: &str = "conversation";

/// A learner opened a session.
#[must_use]
pub fn started(session: &Session) -> SessionStarted {
    SessionStarted {
        session_id: session.id.to_string(),
        learner_id: session.learner.to_string(),
        topic_id: session.topic.id.to_string(),
        mode: MODE.to_owned(),
        recording_policy: session.recording_policy.as_str().to_owned(),
        started_at_ms: millis(session.started_at),
    }
}

/// The transcript of a session is sealed.
#[must_use]
pub fn finalized(session: &Session, sealed: &Sealed) -> SessionFinalized {
    SessionFinalized {
        session_id: session.id.to_string(),
        learner_id: session.learner.to_string(),
        finalized_at_ms: millis(sealed.at),
        duration_ms: sealed.duration_ms,
        transcript_revision: sealed.transcript.revision,
        recording_policy: session.recording_policy.as_str().to_owned(),
        end_reason: sealed.reason.as_str().to_owned(),
    }
}

/// A learner deleted a session.
#[must_use]
pub fn deleted(session: SessionId, learner: LearnerId, at: Timestamp) -> SessionDeleted {
    SessionDeleted {
        session_id: session.to_string(),
        learner_id: learner.to_string(),
        deleted_at_ms: millis(at),
    }
}

/// A learner asks for another rating.
#[must_use]
pub fn rating_requested(session: SessionId, learner: LearnerId) -> RatingRequested {
    RatingRequested { session_id: session.to_string(), learner_id: learner.to_string() }
}
