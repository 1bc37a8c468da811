//! Working through the jobs of one kind.

use crate::{FinishError, Jobs, LEASE, Lease, Tried, claim, heartbeat, put_back, queue_age};
use futures::FutureExt as _;
use lifecycle::Lifecycle;
use sqlx::PgPool;
use std::{
    future::Future,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::timeout;
use tracing::Instrument as _;

/// Why a job is not finished.
#[derive(Debug, thiserror::Error)]
pub enum Setback {
    /// It is tried again after a while. The reason is a slug, kept in the row.
    #[error("tried again after {after:?}: {reason}")]
    Again {
        /// How long to wait.
        after: Duration,
        /// Why.
        reason: &'static str,
    },
    /// It is not its time yet, and nothing was tried. The reason is a slug, kept in the row.
    #[error("not before {after:?}: {reason}")]
    NotYet {
        /// How long to wait.
        after: Duration,
        /// Why.
        reason: &'static str,
    },
    /// Its row could not be finished: whoever holds it now goes on.
    #[error("the job could not be finished")]
    Finish(#[from] FinishError),
}

/// Does one kind of work.
pub trait Work: Send + Sync + 'static {
    /// The kind of job.
    const KIND: &'static str;

    /// Longer than any attempt that gets anywhere. One that hangs, on a connection that fell silent for example, ends
    /// then: it would hold its lease and its worker for ever.
    const LIMIT: Duration = Duration::from_hours(1);

    /// Does the work and finishes the job with [`crate::complete`] or [`crate::fail`] in the transaction of its effect.
    fn work(&self, lease: &Lease) -> impl Future<Output = Result<(), Setback>> + Send;
}

/// How often a worker looks without a hint.
const LOOK: Duration = Duration::from_secs(1);
/// Looks shortly after a hint, whose transaction may still be open.
const SOON: [Duration; 4] = [
    Duration::from_millis(2),
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(400),
];

/// Work that panics would take its worker with it: it is tried again like other work that failed, but not soon.
const PANICKED: Result<(), Setback> =
    Err(Setback::Again { after: Duration::from_mins(1), reason: "panicked" });
const HUNG: Result<(), Setback> = Err(Setback::Again { after: Duration::from_mins(1), reason: "hung" });

/// How often the queue is measured.
const MEASURE: Duration = Duration::from_secs(10);

/// Starts `workers` loops that do this kind of work until the process stops.
pub fn run<W: Work>(jobs: &Jobs, pool: &PgPool, lifecycle: &Lifecycle, workers: usize, work: &Arc<W>) {
    measure::<W>(pool, lifecycle);
    for _ in 0..workers {
        let (hint, pool, life, work) = (jobs.hint.clone(), pool.clone(), lifecycle.clone(), work.clone());
        lifecycle.spawn(async move {
            while !life.is_stopping() {
                let hinted = tokio::select! {
                    () = hint.notified() => true,
                    () = life.stopping() => return,
                    () = tokio::time::sleep(LOOK) => false,
                };
                let looks = if hinted { &SOON[..] } else { &SOON[..1] };
                for wait in looks {
                    tokio::time::sleep(*wait).await;
                    while !life.is_stopping() && one(&pool, &*work).await {}
                }
            }
        });
    }
}

/// Says how long jobs wait, until the process stops.
fn measure<W: Work>(pool: &PgPool, lifecycle: &Lifecycle) {
    let (pool, life) = (pool.clone(), lifecycle.clone());
    // A series that begins with its first loss shows no growth.
    metrics::counter!("job_leases_lost_total", "kind" => W::KIND).increment(0);
    metrics::counter!("job_leases_taken_over_total", "kind" => W::KIND).increment(0);
    lifecycle.spawn(async move {
        loop {
            // A database that gives no answer is noticed by everybody else.
            if let Ok(age) = postgres::patiently(queue_age(&pool, W::KIND)).await {
                metrics::gauge!("job_queue_age_seconds", "kind" => W::KIND).set(age);
            }
            if !life.pause(MEASURE).await {
                return;
            }
        }
    });
}

/// Does one job. Says whether there was one.
async fn one<W: Work>(pool: &PgPool, work: &W) -> bool {
    let lease = match postgres::patiently(claim(pool, W::KIND)).await {
        Ok(Some(lease)) => lease,
        Ok(None) => return false,
        Err(error) => {
            tracing::debug!(error = %problem::chain(&error), job.kind = W::KIND, "Jobs cannot be read now");
            return false;
        }
    };
    let span = tracing::info_span!(
        parent: None,
        "job",
        otel.name = format!("job.{}", W::KIND),
        job.kind = W::KIND,
        job.attempt = lease.attempt,
        job.outcome = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
    );
    if let Some(asked) = lease.traceparent {
        telemetry::continue_from(&span, asked);
    }
    held(pool, &lease, work).instrument(span).await;
    true
}

/// Works while the lease is held; a lost lease ends the work where it stands.
async fn held<W: Work>(pool: &PgPool, lease: &Lease, work: &W) {
    let begun = Instant::now();
    let outcome = tokio::select! {
        // Work that is done leaves no lease behind: it is asked first.
        biased;
        // On the heap: a worker's future is as deep as all it calls, and the compiler lays it out whole.
        outcome = timeout(W::LIMIT, AssertUnwindSafe(Box::pin(work.work(lease))).catch_unwind()) => {
            outcome.map_or(HUNG, |outcome| outcome.unwrap_or(PANICKED))
        }
        () = until_lost(pool, lease) => Err(Setback::Finish(FinishError::Lost)),
    };
    let label = if outcome.is_ok() { "finished" } else { "set_back" };
    let span = tracing::Span::current();
    span.record("job.outcome", label);
    if !matches!(outcome, Ok(()) | Err(Setback::NotYet { .. })) {
        span.record("otel.status_code", "ERROR");
    }
    metrics::counter!("jobs_total", "kind" => W::KIND, "outcome" => label).increment(1);
    metrics::histogram!("job_seconds", "kind" => W::KIND).record(begun.elapsed());
    match outcome {
        Ok(()) => {}
        // Whoever did the work has said why.
        Err(Setback::Again { after, reason }) => {
            tracing::debug!(
                job.kind = W::KIND,
                job.attempt = lease.attempt,
                job.reason = reason,
                "Job {} waits {after:?}",
                W::KIND
            );
            back(postgres::patiently(put_back(pool, lease, after, reason, Tried::Yes)).await);
        }
        Err(Setback::NotYet { after, reason }) => {
            back(postgres::patiently(put_back(pool, lease, after, reason, Tried::No)).await);
        }
        Err(error @ Setback::Finish(_)) => {
            metrics::counter!("job_leases_lost_total", "kind" => W::KIND).increment(1);
            tracing::warn!(error = %problem::chain(&error), job.kind = W::KIND, "A job goes on elsewhere");
        }
    }
}

fn back(put: Result<(), FinishError>) {
    if let Err(error) = put {
        tracing::debug!(error = %problem::chain(&error), "The job was not put back; its lease runs out");
    }
}

async fn until_lost(pool: &PgPool, lease: &Lease) {
    loop {
        tokio::time::sleep(LEASE / 3).await;
        // A database that gives no answer may have let the lease run out; the fencing token decides in the end.
        if let Ok(false) = postgres::patiently(heartbeat(pool, lease)).await {
            return;
        }
    }
}
