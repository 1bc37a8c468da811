//! Slow or failing work as rows: asked for in a transaction, done by whichever replica leases it.
//!
//! A lease runs on the database's clock and carries a fencing token. A worker that lost its lease, because it hung
//! or its machine slept, cannot finish the job any more: [`complete`] and [`fail`] check the token in the
//! transaction of the work's effect.

mod run;

pub use run::{Setback, Work, run};

use ids::{Ids, JobId};
use postgres::StoreError;
use seeded_bug::Bug;
use sqlx::{PgConnection, PgPool, migrate::Migrator};
use std::{sync::Arc, time::Duration};
use telemetry::Traceparent;
use tokio::sync::Notify;

/// The table of jobs, for the database of the service that has them.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/jobs");

/// How long a lease lasts without a heartbeat.
pub const LEASE: Duration = Duration::from_secs(5);

/// Where a service asks for work to be done.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    hint: Arc<Notify>,
}

/// A job held by this worker.
#[derive(Clone, Debug)]
pub struct Lease {
    job: JobId,
    /// What the work is about.
    pub subject: String,
    /// How often it was tried, this time included.
    pub attempt: u32,
    fencing_token: i64,
    wanted: i64,
    traceparent: Option<Traceparent>,
}

/// A job could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// Another worker has it now: this one's effect must not be committed.
    #[error("the lease was lost")]
    Lost,
    /// The row could not be written.
    #[error("the job could not be written")]
    Store(#[from] StoreError),
}

impl Jobs {
    /// Asks for work, in the caller's transaction, to be done after `delay`. Asking again for the same subject
    /// brings the time forward; asked again while it runs, it runs once more.
    pub async fn ask(
        &self,
        connection: &mut PgConnection,
        kind: &str,
        subject: &str,
        delay: Duration,
    ) -> Result<(), StoreError> {
        let id: JobId = Ids.mint();
        sqlx::query!(
            "insert into job (job_id, kind, subject, run_at, traceparent)
             values ($1, $2, $3, now() + make_interval(secs => $4), $5)
             on conflict on constraint one_job_per_subject do update set
                 state = 'waiting',
                 run_at = case when job.state = 'waiting' then least(job.run_at, excluded.run_at) else excluded.run_at end,
                 attempts = case when job.state = 'waiting' then job.attempts else 0 end,
                 wanted = job.wanted + 1,
                 traceparent = excluded.traceparent",
            id.as_uuid(),
            kind,
            subject,
            delay.as_secs_f64(),
            telemetry::current_traceparent().map(|parent| parent.to_string()),
        )
        .execute(connection)
        .await?;
        self.hint.notify_waiters();
        Ok(())
    }
}

/// Takes back what was asked for, whoever works on it: its effect can no longer be committed. Says whether somebody may
/// still be at work, who finds out within [`LEASE`].
pub async fn forget(connection: &mut PgConnection, kind: &str, subject: &str) -> Result<bool, StoreError> {
    let forgotten = sqlx::query_scalar!(
        r#"delete from job where kind = $1 and subject = $2 returning coalesce(leased_until > now(), false) as "held!""#,
        kind,
        subject,
    )
    .fetch_optional(connection)
    .await?;
    Ok(forgotten.unwrap_or(false))
}

/// Leases the next job that is due.
pub async fn claim(pool: &PgPool, kind: &str) -> Result<Option<Lease>, StoreError> {
    let row = sqlx::query!(
        r#"with due as (
               select job_id, leased_until is not null as silent from job
               where kind = $1 and state = 'waiting' and run_at <= now()
                 and (leased_until is null or leased_until < now())
               order by run_at
               limit 1
               for update skip locked
           )
           update job
           set leased_until = now() + make_interval(secs => $2),
               fencing_token = fencing_token + 1,
               attempts = attempts + 1
           from due
           where job.job_id = due.job_id
           returning job.job_id, subject, attempts, fencing_token, wanted, traceparent, silent as "silent!""#,
        kind,
        LEASE.as_secs_f64(),
    )
    .fetch_optional(pool)
    .await?;
    if row.as_ref().is_some_and(|row| row.silent) {
        metrics::counter!("job_leases_taken_over_total", "kind" => kind.to_owned()).increment(1);
    }
    Ok(row.map(|row| Lease {
        job: row.job_id.into(),
        subject: row.subject,
        attempt: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        fencing_token: row.fencing_token,
        wanted: row.wanted,
        traceparent: row.traceparent.and_then(|text| text.parse().ok()),
    }))
}

/// How long the oldest job of a kind that is due has been waiting for a worker, in seconds.
async fn queue_age(pool: &PgPool, kind: &str) -> Result<f64, StoreError> {
    let age = sqlx::query_scalar!(
        r#"select coalesce(extract(epoch from now() - min(run_at)), 0)::float8 as "age!" from job
           where kind = $1 and state = 'waiting' and run_at <= now()
             and (leased_until is null or leased_until < now())"#,
        kind,
    )
    .fetch_one(pool)
    .await?;
    Ok(age)
}

/// Keeps a lease alive. Says whether it is still ours.
async fn heartbeat(pool: &PgPool, lease: &Lease) -> Result<bool, StoreError> {
    let kept = sqlx::query!(
        "update job set leased_until = now() + make_interval(secs => $3) where job_id = $1 and fencing_token = $2",
        lease.job.as_uuid(),
        lease.fencing_token,
        LEASE.as_secs_f64(),
    )
    .execute(pool)
    .await?
    .rows_affected();
    Ok(kept == 1)
}

/// Finishes a job in the transaction of its effect. Nothing of it is left, unless it was asked for again meanwhile.
pub async fn complete(connection: &mut PgConnection, lease: &Lease) -> Result<(), FinishError> {
    if seeded_bug::is_made(Bug::NoFence) {
        sqlx::query!(
            "update job set fencing_token = $2 where job_id = $1",
            lease.job.as_uuid(),
            lease.fencing_token,
        )
        .execute(&mut *connection)
        .await
        .map_err(|error| FinishError::Store(error.into()))?;
    }
    // Whoever asks for it from here on waits for this transaction.
    let wanted = sqlx::query_scalar!(
        "update job
         set run_at = now(), attempts = 0, leased_until = null, last_error = null
         where job_id = $1 and fencing_token = $2
         returning wanted",
        lease.job.as_uuid(),
        lease.fencing_token,
    )
    .fetch_optional(&mut *connection)
    .await
    .map_err(|error| FinishError::Store(error.into()))?
    .ok_or(FinishError::Lost)?;
    if wanted == lease.wanted {
        sqlx::query!("delete from job where job_id = $1", lease.job.as_uuid())
            .execute(connection)
            .await
            .map_err(|error| FinishError::Store(error.into()))?;
    }
    Ok(())
}

/// Gives a job up for good, in the transaction that says so; asked for again, it runs again.
pub async fn fail(connection: &mut PgConnection, lease: &Lease, reason: &str) -> Result<(), FinishError> {
    let finished = sqlx::query!(
        "update job
         set state = case when wanted = $3 then 'failed' else 'waiting' end,
             attempts = case when wanted = $3 then attempts else 0 end,
             run_at = now(), leased_until = null, last_error = $4
         where job_id = $1 and fencing_token = $2",
        lease.job.as_uuid(),
        lease.fencing_token,
        lease.wanted,
        reason,
    )
    .execute(connection)
    .await;
    held(finished)
}

/// Whether anything was tried before a job was put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tried {
    Yes,
    No,
}

/// Puts a job back for later; for now, when it was asked for again while it ran.
async fn put_back(
    pool: &PgPool,
    lease: &Lease,
    after: Duration,
    reason: &str,
    tried: Tried,
) -> Result<(), FinishError> {
    let put = sqlx::query!(
        "update job
         set run_at = case when wanted = $3 then now() + make_interval(secs => $4) else now() end,
             leased_until = null, last_error = $5, attempts = attempts - $6
         where job_id = $1 and fencing_token = $2",
        lease.job.as_uuid(),
        lease.fencing_token,
        lease.wanted,
        after.as_secs_f64(),
        reason,
        i32::from(tried == Tried::No),
    )
    .execute(pool)
    .await;
    held(put)
}

fn held(written: Result<sqlx::postgres::PgQueryResult, sqlx::Error>) -> Result<(), FinishError> {
    match written {
        Ok(result) if result.rows_affected() == 1 => Ok(()),
        Ok(_) => Err(FinishError::Lost),
        Err(error) => Err(FinishError::Store(error.into())),
    }
}
