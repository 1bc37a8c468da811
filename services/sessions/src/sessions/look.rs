//! Looking at one session.

use super::Sessions;
use crate::{session::Practice, store};
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use seeded_bug::Bug;
use tracing::instrument;

/// A session could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// There is no such session, or it is somebody else's.
    #[error("there is no session {session}")]
    NotFound {
        /// The session.
        session: SessionId,
    },
    /// It could not be read.
    #[error("the session could not be read")]
    Store(#[source] StoreError),
}

impl From<StoreError> for LookError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Sessions {
    /// The learner's session.
    #[instrument(name = "op.sessions.look", skip_all, fields(session.id = %session))]
    pub async fn look(&self, learner: LearnerId, session: SessionId) -> Result<Practice, LookError> {
        let owner = Some(learner).filter(|_| !seeded_bug::is_made(Bug::AnybodysSession));
        self.read(session, owner).await
    }

    /// Anybody's session, for another service.
    #[instrument(name = "op.sessions.look_up", skip_all, fields(session.id = %session))]
    pub async fn look_up(&self, session: SessionId) -> Result<Practice, LookError> {
        self.read(session, None).await
    }

    async fn read(&self, session: SessionId, learner: Option<LearnerId>) -> Result<Practice, LookError> {
        let mut connection = self.pool.acquire().await.map_err(StoreError::from)?;
        store::find(&mut connection, session, learner).await?.ok_or(LookError::NotFound { session })
    }
}
