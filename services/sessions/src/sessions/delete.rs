//! A learner deletes a session. From that moment there is none; what lies elsewhere is erased there.

use super::{
    FetchRating, Sessions,
    audit::{self, Event},
    commit,
};
use crate::{announcements, store};
use ids::{LearnerId, SessionId};
use jobs::Work as _;
use postgres::StoreError;
use tracing::instrument;

/// A session was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// There is no such session, or it is somebody else's.
    #[error("there is no session {session}")]
    NotFound {
        /// The session.
        session: SessionId,
    },
    /// It could not be written.
    #[error("the session could not be deleted")]
    Store(#[source] StoreError),
}

impl From<StoreError> for DeleteError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Sessions {
    /// Deletes the session with its words and ratings, and says so.
    #[instrument(name = "op.sessions.delete", skip_all, fields(session.id = %session))]
    pub async fn delete(&self, learner: LearnerId, session: SessionId) -> Result<(), DeleteError> {
        let deleted = self.bury(learner, session).await;
        match &deleted {
            Ok(()) => audit::done(Event::Deleted, session),
            Err(error) => {
                audit::not_done(Event::Deleted, session, matches!(error, DeleteError::NotFound { .. }));
            }
        }
        deleted
    }

    async fn bury(&self, learner: LearnerId, session: SessionId) -> Result<(), DeleteError> {
        let now = self.clock.now();
        let mut tx = self.begin().await?;
        if !store::lock(&mut tx, session, Some(learner)).await? {
            return Err(DeleteError::NotFound { session });
        }
        store::graves::bury(&mut tx, session, now).await?;
        jobs::forget(&mut tx, FetchRating::KIND, &session.to_string()).await?;
        self.outbox.append(&mut tx, &announcements::deleted(session, learner, now)).await?;
        store::notify_changed(&mut tx, session).await?;
        Ok(commit(tx).await?)
    }
}
