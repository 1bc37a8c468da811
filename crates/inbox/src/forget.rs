//! What was heard so long ago that it cannot come again.

use clock::{Clock, Timestamp as Moment};
use events::catalogue::{Consumer, REMEMBERED_DAYS};
use lifecycle::Lifecycle;
use postgres::StoreError;
use sqlx::PgPool;
use std::time::Duration;
use uuid::{NoContext, Timestamp, Uuid};

/// How often a consumer forgets.
const EVERY: Duration = Duration::from_hours(1);

pub(crate) fn from_time_to_time(pool: &PgPool, lifecycle: &Lifecycle, consumer: Consumer) {
    let (pool, life) = (pool.clone(), lifecycle.clone());
    lifecycle.spawn(async move {
        while !life.is_stopping() {
            if let Err(error) = forget(&pool, consumer, Clock::System.now()).await {
                tracing::debug!(error = ?error, consumer.name = consumer.name, "Old events are forgotten later");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = life.stopping() => {}
            }
        }
    });
}

/// Forgets what a consumer heard more than [`REMEMBERED_DAYS`] ago, and says how much that was. An event that waited as
/// long before it was heard is remembered as long as any other.
pub async fn forget(pool: &PgPool, consumer: Consumer, now: Moment) -> Result<u64, StoreError> {
    let before = now - Duration::from_hours(u64::from(REMEMBERED_DAYS) * 24);
    // An event's id begins with the time at which it was minted, and the key of the table with the two.
    let seconds = u64::try_from(before.unix_timestamp()).unwrap_or(0);
    let minted_before = Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, 0));
    let forgotten = sqlx::query!(
        "delete from inbox where consumer = $1 and event_id < $2 and handled_at < $3",
        consumer.name,
        minted_before,
        before,
    )
    .execute(pool)
    .await?;
    Ok(forgotten.rows_affected())
}
