//! A learner signs out on one browser.

use super::Accounts;
use crate::{announcements, login::LoginSecret, store};
use ids::LoginId;
use postgres::StoreError;
use tracing::instrument;

/// Why the login was not ended.
#[derive(Debug, thiserror::Error)]
pub enum SignOutError {
    /// The database failed.
    #[error("the login could not be removed")]
    Store(#[source] StoreError),
    /// The outbox failed.
    #[error("the end of the login could not be announced")]
    Outbox(#[source] StoreError),
}

impl Accounts {
    /// Ends a login and, in the same commit, announces it: its tokens would be believed for minutes otherwise.
    /// A login that is over already is not announced again: `None`.
    #[instrument(name = "op.accounts.sign_out", skip_all)]
    pub async fn sign_out(&self, secret: &LoginSecret) -> Result<Option<LoginId>, SignOutError> {
        let store_error = |error: sqlx::Error| SignOutError::Store(error.into());
        let mut tx = postgres::begin(&self.database).await.map_err(store_error)?;
        let Some(login) = store::delete_login(&mut tx, secret).await.map_err(SignOutError::Store)? else {
            return Ok(None);
        };
        let revoked = announcements::login_revoked(&login, self.clock.now());
        self.outbox.append(&mut tx, &revoked).await.map_err(SignOutError::Outbox)?;
        tx.commit().await.map_err(store_error)?;
        tracing::info!(learner.id = %login.learner, login.id = %login.id, "Learner {} signed out", login.learner);
        Ok(Some(login.id))
    }
}
