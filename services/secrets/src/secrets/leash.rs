//! When a call ends, and why. What ends here is hung up at the provider by a job.

use super::{Secrets, hang_up::KIND};
use crate::{provider::ProviderCall, store};
use clock::Timestamp;
use ids::{MintId, SessionId};
use postgres::StoreError;
use sqlx::PgConnection;
use std::{str::FromStr, time::Duration};
use tracing::instrument;

/// Why a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The budget is used up.
    TimeLimit,
    /// The session is over.
    Finalized,
    /// The session was deleted.
    Deleted,
    /// The learner has signed out.
    SignedOut,
    /// The session has a newer call.
    Replaced,
    /// Nobody waited for the answer any more.
    Abandoned,
}

impl Reason {
    const ALL: [Self; 6] =
        [Self::TimeLimit, Self::Finalized, Self::Deleted, Self::SignedOut, Self::Replaced, Self::Abandoned];

    /// Its name in rows and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TimeLimit => "time_limit",
            Self::Finalized => "finalized",
            Self::Deleted => "deleted",
            Self::SignedOut => "signed_out",
            Self::Replaced => "replaced",
            Self::Abandoned => "abandoned",
        }
    }
}

/// The text names no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text names no reason to end a call")]
pub struct UnknownReason;

impl FromStr for Reason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text).ok_or(UnknownReason)
    }
}

/// A call as far as hanging it up is concerned.
#[derive(Clone, Debug)]
pub struct LeashedCall {
    /// The mint that led to it.
    pub mint: MintId,
    /// Its session; `None` when that was deleted.
    pub session: Option<SessionId>,
    /// How the provider knows it.
    pub provider_call: ProviderCall,
    /// When it was answered.
    pub opened_at: Timestamp,
    /// When its budget is used up.
    pub ends_by: Timestamp,
    /// When it ended; `None` while it goes on.
    pub ended_at: Option<Timestamp>,
    /// Why it ended; `None` while it goes on.
    pub reason: Option<Reason>,
    /// Whether the provider has hung it up.
    pub hung_up: bool,
}

impl LeashedCall {
    /// How long it was, or would be if it went on to the end of its budget.
    #[must_use]
    pub fn length(&self) -> Duration {
        Duration::try_from(self.ended_at.unwrap_or(self.ends_by) - self.opened_at).unwrap_or_default()
    }
}

impl Secrets {
    /// Has a call hung up after a while; asked again, the earlier time counts.
    pub(super) async fn hang_up_in(
        &self,
        tx: &mut PgConnection,
        call: MintId,
        delay: Duration,
    ) -> Result<(), StoreError> {
        self.jobs.ask(tx, KIND, &call.to_string(), delay).await
    }

    /// Ends the call of a session, if it has one, and has it hung up now.
    pub(super) async fn end_call_of(
        &self,
        tx: &mut PgConnection,
        session: SessionId,
        at: Timestamp,
        reason: Reason,
    ) -> Result<(), StoreError> {
        if let Some(call) = store::calls::end_of_session(tx, session, at, reason).await? {
            self.hang_up_in(tx, call, Duration::ZERO).await?;
        }
        Ok(())
    }

    /// Ends a call that was answered for nobody.
    #[instrument(name = "op.secrets.abandon", skip_all, fields(mint.id = %call))]
    pub async fn abandon(&self, call: MintId) -> Result<(), StoreError> {
        let mut tx = postgres::begin(&self.pool).await?;
        if store::calls::end(&mut tx, call, self.clock.now(), Reason::Abandoned).await? {
            self.hang_up_in(&mut tx, call, Duration::ZERO).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
