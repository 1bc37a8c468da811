//! `session.started` → a recording is expected.

use crate::{media::Media, store::Expectation};
use events::SessionStarted;
use inbox::{Hears, Refusal};
use sqlx::PgConnection;

/// Hears that a session was opened.
#[derive(Clone, Debug)]
pub struct SessionStartedEar(pub Media);

impl Hears<SessionStarted> for SessionStartedEar {
    async fn hear(&self, tx: &mut PgConnection, event: SessionStarted) -> Result<(), Refusal> {
        let session = events::id("session_id", &event.session_id)?;
        let owner = events::id("learner_id", &event.learner_id)?;
        let expectation = Expectation { owner, policy: event.recording_policy };
        Ok(self.0.expect(tx, session, &expectation).await?)
    }
}
