//! A learner has signed out on one browser.

use super::Secrets;
use crate::store;
use clock::Timestamp;
use ids::{LearnerId, LoginId};
use postgres::StoreError;
use sqlx::PgConnection;
use std::time::Duration;
use tracing::instrument;

impl Secrets {
    /// Revokes the login's secrets and hangs up its calls. What is under way comes to nothing.
    #[instrument(name = "op.secrets.end_login", skip_all, fields(login.id = %login))]
    pub async fn end_login(
        &self,
        tx: &mut PgConnection,
        learner: LearnerId,
        login: LoginId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        store::lock_learner(tx, learner).await?;
        store::end_login(tx, login, at).await?;
        for call in store::calls::end_of_login(tx, login, at).await? {
            self.hang_up_in(tx, call, Duration::ZERO).await?;
        }
        Ok(())
    }
}
