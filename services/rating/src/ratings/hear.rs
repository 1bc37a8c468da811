//! What comes to be known about a session. Each fact stands for itself, so their order does not matter.

use super::{Ratings, rate};
use crate::{
    practice::{Finalized, Practice},
    store,
};
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use seeded_bug::Bug;
use sqlx::PgConnection;

/// A fact could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum HearError {
    /// Two events name different learners for one session.
    #[error("session {0} is another learner's")]
    OtherLearner(SessionId),
    /// The row could not be written.
    #[error("what was heard about session {session} could not be stored")]
    Store {
        /// Which session.
        session: SessionId,
        /// Why.
        #[source]
        why: StoreError,
    },
}

impl Ratings {
    /// The session is over.
    pub async fn hear_finalized(
        &self,
        tx: &mut PgConnection,
        session: SessionId,
        learner: LearnerId,
        finalized: Finalized,
    ) -> Result<(), HearError> {
        self.hear(tx, session, learner, |practice| practice.finalized = Some(finalized)).await
    }

    /// Its recording is stored, or stored anew.
    pub async fn hear_recorded(
        &self,
        tx: &mut PgConnection,
        session: SessionId,
        learner: LearnerId,
        revision: u32,
    ) -> Result<(), HearError> {
        self.hear(tx, session, learner, |practice| {
            practice.recording_revision = practice.recording_revision.max(revision);
        })
        .await
    }

    /// The learner asks for a rating, or for another one.
    pub async fn hear_requested(
        &self,
        tx: &mut PgConnection,
        session: SessionId,
        learner: LearnerId,
    ) -> Result<(), HearError> {
        self.hear(tx, session, learner, |practice| practice.requests += 1).await
    }

    /// Keeps a fact, and asks for the work that it makes due. Whatever is said of a deleted session is not kept.
    async fn hear(
        &self,
        tx: &mut PgConnection,
        session: SessionId,
        learner: LearnerId,
        fact: impl FnOnce(&mut Practice),
    ) -> Result<(), HearError> {
        let failed = |why| HearError::Store { session, why };
        let mut practice = store::lock(tx, session, learner).await.map_err(failed)?;
        if practice.learner != learner {
            return Err(HearError::OtherLearner(session));
        }
        if practice.deleted && !seeded_bug::is_made(Bug::NoGrave) {
            return Ok(());
        }
        fact(&mut practice);
        store::write(tx, &practice).await.map_err(failed)?;
        if let Some(delay) = practice.due_in(self.clock.now(), self.config.patience) {
            self.jobs.ask(tx, rate::KIND, &session.to_string(), delay).await.map_err(failed)?;
        }
        Ok(())
    }
}
