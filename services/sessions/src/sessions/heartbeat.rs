//! The learner is still there.

use super::Sessions;
use crate::store::{self, absence};
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use tracing::instrument;

/// That the learner is there was not noted.
#[derive(Debug, thiserror::Error)]
pub enum HeartbeatError {
    /// There is no such session, or it is somebody else's.
    #[error("there is no session {session}")]
    NotFound {
        /// The session.
        session: SessionId,
    },
    /// It is over.
    #[error("session {session} is over")]
    Over {
        /// The session.
        session: SessionId,
    },
    /// It could not be written.
    #[error("the heartbeat could not be noted")]
    Store(#[source] StoreError),
}

impl From<StoreError> for HeartbeatError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Sessions {
    /// Notes that the learner is there, so that the session stays open for them.
    #[instrument(name = "op.sessions.heartbeat", skip_all, fields(session.id = %session))]
    pub async fn heartbeat(&self, learner: LearnerId, session: SessionId) -> Result<(), HeartbeatError> {
        let mut connection = self.pool.acquire().await.map_err(StoreError::from)?;
        if absence::seen(&mut connection, session, learner).await? {
            return Ok(());
        }
        match store::standing(&mut connection, session, learner).await? {
            Some(_) => Err(HeartbeatError::Over { session }),
            None => Err(HeartbeatError::NotFound { session }),
        }
    }
}
