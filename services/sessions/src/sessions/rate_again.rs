//! A learner asks for another rating.

use super::{Sessions, commit, keyed::KeyedError};
use crate::{
    announcements,
    fingerprint::Taker,
    session::Practice,
    store::{
        self,
        keys::{self, Claim, Keyed},
    },
};
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use tracing::instrument;

/// Another rating was not asked for.
#[derive(Debug, thiserror::Error)]
pub enum RateAgainError {
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
    /// The key stands in the way, or the database does.
    #[error("another rating could not be asked for")]
    Keyed(#[source] KeyedError),
}

impl From<StoreError> for RateAgainError {
    fn from(error: StoreError) -> Self {
        Self::Keyed(error.into())
    }
}

impl Sessions {
    /// Asks for another rating, once for each key. The ones before stay until it is there.
    #[instrument(name = "op.sessions.rate_again", skip_all, fields(session.id = %session))]
    pub async fn rate_again(
        &self,
        learner: LearnerId,
        session: SessionId,
        key: String,
    ) -> Result<Practice, RateAgainError> {
        let fingerprint = Taker::default().text(&session.to_string()).done();
        let keyed = Keyed { learner, operation: "rate", key, fingerprint };
        let not_found = || RateAgainError::NotFound { session };

        let mut tx = self.begin_in_turn().await?;
        if !store::lock(&mut tx, session, Some(learner)).await? {
            return Err(not_found());
        }
        let claim = keys::claim(&mut tx, &keyed, session, self.clock.now()).await?;
        let mut practice = store::find(&mut tx, session, Some(learner)).await?.ok_or_else(not_found)?;
        match claim {
            Claim::Another => return Err(RateAgainError::Keyed(KeyedError::Reused)),
            Claim::Before(_) => return Ok(practice),
            Claim::New => {}
        }
        if practice.session.sealed().is_none() {
            return Err(RateAgainError::StillOpen { session });
        }
        practice.rating = practice.rating.awaited();
        store::save_rating(&mut tx, session, &practice.rating).await?;
        self.outbox.append(&mut tx, &announcements::rating_requested(session, learner)).await?;
        store::notify_changed(&mut tx, session).await?;
        commit(tx).await?;
        Ok(practice)
    }
}
