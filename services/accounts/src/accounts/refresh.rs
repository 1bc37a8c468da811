//! A browser that is signed in gets a new access token.

use super::Accounts;
use crate::{
    account::Account,
    login::LoginSecret,
    signing_keys::{AccessToken, SignError},
    store,
};
use postgres::StoreError;
use tracing::instrument;

/// What a browser gets for a login that lasts.
#[derive(Clone, Debug)]
pub struct Refreshed {
    /// Who is signed in.
    pub account: Account,
    /// What the browser shows from now on.
    pub access: AccessToken,
}

/// Why there is no new token.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The login is over, or never was.
    #[error("there is no such login")]
    NoLogin,
    /// No token could be made.
    #[error("the login got no token")]
    Sign(#[source] SignError),
    /// The database failed.
    #[error("the login could not be looked up")]
    Store(#[source] StoreError),
}

impl Accounts {
    /// A new access token for a login that was not ended and has not run out. The login itself is not prolonged.
    #[instrument(name = "op.accounts.refresh", skip_all)]
    pub async fn refresh(&self, secret: &LoginSecret) -> Result<Refreshed, RefreshError> {
        let now = self.clock.now();
        let mut connection =
            self.database.acquire().await.map_err(|error| RefreshError::Store(error.into()))?;
        let (login, account) = store::find_login(&mut connection, secret, now)
            .await
            .map_err(RefreshError::Store)?
            .ok_or(RefreshError::NoLogin)?;
        let access = self.keys.sign(&account, &login, now).map_err(RefreshError::Sign)?;
        Ok(Refreshed { account, access })
    }
}
