//! Who may do what with a session's recording.

use super::Media;
use crate::{
    registry::{NoAnswer, Standing},
    store::{self, Expectation},
};
use ids::{LearnerId, SessionId};
use postgres::StoreError;

/// A learner has no business here, or nobody can say.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// There is no such session for this learner.
    #[error("learner {learner} has no session {session}")]
    NoSession {
        /// Who asked.
        learner: LearnerId,
        /// About what.
        session: SessionId,
    },
    /// Sessions gives no answer, and nothing is known here.
    #[error("nobody can say whether session {session} exists")]
    Unknown {
        /// Which session.
        session: SessionId,
        /// Why.
        #[source]
        cause: NoAnswer,
    },
    /// The database could not be asked.
    #[error("what is known of session {session} could not be read")]
    Store {
        /// Which session.
        session: SessionId,
        /// Why.
        #[source]
        cause: StoreError,
    },
}

impl Media {
    /// A learner's session, as sessions knows it; while sessions gives no answer, as it once announced it.
    pub(super) async fn session_of(
        &self,
        learner: LearnerId,
        session: SessionId,
    ) -> Result<Expectation, AccessError> {
        let store = |cause| AccessError::Store { session, cause };
        let mut connection = self.database.acquire().await.map_err(|error| store(error.into()))?;
        let gone = || AccessError::NoSession { learner, session };
        if store::is_deleted(&mut connection, session).await.map_err(store)? {
            return Err(gone());
        }
        // Nobody else waits for a connection while sessions is asked.
        drop(connection);
        let known = match self.registry.standing(session).await {
            Ok(Standing::Exists { owner, policy }) => Expectation { owner, policy },
            Ok(Standing::Gone) => return Err(gone()),
            Err(cause) => {
                let mut connection = self.database.acquire().await.map_err(|error| store(error.into()))?;
                match store::expected(&mut connection, session).await.map_err(store)? {
                    Some(expected) => expected,
                    None => return Err(AccessError::Unknown { session, cause }),
                }
            }
        };
        if known.owner == learner { Ok(known) } else { Err(gone()) }
    }
}
