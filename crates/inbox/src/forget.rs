//! What was heard so long ago that it cannot come again.

use clock::{Clock, Timestamp as Moment};
use events::catalogue::{Consumer, REMEMBERED_DAYS};
use lifecycle::Lifecycle;
use postgres::StoreError;
use sqlx::PgPool;
use std::time::Duration;
use uuid::{Builder, Uuid};

/// How often a consumer forgets.
const EVERY: Duration = Duration::from_hours(1);

pub(crate) fn from_time_to_time(pool: &PgPool, lifecycle: &Lifecycle, consumer: Consumer) {
    let (pool, life) = (pool.clone(), lifecycle.clone());
    lifecycle.spawn(async move {
        loop {
            if let Err(error) = forget(&pool, consumer, Clock::System.now()).await {
                tracing::debug!(error = %problem::chain(&error), consumer.name = consumer.name, "Old events are forgotten later");
            }
            if !life.pause(EVERY).await {
                return;
            }
        }
    });
}

/// Forgets what a consumer heard more than [`REMEMBERED_DAYS`] ago, and says how much that was. An event that waited as
/// long before it was heard is remembered as long as any other.
pub async fn forget(pool: &PgPool, consumer: Consumer, now: Moment) -> Result<u64, StoreError> {
    let before = days_before(now, REMEMBERED_DAYS);
    let minted_before = first_minted_at(before);
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

/// So many days earlier.
pub(crate) fn days_before(now: Moment, days: u32) -> Moment {
    now - Duration::from_hours(u64::from(days) * 24)
}

/// The lowest id an event of that time can have: ids begin with the time at which they were minted.
pub(crate) fn first_minted_at(moment: Moment) -> Uuid {
    let seconds = u64::try_from(moment.unix_timestamp()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(seconds * 1000, &[0; 10]).into_uuid()
}
