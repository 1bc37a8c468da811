//! Removing what no longer counts. Idempotent: any replica may do it at any time.

use super::Accounts;
use crate::store;
use postgres::StoreError;
use tracing::instrument;

/// Why nothing was forgotten.
#[derive(Debug, thiserror::Error)]
pub enum ForgetError {
    /// The database failed.
    #[error("what has expired could not be removed")]
    Store(#[source] StoreError),
}

impl Accounts {
    /// Forgets logins that have run out and failures too old to count. Says how many rows went.
    #[instrument(name = "op.accounts.forget_expired", skip_all)]
    pub async fn forget_expired(&self) -> Result<u64, ForgetError> {
        let mut connection =
            self.database.acquire().await.map_err(|error| ForgetError::Store(error.into()))?;
        store::forget_expired(&mut connection, self.clock.now()).await.map_err(ForgetError::Store)
    }
}
