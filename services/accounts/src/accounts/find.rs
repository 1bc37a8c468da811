//! Looking up an account.

use super::Accounts;
use crate::{account::Account, store};
use ids::LearnerId;
use postgres::StoreError;
use tracing::instrument;

/// Why the account could not be looked up.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Nobody has that id any more.
    #[error("learner {learner} has no account")]
    Gone {
        /// The learner.
        learner: LearnerId,
    },
    /// The database failed.
    #[error("the account could not be looked up")]
    Store(#[source] StoreError),
}

impl Accounts {
    /// The account of a learner.
    #[instrument(name = "op.accounts.find", skip_all, fields(learner.id = %learner))]
    pub async fn find(&self, learner: LearnerId) -> Result<Account, FindError> {
        let mut connection = self.database.acquire().await.map_err(|error| FindError::Store(error.into()))?;
        let found = store::find_account(&mut connection, learner).await.map_err(FindError::Store)?;
        found.ok_or(FindError::Gone { learner })
    }
}
