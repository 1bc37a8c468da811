//! What rating tells the others.

use events::{RatingFailed, SessionErased, SessionRated};
use ids::{LearnerId, SessionId};

/// A rating is ready.
pub fn rated(session: SessionId, learner: LearnerId, revision: u32) -> SessionRated {
    SessionRated {
        session_id: session.to_string(),
        learner_id: learner.to_string(),
        rating_revision: revision,
    }
}

/// Rating gave up until somebody asks again.
pub fn failed(session: SessionId, learner: LearnerId, revision: u32, reason: &str) -> RatingFailed {
    RatingFailed {
        session_id: session.to_string(),
        learner_id: learner.to_string(),
        rating_revision: revision,
        reason: reason.to_owned(),
    }
}

/// Rating's part of a deleted session is erased.
pub fn erased(session: SessionId) -> SessionErased {
    SessionErased { session_id: session.to_string(), part: "rating".to_owned() }
}
