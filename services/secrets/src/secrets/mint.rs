//! A learner is about to dial.

use super::{Secrets, denial::Denial};
use crate::{
    allowance::{self, Standing},
    client_secret::ClientSecret,
    exchange::Exchange,
    pace::Pace,
    provider::Kind,
    session_registry::Practice,
    store::{self, KeptSecret},
};
use ids::{LearnerId, LoginId, MintId, SessionId};
use lesson::Lesson;
use std::time::Duration;
use tracing::instrument;

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
    /// How long the call may go on.
    pub max_duration: Duration,
    /// Whole minutes that are left of the day, this call's included.
    pub minutes_left_today: u64,
    /// The limits that were looked at.
    pub standings: [Standing; 2],
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Who asks.
    pub learner: LearnerId,
    /// With which login.
    pub login: LoginId,
    /// For which session.
    pub session: SessionId,
    /// How the learner wants to be talked with.
    pub pace: Pace,
}

/// What the limits allow.
struct Admission {
    max_duration: Duration,
    standings: [Standing; 2],
}

impl Secrets {
    /// Mints a client secret for the next call of a session, if its learner may call now.
    #[instrument(name = "op.secrets.mint", skip_all, fields(session.id = %wish.session))]
    pub async fn mint(&self, wish: Wish) -> Result<Ticket, Denial> {
        let Wish { learner, session, pace, .. } = wish;
        let (practice, lesson) = self.open_practice(learner, session).await?;
        let provider = |source| Denial::Provider { session, source };
        // A secret for a call that would be refused is none: the attempt is not even counted.
        if self.exchange == Exchange::Relay {
            self.provider.may_be_asked().map_err(provider)?;
        }

        // No transaction stays open while the provider thinks: the limits are taken in one, the secret is kept in another.
        let admission = self.admit(&wish, &practice, &lesson).await?;
        let secret = match self.exchange {
            Exchange::Relay => ClientSecret::ours(self.clock.now()),
            Exchange::Direct => self.provider.mint(learner, &lesson, &pace).await.map_err(provider)?,
        };
        kill_point::reached("mint.minted");
        let mint = self.keep(&wish, &secret, &lesson).await?;

        tracing::info!(
            session.id = %session,
            mint.id = %mint,
            provider = self.provider.kind().as_str(),
            exchange = self.exchange.as_str(),
            call.max_duration_s = admission.max_duration.as_secs(),
            "Session {session} may open a call",
        );
        Ok(Ticket {
            exchange: self.exchange,
            secret,
            calls_url: self.calls_url.clone(),
            provider: self.provider.kind(),
            model: self.provider.model().to_owned(),
            max_duration: admission.max_duration,
            minutes_left_today: admission.standings[1].left,
            standings: admission.standings,
        })
    }

    /// Takes one call out of the limits. An attempt that the provider fails counts as well: it is the attempts that
    /// wear on the provider.
    async fn admit(&self, wish: &Wish, practice: &Practice, lesson: &Lesson) -> Result<Admission, Denial> {
        let Wish { learner, login, session, .. } = *wish;
        let store = |source| Denial::Store { session, source };
        let now = self.clock.now();
        let mut tx = postgres::begin(&self.pool).await.map_err(|error| store(error.into()))?;
        let mut used_by_learner = store::lock_learner(&mut tx, learner).await.map_err(store)?;
        if store::is_ended(&mut tx, login).await.map_err(store)? {
            return Err(Denial::SignedOut { login });
        }
        if store::is_erased(&mut tx, session).await.map_err(store)? {
            return Err(Denial::NoSession { learner, session });
        }
        // Whether session.started was heard yet makes no difference.
        store::open_quota(&mut tx, session, learner, practice.started_at).await.map_err(store)?;
        let mut quota = store::find_quota(&mut tx, session)
            .await
            .map_err(store)?
            .ok_or(Denial::NoSession { learner, session })?;
        if quota.closed.is_some() {
            return Err(Denial::Finalized { session });
        }

        let budget = self.budget(&mut tx, &quota, &used_by_learner, lesson, now).await?;
        let reached = |standing| Denial::LimitReached { learner, standing };
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
        Ok(Admission { max_duration: budget.for_a_call, standings: [calls, budget.today] })
    }

    /// Keeps what we keep of a secret, unless the session or the login ended while the provider minted it.
    async fn keep(&self, wish: &Wish, secret: &ClientSecret, lesson: &Lesson) -> Result<MintId, Denial> {
        let Wish { learner, login, session, pace } = *wish;
        let store = |source| Denial::Store { session, source };
        let mut tx = postgres::begin(&self.pool).await.map_err(|error| store(error.into()))?;
        store::lock_learner(&mut tx, learner).await.map_err(store)?;
        if store::is_ended(&mut tx, login).await.map_err(store)? {
            return Err(Denial::SignedOut { login });
        }
        let quota = store::find_quota(&mut tx, session)
            .await
            .map_err(store)?
            .ok_or(Denial::NoSession { learner, session })?;
        if quota.closed.is_some() {
            return Err(Denial::Finalized { session });
        }
        let kept = KeptSecret {
            mint: self.ids.mint(),
            session,
            learner,
            login,
            exchange: self.exchange,
            pace,
            sha256: secret.sha256(),
            minted_at: self.clock.now(),
            expires_at: secret.expires_at,
        };
        store::keep_secret(&mut tx, &kept).await.map_err(store)?;
        if self.exchange == Exchange::Direct {
            // Whether and for how long the browser calls with it, nobody will tell us.
            let allowed = allowance::call_length(lesson.minutes);
            store::count_direct_call(&mut tx, session, allowed).await.map_err(store)?;
        }
        tx.commit().await.map_err(|error| store(error.into()))?;
        Ok(kept.mint)
    }
}
