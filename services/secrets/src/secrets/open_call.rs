//! A browser dials through us: its secret is used up, the provider is called, and the call is put on its leash.

use super::{Secrets, denial::Denial, leash::Reason};
use crate::{
    client_secret,
    offer::Offer,
    provider::Answered,
    session_registry::Practice,
    store::{
        self, Redeemable,
        calls::{self, NewCall},
    },
};
use ids::{LearnerId, LoginId, MintId, SessionId};
use lesson::Lesson;
use postgres::StoreError;
use secrecy::SecretString;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;
use tracing::{Instrument as _, instrument};

/// Our own answer is there within five seconds; what the provider may take of it is what asking others has left.
const WITHIN: Duration = Duration::from_millis(4500);
/// With less than this the provider would be blamed for our own slowness.
const AT_LEAST: Duration = Duration::from_secs(1);

/// A browser dials.
#[derive(Debug)]
pub struct Attempt {
    /// Who dials.
    pub learner: LearnerId,
    /// With which login.
    pub login: LoginId,
    /// The key to one call.
    pub secret: SecretString,
    /// What the browser offers.
    pub offer: Offer,
}

/// A call that goes on.
#[derive(Debug)]
pub struct Opened {
    /// The mint that led to it, by which we know it.
    pub call: MintId,
    /// What the provider answered to the browser's offer.
    pub answered: Answered,
}

/// There is no call.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The secret is unknown, was used or revoked, has run out, or was given to somebody else.
    #[error("the secret opens no call")]
    SecretRefused,
    /// The session has a newer call.
    #[error("session {session} has a newer call")]
    Replaced {
        /// The session.
        session: SessionId,
    },
    /// Nobody waits for the answer any more.
    #[error("nobody waits for the call of session {session}")]
    Abandoned {
        /// The session.
        session: SessionId,
    },
    /// What denies a secret denies the call as well.
    #[error(transparent)]
    Denied(#[from] Denial),
}

impl Secrets {
    /// Opens a call. It is seen through although the browser goes away meanwhile, because the provider may have
    /// answered by then; such a call is hung up at once.
    pub async fn open_call(self: &Arc<Self>, attempt: Attempt) -> Result<Opened, CallError> {
        let (tell, told) = oneshot::channel();
        let secrets = self.clone();
        let seen_through = async move {
            let outcome = secrets.dial(&attempt, || !tell.is_closed()).await;
            if let Err(Ok(Opened { call, .. })) = tell.send(outcome)
                && let Err(error) = secrets.abandon(call).await
            {
                tracing::warn!(error = %problem::chain(&error), "An abandoned call goes on until its time is up");
            }
        };
        self.lifecycle.spawn(seen_through.in_current_span());
        told.await.expect("the task tells before it ends")
    }

    #[instrument(name = "op.secrets.open_call", skip_all, fields(session.id, mint.id))]
    async fn dial(
        &self,
        attempt: &Attempt,
        is_awaited: impl Fn() -> bool + Send + Sync,
    ) -> Result<Opened, CallError> {
        let begun = Instant::now();
        let Attempt { learner, login, ref secret, ref offer } = *attempt;
        let redeemable = self
            .recognise(client_secret::sha256(secret), learner, login)
            .await?
            .ok_or(CallError::SecretRefused)?;
        let Redeemable { mint, session, pace } = redeemable;
        tracing::Span::current()
            .record("session.id", session.to_string())
            .record("mint.id", mint.to_string());

        let (practice, lesson) = self.open_practice(learner, session).await?;
        let provider = |source| Denial::Provider { session, source };
        // A provider that is left alone is not worth a secret.
        self.provider.may_be_asked().map_err(provider)?;
        let length = self.redeem(mint, login, &practice, &lesson).await?;
        let within = WITHIN.saturating_sub(begun.elapsed()).max(AT_LEAST);
        let answered = self.provider.call(learner, &lesson, &pace, offer, within).await.map_err(provider)?;
        let leashed = self.leash(attempt, &redeemable, &answered, length, is_awaited).await;
        let over = match leashed {
            Ok(over) => over,
            Err(source) => {
                // Without a row nobody would ever end it.
                if let Err(error) = self.provider.hang_up(&answered.call).await {
                    tracing::error!(error = %problem::chain(&error), "A call without a leash was not hung up");
                }
                return Err(Denial::Store { session, source }.into());
            }
        };
        match over {
            None => {
                metrics::counter!("calls_opened_total").increment(1);
                tracing::info!(call.length_s = length.as_secs(), "Session {session} has call {mint}");
                Ok(Opened { call: mint, answered })
            }
            Some(Reason::Replaced) => Err(CallError::Replaced { session }),
            Some(Reason::Abandoned) => Err(CallError::Abandoned { session }),
            Some(Reason::SignedOut) => Err(Denial::SignedOut { login }.into()),
            Some(Reason::Deleted) => Err(Denial::NoSession { learner, session }.into()),
            Some(Reason::Finalized | Reason::TimeLimit) => Err(Denial::Finalized { session }.into()),
        }
    }

    async fn recognise(
        &self,
        sha256: [u8; 32],
        learner: LearnerId,
        login: LoginId,
    ) -> Result<Option<Redeemable>, CallError> {
        let found = async {
            let mut connection = self.pool.acquire().await?;
            store::find_secret(&mut connection, sha256, learner, login).await
        };
        found.await.map_err(|source| CallError::Denied(Denial::Unrecognised { learner, source }))
    }

    /// Uses the secret up, if it is still good and there is time left. Says how much.
    async fn redeem(
        &self,
        mint: MintId,
        login: LoginId,
        practice: &Practice,
        lesson: &Lesson,
    ) -> Result<Duration, CallError> {
        let Practice { session, learner, .. } = *practice;
        let store = |source| Denial::Store { session, source };
        let now = self.clock.now();
        let mut tx = postgres::begin(&self.pool).await.map_err(|error| store(error.into()))?;
        let used_by_learner = store::lock_learner(&mut tx, learner).await.map_err(store)?;
        if store::is_ended(&mut tx, login).await.map_err(store)? {
            return Err(Denial::SignedOut { login }.into());
        }
        let quota = store::find_quota(&mut tx, session)
            .await
            .map_err(store)?
            .ok_or(Denial::NoSession { learner, session })?;
        if quota.closed.is_some() {
            return Err(Denial::Finalized { session }.into());
        }
        if !store::redeem(&mut tx, mint, now).await.map_err(store)? {
            return Err(CallError::SecretRefused);
        }
        let budget = self.budget(&mut tx, &quota, &used_by_learner, lesson, now).await?;
        tx.commit().await.map_err(|error| store(error.into()))?;
        Ok(budget.for_a_call)
    }

    /// Writes the call down and has it hung up in time: at once when it came too late, and any older call of the
    /// session with it. Says why it is over, if it is.
    async fn leash(
        &self,
        attempt: &Attempt,
        redeemed: &Redeemable,
        answered: &Answered,
        length: Duration,
        is_awaited: impl Fn() -> bool,
    ) -> Result<Option<Reason>, StoreError> {
        let Redeemable { mint, session, .. } = *redeemed;
        let now = self.clock.now();
        let mut tx = postgres::begin(&self.pool).await?;
        store::lock_learner(&mut tx, attempt.learner).await?;
        let quota = store::find_quota(&mut tx, session).await?;
        let live = calls::live(&mut tx, session).await?;
        let over = if quota.is_none() || store::is_erased(&mut tx, session).await? {
            Some(Reason::Deleted)
        } else if quota.is_some_and(|quota| quota.closed.is_some()) {
            Some(Reason::Finalized)
        } else if store::is_ended(&mut tx, attempt.login).await? {
            Some(Reason::SignedOut)
        } else if !is_awaited() {
            Some(Reason::Abandoned)
        } else if live.is_some_and(|newer| newer > mint) {
            Some(Reason::Replaced)
        } else {
            None
        };
        if over.is_none() {
            self.end_call_of(&mut tx, session, now, Reason::Replaced).await?;
        }
        let call = NewCall {
            mint,
            session: (over != Some(Reason::Deleted)).then_some(session),
            learner: attempt.learner,
            login: attempt.login,
            provider_call: &answered.call,
            opened_at: now,
            ends_by: now + length,
            over,
        };
        calls::insert(&mut tx, &call).await?;
        self.hang_up_in(&mut tx, mint, if over.is_none() { length } else { Duration::ZERO }).await?;
        tx.commit().await?;
        Ok(over)
    }
}
