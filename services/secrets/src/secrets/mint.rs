//! A learner is about to dial.

use super::Secrets;
use crate::{
    allowance::{self, Standing},
    provider::{ClientSecret, Kind, ProviderError},
    session_registry::{LookupError, Practice},
    store::{self, KeptSecret},
};
use ids::{LearnerId, MintId, SessionId};
use lesson::LessonError;
use postgres::StoreError;
use std::time::Duration;
use tracing::instrument;

/// How the browser and the provider come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// The secret is the provider's own; the browser posts its offer to the provider.
    Direct,
}

/// All a browser needs for one call.
#[derive(Debug)]
pub struct Ticket {
    /// How the call is made.
    pub exchange: Exchange,
    /// The key to it.
    pub secret: ClientSecret,
    /// Where the offer is posted.
    pub calls_url: String,
    /// Who answers it.
    pub provider: Kind,
    /// The model that talks.
    pub model: String,
    /// How long the practice may go on.
    pub max_duration: Duration,
    /// The limits that were looked at.
    pub standings: [Standing; 2],
}

/// There is no secret.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// No such session, or somebody else's.
    #[error("learner {learner} has no session {session}")]
    NoSession {
        /// Who asked.
        learner: LearnerId,
        /// For what.
        session: SessionId,
    },
    /// The session is over.
    #[error("session {session} is finalized")]
    Finalized {
        /// The session.
        session: SessionId,
    },
    /// A limit is reached.
    #[error("learner {learner} has reached the limit of {}", standing.limited.as_str())]
    LimitReached {
        /// Who asked.
        learner: LearnerId,
        /// Which limit, and when there is more.
        standing: Standing,
    },
    /// `sessions` could not be asked.
    #[error("the session could not be looked up")]
    Lookup(#[source] LookupError),
    /// The session was started with a lesson that is none.
    #[error("the lesson of session {session} cannot be read")]
    Lesson {
        /// The session.
        session: SessionId,
        /// What is wrong with it.
        #[source]
        source: LessonError,
    },
    /// The provider gave none.
    #[error("no secret could be minted for session {session}")]
    Provider {
        /// The session.
        session: SessionId,
        /// Why.
        #[source]
        source: ProviderError,
    },
    /// Our own database failed.
    #[error("the quota of session {session} could not be read or written")]
    Store {
        /// The session.
        session: SessionId,
        /// Why.
        #[source]
        source: StoreError,
    },
}

/// What the limits allow.
struct Admission {
    max_duration: Duration,
    standings: [Standing; 2],
}

impl Secrets {
    /// Mints a client secret for the next call of a session, if its learner may call now.
    #[instrument(name = "op.secrets.mint", skip_all, fields(session.id = %session))]
    pub async fn mint(&self, learner: LearnerId, session: SessionId) -> Result<Ticket, MintError> {
        let practice = self
            .sessions
            .find(session)
            .await
            .map_err(MintError::Lookup)?
            .filter(|practice| practice.learner == learner)
            .ok_or(MintError::NoSession { learner, session })?;
        if practice.finalized {
            return Err(MintError::Finalized { session });
        }
        let lesson = practice.lesson().map_err(|source| MintError::Lesson { session, source })?;
        let length = allowance::call_length(lesson.minutes);

        // No transaction stays open while the provider thinks: the limits are taken in one, the secret is kept in another.
        let admission = self.admit(&practice, length).await?;
        let secret = self
            .provider
            .mint(learner, &lesson)
            .await
            .map_err(|source| MintError::Provider { session, source })?;
        kill_point::reached("mint.minted");
        let mint = self.keep(&practice, &secret, length).await?;

        tracing::info!(
            session.id = %session,
            mint.id = %mint,
            provider = self.provider.kind().as_str(),
            call.max_duration_s = admission.max_duration.as_secs(),
            "Session {session} may open a call",
        );
        Ok(Ticket {
            exchange: Exchange::Direct,
            secret,
            calls_url: self.calls_url.clone(),
            provider: self.provider.kind(),
            model: self.provider.model().to_owned(),
            max_duration: admission.max_duration,
            standings: admission.standings,
        })
    }

    /// Takes one call out of the limits. An attempt that the provider fails counts as well: it is the attempts that
    /// wear on the provider.
    async fn admit(&self, practice: &Practice, length: Duration) -> Result<Admission, MintError> {
        let Practice { session, learner, started_at, .. } = *practice;
        let store = |source| MintError::Store { session, source };
        let now = self.clock.now();
        let mut tx = self.pool.begin().await.map_err(|error| store(error.into()))?;
        let mut used_by_learner = store::lock_learner(&mut tx, learner).await.map_err(store)?;
        if store::is_erased(&mut tx, session).await.map_err(store)? {
            return Err(MintError::NoSession { learner, session });
        }
        // Whether session.started was heard yet makes no difference.
        store::open_quota(&mut tx, session, learner, started_at).await.map_err(store)?;
        let mut quota = store::find_quota(&mut tx, session)
            .await
            .map_err(store)?
            .ok_or(MintError::NoSession { learner, session })?;
        if quota.closed.is_some() {
            return Err(MintError::Finalized { session });
        }

        let today = store::quotas_since(&mut tx, learner, allowance::day_of(now)).await.map_err(store)?;
        let used =
            today.iter().map(|quota| quota.used(now)).sum::<Duration>() + used_by_learner.erased_today(now);
        let reached = |standing| MintError::LimitReached { learner, standing };
        let (left, minutes) =
            allowance::minutes_left(self.limits.daily_minutes, used, now).map_err(reached)?;
        let calls = if quota.was_called() {
            let calls = self.limits.re_dials.take(&mut quota.re_dials, now).map_err(reached)?;
            store::save_re_dials(&mut tx, &quota).await.map_err(store)?;
            calls
        } else {
            let calls =
                self.limits.first_calls.take(&mut used_by_learner.first_calls, now).map_err(reached)?;
            store::save_learner(&mut tx, learner, &used_by_learner).await.map_err(store)?;
            calls
        };
        tx.commit().await.map_err(|error| store(error.into()))?;
        Ok(Admission { max_duration: length.min(left), standings: [calls, minutes] })
    }

    /// Keeps what we keep of a secret, unless the session ended or was deleted while the provider minted it.
    async fn keep(
        &self,
        practice: &Practice,
        secret: &ClientSecret,
        length: Duration,
    ) -> Result<MintId, MintError> {
        let Practice { session, learner, .. } = *practice;
        let store = |source| MintError::Store { session, source };
        let mut tx = self.pool.begin().await.map_err(|error| store(error.into()))?;
        store::lock_learner(&mut tx, learner).await.map_err(store)?;
        let quota = store::find_quota(&mut tx, session)
            .await
            .map_err(store)?
            .ok_or(MintError::NoSession { learner, session })?;
        if quota.closed.is_some() {
            return Err(MintError::Finalized { session });
        }
        let kept = KeptSecret {
            mint: self.ids.mint(),
            session,
            learner,
            sha256: secret.sha256(),
            minted_at: self.clock.now(),
            expires_at: secret.expires_at,
        };
        store::keep_secret(&mut tx, &kept, length).await.map_err(store)?;
        tx.commit().await.map_err(|error| store(error.into()))?;
        Ok(kept.mint)
    }
}
