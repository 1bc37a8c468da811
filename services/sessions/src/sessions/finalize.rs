//! A conversation is over: its transcript is sealed and the others are told, once.

use super::{
    Sessions,
    audit::{self, Event},
    commit,
    keyed::KeyedError,
};
use crate::{
    announcements,
    calls::{self, BadCalls},
    fingerprint::Taker,
    session::{Finalized, Practice},
    store::{
        self,
        keys::{self, Claim, Keyed},
    },
    turns::{self, BadTurns},
    words::StatedReason,
};
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use seeded_bug::Bug;
use tracing::instrument;

/// How a conversation ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// What was said.
    pub said: turns::Ending,
    /// Why it ended.
    pub reason: StatedReason,
}

/// A session was not finalized.
#[derive(Debug, thiserror::Error)]
pub enum FinalizeError {
    /// The turns could not be stored at all.
    #[error("the turns cannot be kept")]
    Turns(#[source] BadTurns),
    /// The calls could not be stored at all.
    #[error("the calls cannot be kept")]
    Calls(#[source] BadCalls),
    /// There is no such session, or it is somebody else's.
    #[error("there is no session {session}")]
    NotFound {
        /// The session.
        session: SessionId,
    },
    /// It is sealed with another transcript.
    #[error("session {session} is finalized with revision {revision} of its transcript")]
    AlreadyFinalized {
        /// The session.
        session: SessionId,
        /// Revision of the sealed transcript.
        revision: u32,
    },
    /// The key stands in the way, or the database does.
    #[error("the session could not be finalized")]
    Keyed(#[source] KeyedError),
}

impl From<StoreError> for FinalizeError {
    fn from(error: StoreError) -> Self {
        Self::Keyed(error.into())
    }
}

impl Sessions {
    /// Seals the session. Whoever asks for the same gets the same answer: it is made of nothing but what was sealed.
    #[instrument(name = "op.sessions.finalize", skip_all, fields(session.id = %session))]
    pub async fn finalize(
        &self,
        learner: LearnerId,
        session: SessionId,
        ended: Ended,
        key: String,
    ) -> Result<Practice, FinalizeError> {
        let finalized = self.seal(learner, session, ended, key).await;
        if let Err(error) = &finalized {
            let refused = !matches!(error, FinalizeError::Keyed(KeyedError::Store(_)));
            audit::not_done(Event::Ended, session, refused);
        }
        finalized
    }

    async fn seal(
        &self,
        learner: LearnerId,
        session: SessionId,
        ended: Ended,
        key: String,
    ) -> Result<Practice, FinalizeError> {
        turns::bounded(&ended.said.turns).map_err(FinalizeError::Turns)?;
        calls::bounded(ended.said.calls.as_deref().unwrap_or_default()).map_err(FinalizeError::Calls)?;
        let taker = Taker::default().text(&session.to_string()).text(ended.reason.as_str());
        let fingerprint = ended.said.fingerprint(taker).done();
        let keyed = Keyed { learner, operation: "finalize", key, fingerprint };
        let not_found = || FinalizeError::NotFound { session };
        let now = self.clock.now();

        // Most of many at once come after the first one is done: a sealed session is answered without a lock.
        if let Some(sealed) = self.sealed_before(&keyed, session, &ended).await? {
            return Ok(sealed);
        }
        let mut tx = self.begin_in_turn().await?;
        // The session first: whoever deletes it takes it before its keys, too.
        if !seeded_bug::is_made(Bug::ReadThenSealed) && !store::lock(&mut tx, session, Some(learner)).await? {
            return Err(not_found());
        }
        if keys::claim(&mut tx, &keyed, session, now).await? == Claim::Another {
            return Err(FinalizeError::Keyed(KeyedError::Reused));
        }
        let found = store::find(&mut tx, session, Some(learner)).await?.ok_or_else(not_found)?;
        let reason = ended.reason;
        let outcome = found
            .session
            .finalize(now, ended.said, reason)
            .map_err(|already| FinalizeError::AlreadyFinalized { session, revision: already.revision })?;
        let now_sealed = matches!(outcome, Finalized::Now(_));
        let finalized = match outcome {
            Finalized::Before(finalized) => finalized,
            Finalized::Now(finalized) => {
                if let Some(sealed) = finalized.sealed() {
                    store::seal(&mut tx, session, sealed).await?;
                    kill_point::reached("finalize.sealed");
                    self.outbox.append(&mut tx, &announcements::finalized(&finalized, sealed)).await?;
                }
                store::save_rating(&mut tx, session, &found.rating.awaited()).await?;
                store::notify_changed(&mut tx, session).await?;
                finalized
            }
        };
        kill_point::reached("finalize.told");
        commit(tx).await?;
        kill_point::reached("finalize.committed");
        if now_sealed {
            audit::done(Event::Ended, session);
            metrics::counter!("sessions_ended_total", "reason" => reason.as_str()).increment(1);
        }
        Ok(finalized.as_finalized())
    }

    /// The answer to the same ending of a session that is sealed. `None` while it is open.
    async fn sealed_before(
        &self,
        keyed: &Keyed,
        session: SessionId,
        ended: &Ended,
    ) -> Result<Option<Practice>, FinalizeError> {
        let mut connection = self.pool.acquire().await.map_err(StoreError::from)?;
        let found = store::find(&mut connection, session, Some(keyed.learner))
            .await?
            .ok_or(FinalizeError::NotFound { session })?;
        let Some(sealed) = found.session.sealed() else { return Ok(None) };
        if keys::look_up(&mut connection, keyed).await? == Claim::Another {
            return Err(FinalizeError::Keyed(KeyedError::Reused));
        }
        if sealed.is_of(&ended.said, ended.reason) {
            // Nothing was carried out, so there is nothing to remember a new key for.
            return Ok(Some(found.session.as_finalized()));
        }
        Err(FinalizeError::AlreadyFinalized { session, revision: sealed.transcript.revision })
    }
}
