//! How it was, as the learner says afterwards.

use super::Sessions;
use crate::{store, words::Feedback};
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use tracing::instrument;

/// What the learner thinks of a session was not noted.
#[derive(Debug, thiserror::Error)]
pub enum FeedbackError {
    /// There is no such session, or it is somebody else's.
    #[error("there is no session {session}")]
    NotFound {
        /// The session.
        session: SessionId,
    },
    /// It is not over.
    #[error("session {session} is still open")]
    StillOpen {
        /// The session.
        session: SessionId,
    },
    /// It could not be written.
    #[error("the feedback could not be noted")]
    Store(#[source] StoreError),
}

impl From<StoreError> for FeedbackError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Sessions {
    /// Notes and counts how a session was. Only the first word counts: whoever says it again, or says another, changes
    /// nothing.
    #[instrument(name = "op.sessions.take_feedback", skip_all, fields(session.id = %session))]
    pub async fn take_feedback(
        &self,
        learner: LearnerId,
        session: SessionId,
        feedback: Feedback,
    ) -> Result<(), FeedbackError> {
        let mut connection = self.pool.acquire().await.map_err(StoreError::from)?;
        if store::set_feedback(&mut connection, session, learner, feedback).await? {
            metrics::counter!("session_feedback_total", "feedback" => feedback.as_str()).increment(1);
            return Ok(());
        }
        match store::standing(&mut connection, session, learner).await? {
            Some(standing) if standing.finalized => Ok(()),
            Some(_) => Err(FeedbackError::StillOpen { session }),
            None => Err(FeedbackError::NotFound { session }),
        }
    }
}
