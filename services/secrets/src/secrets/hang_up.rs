//! A call is hung up at the provider: when its budget is used up, or earlier when somebody ended it.

use super::{
    Secrets,
    leash::{LeashedCall, Reason},
};
use crate::{
    provider::{HungUp, ProviderError},
    store,
};
use ids::MintId;
use jobs::{FinishError, Lease, Setback, Work};
use postgres::StoreError;
use rand::random_range;
use std::time::Duration;
use tracing::instrument;

/// The kind of job that hangs a call up. Its subject is the mint that led to the call.
pub(super) const KIND: &str = "hang_up";

/// A provider that did not hang up for so long after the call should have been over has ended it itself, or never will.
const PATIENCE: Duration = Duration::from_mins(15);
/// The first wait between two tries; it doubles.
const FIRST_REST: Duration = Duration::from_millis(500);
/// The longest.
const LONGEST_REST: Duration = Duration::from_secs(16);
/// How long to wait for our own database.
const STORE_REST: Duration = Duration::from_secs(2);

impl Work for Secrets {
    const KIND: &'static str = KIND;

    async fn work(&self, lease: &Lease) -> Result<(), Setback> {
        let Ok(call) = lease.subject.parse::<MintId>() else {
            tracing::error!("A job names no call");
            return Err(Setback::Finish(FinishError::Lost));
        };
        match self.leashed(call).await {
            Ok(Some(call)) if !call.hung_up => self.hang_up(&call, lease).await,
            Ok(_) => self.nothing_to_hang_up(lease).await,
            Err(error) => Err(rest_for_store(&error)),
        }
    }
}

impl Secrets {
    #[instrument(name = "op.secrets.hang_up", skip_all, fields(mint.id = %call.mint))]
    async fn hang_up(&self, call: &LeashedCall, lease: &Lease) -> Result<(), Setback> {
        let reason = call.reason.unwrap_or(Reason::TimeLimit);
        let count = |outcome: &'static str| {
            metrics::counter!("call_hang_ups_total", "reason" => reason.as_str(), "outcome" => outcome)
                .increment(1);
        };
        match self.provider.hang_up(&call.provider_call).await {
            Ok(hung_up) => {
                self.note(call, lease, true).await?;
                count(match hung_up {
                    HungUp::Now => "hung_up",
                    HungUp::Before => "was_over",
                });
                let reason = reason.as_str();
                tracing::info!(mint.id = %call.mint, call.reason = reason, "Call {} is over: {reason}", call.mint);
                Ok(())
            }
            Err(error) if self.clock.now() > call.ends_by + PATIENCE => {
                self.note(call, lease, false).await?;
                count("given_up");
                tracing::error!(error = %problem::chain(&error), mint.id = %call.mint, "Call {} was not hung up", call.mint);
                Ok(())
            }
            Err(error) => {
                count("set_back");
                tracing::warn!(error = %problem::chain(&error), mint.id = %call.mint, "Call {} goes on for now", call.mint);
                Err(Setback::Again { after: rest(lease.attempt, &error), reason: "provider_unavailable" })
            }
        }
    }

    async fn leashed(&self, call: MintId) -> Result<Option<LeashedCall>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        store::calls::find(&mut connection, call).await
    }

    /// Writes down what became of a call, with the end of its job.
    async fn note(&self, call: &LeashedCall, lease: &Lease, hung_up: bool) -> Result<(), Setback> {
        let written = async {
            let mut tx = postgres::begin(&self.pool).await?;
            store::calls::end(&mut tx, call.mint, call.ends_by, Reason::TimeLimit).await?;
            if hung_up {
                store::calls::hung_up(&mut tx, call.mint, self.clock.now()).await?;
            }
            store::calls::let_go(&mut tx, call.mint).await?;
            Ok::<_, StoreError>(tx)
        };
        let mut tx = written.await.map_err(|error| rest_for_store(&error))?;
        if hung_up {
            jobs::complete(&mut tx, lease).await?;
        } else {
            jobs::fail(&mut tx, lease, "provider_unavailable").await?;
        }
        tx.commit().await.map_err(|error| rest_for_store(&error.into()))?;
        metrics::counter!("call_seconds_total", "provider" => self.provider.kind().as_str())
            .increment(call.length().as_secs());
        Ok(())
    }

    async fn nothing_to_hang_up(&self, lease: &Lease) -> Result<(), Setback> {
        let mut connection = self.pool.acquire().await.map_err(|error| rest_for_store(&error.into()))?;
        Ok(jobs::complete(&mut connection, lease).await?)
    }
}

/// How long to wait before the next try, give or take a half, so that replicas do not ask in step.
fn rest(attempt: u32, error: &ProviderError) -> Duration {
    let doubled = FIRST_REST.saturating_mul(1 << attempt.saturating_sub(1).min(10)).min(LONGEST_REST);
    let asked_for = match error {
        ProviderError::Busy { again_in } => *again_in,
        _ => Duration::ZERO,
    };
    doubled.mul_f64(random_range(0.5..1.5)).max(asked_for)
}

fn rest_for_store(error: &StoreError) -> Setback {
    tracing::warn!(error = %problem::chain(error), "A call's row could not be read or written");
    Setback::Again { after: STORE_REST, reason: "store_unavailable" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit_unless_the_provider_asks_for_more() {
        let failing = ProviderError::Failing { status: 500 };
        assert!((250..750).contains(&rest(1, &failing).as_millis()));
        assert!((1000..3000).contains(&rest(3, &failing).as_millis()));
        assert!((8000..24_000).contains(&rest(40, &failing).as_millis()));
        let busy = ProviderError::Busy { again_in: Duration::from_secs(30) };
        assert_eq!(rest(1, &busy), Duration::from_secs(30));
    }
}
