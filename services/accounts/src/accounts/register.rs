//! A learner gets an account.

use super::Accounts;
use crate::{
    account::{Account, DisplayName, Email},
    password::NewPassword,
    password_hashes::HashError,
    practice::Practice,
    store,
};
use postgres::StoreError;
use tracing::instrument;

/// What somebody who registers gives.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The address they will sign in with.
    pub email: Email,
    /// The password they will sign in with.
    pub password: NewPassword,
    /// What they want to be called.
    pub display_name: DisplayName,
}

/// Why nobody was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The password could not be hashed.
    #[error("the new password could not be hashed")]
    Hash(#[source] HashError),
    /// The account could not be stored.
    #[error("the account could not be stored")]
    Store(#[source] StoreError),
}

impl Accounts {
    /// Adds an account. Nothing tells the caller whether the address was known: it takes the same time and
    /// ends the same way, and an account that exists is left as it is.
    #[instrument(name = "op.accounts.register", skip_all)]
    pub async fn register(&self, wanted: NewAccount) -> Result<(), RegisterError> {
        let hash = self.hashes.hash(wanted.password.secret()).await.map_err(RegisterError::Hash)?;
        let account = Account {
            id: self.ids.mint(),
            email: wanted.email,
            display_name: wanted.display_name,
            roles: Vec::new(),
            created_at: self.clock.now(),
            practice: Practice::default(),
        };
        let store_error = |error: sqlx::Error| RegisterError::Store(error.into());
        let mut connection = self.database.acquire().await.map_err(store_error)?;
        let added =
            store::insert_account(&mut connection, &account, &hash).await.map_err(RegisterError::Store)?;
        if added {
            tracing::info!(learner.id = %account.id, "Learner {} registered", account.id);
        } else {
            tracing::info!("Somebody registered an address that has an account; it stays as it is");
        }
        Ok(())
    }
}
