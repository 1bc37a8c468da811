//! `login.revoked` → the login's calls are hung up and its secrets revoked.

use crate::secrets::Secrets;
use events::{LoginRevoked, id};
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

impl Hears<LoginRevoked> for Secrets {
    async fn hear(&self, tx: &mut PgConnection, event: LoginRevoked) -> Result<(), Refusal> {
        let learner = id("learner_id", &event.learner_id)?;
        let login = id("login_id", &event.login_id)?;
        Ok(self.end_login(tx, learner, login, clock::from_millis(event.revoked_at_ms)).await?)
    }
}
