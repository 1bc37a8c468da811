//! Finding the newest rating of a session.

use super::{Rated, Ratings, StoredFinding};
use crate::store;
use ids::{LearnerId, SessionId};
use postgres::StoreError;

/// Ratings could not be looked up.
#[derive(Debug, thiserror::Error)]
#[error("the rating of session {session} could not be looked up")]
pub struct FindError {
    session: SessionId,
    #[source]
    why: StoreError,
}

impl Ratings {
    /// The newest rating, if there is one and the session is this learner's and not deleted.
    #[tracing::instrument(name = "op.rating.find", skip_all, fields(session.id = %session))]
    pub async fn find(
        &self,
        session: SessionId,
        learner: LearnerId,
    ) -> Result<Option<Rated<StoredFinding>>, FindError> {
        let failed = |why| FindError { session, why };
        let mut connection = self.pool.acquire().await.map_err(|error| failed(error.into()))?;
        store::newest(&mut connection, session, learner).await.map_err(failed)
    }
}
