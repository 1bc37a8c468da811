//! From rows to the broker.

use crate::{Outbox, compare::compare};
use event_bus::{Bus, Outgoing};
use events::catalogue::{KEPT_DAYS, STREAMS};
use ids::EventId;
use lifecycle::Lifecycle;
use postgres::StoreError;
use seeded_bug::Bug;
use sqlx::PgPool;
use std::sync::{Mutex, PoisonError};
use tokio::time::{Duration, Instant};
use tracing::Instrument as _;
use uuid::Uuid;

/// Rows published in one transaction, all in flight at once.
const BATCH: i64 = 64;
/// After a hint the appending transaction commits within milliseconds, or takes its time. Each is the pause after the
/// look before.
const SOON: [Duration; 6] = [
    Duration::from_millis(1),
    Duration::from_millis(2),
    Duration::from_millis(10),
    Duration::from_millis(40),
    Duration::from_millis(150),
    Duration::from_millis(500),
];
/// How often the relay looks without a hint: another replica may have died with its rows unpublished.
const LOOK: Duration = Duration::from_secs(1);
/// A look at every row may take this part of the time, but is never further away than [`WHOLE_AFTER`].
const WHOLE_SHARE: u32 = 50;
const WHOLE_AFTER: Duration = Duration::from_secs(10);
/// How often the lag is measured, the streams are compared with what they were, and old rows are removed.
const INSPECT: Duration = Duration::from_secs(5);

/// Publishes what is appended to this outbox until the process stops.
pub fn relay(outbox: &Outbox, pool: PgPool, bus: Bus, lifecycle: &Lifecycle) {
    let (hint, life) = (outbox.hint.clone(), lifecycle.clone());
    let mut relay = Relay { pool, bus, floor: Place::FIRST, whole_at: Instant::now() };
    lifecycle.spawn(async move {
        let (mut inspect_at, mut look_at, mut looks) = (Instant::now(), Instant::now(), SOON.len());
        while !life.is_stopping() {
            if inspect_at <= Instant::now() {
                relay.inspect().await;
                inspect_at = Instant::now() + INSPECT;
            }
            tokio::select! {
                // Whoever hints all the time does not put off the look that is next.
                () = hint.notified() => (looks, look_at) = (1, look_at.min(Instant::now() + SOON[0])),
                () = tokio::time::sleep_until(look_at) => {
                    report(relay.drain().await);
                    look_at = Instant::now() + SOON.get(looks).copied().unwrap_or(LOOK);
                    looks += 1;
                }
                () = life.stopping() => {}
            }
        }
        // What the last requests said is published before the process ends, if the broker is there.
        relay.whole_at = Instant::now();
        report(relay.drain().await);
    });
}

fn report(outcome: Result<(), StoreError>) {
    if let Err(error) = outcome {
        tracing::warn!(error = %problem::chain(&error), "The outbox could not be read; trying again");
    }
}

/// Where a row stands: by the transaction that wrote it, then by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    transaction: i64,
    event: Uuid,
}

impl Place {
    const FIRST: Self = Self { transaction: 0, event: Uuid::nil() };

    /// Before which nothing can be written any more, after a look that found these. `open` is the oldest transaction that was
    /// open before the look.
    fn seen(found: &[Self], open: i64) -> Self {
        // A full batch says nothing of what comes after it.
        let last = found.last().filter(|_| found.len() == BATCH as usize);
        last.copied()
            .filter(|last| last.transaction < open)
            .unwrap_or(Self { transaction: open, event: Uuid::nil() })
    }
}

struct Relay {
    pool: PgPool,
    bus: Bus,
    /// What is before this was looked at, and no transaction is open any more that could write there. Somebody who looks at
    /// the database as it was minutes ago keeps every row version since: a look from the first on would pass all of them.
    floor: Place,
    /// When every row is looked at again: what another replica had in its hands, or somebody wants said again, is before
    /// the floor.
    whole_at: Instant,
}

impl Relay {
    /// Publishes batches until none is full.
    async fn drain(&mut self) -> Result<(), StoreError> {
        if self.whole_at <= Instant::now() {
            self.floor = Place::FIRST;
        }
        while self.bus.is_connected() && postgres::patiently(self.publish_batch()).await? == BATCH as usize {}
        Ok(())
    }

    /// Publishes what waits, at most [`BATCH`]; says how many were confirmed. Rows are locked meanwhile, so replicas
    /// share the work; a relay that dies leaves them to the others, and the broker drops what it has already.
    async fn publish_batch(&mut self) -> Result<usize, StoreError> {
        let mut tx = postgres::begin(&self.pool).await?;
        // Asked before the rows: whatever was written before the oldest open transaction is then among them.
        let open =
            sqlx::query_scalar!(r#"select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "open!""#)
                .fetch_one(&mut *tx)
                .await?;
        let began = Instant::now();
        let mut waiting = sqlx::query!(
            "select written_in, event_id, subject, payload, traceparent from outbox
             where published_at is null and (written_in, event_id) > ($1, $2)
             order by written_in, event_id
             limit $3
             for update skip locked",
            self.floor.transaction,
            self.floor.event,
            BATCH,
        )
        .fetch_all(&mut *tx)
        .await?;
        if self.floor.transaction == Place::FIRST.transaction {
            self.whole_at = Instant::now() + (began.elapsed() * WHOLE_SHARE).clamp(LOOK, WHOLE_AFTER);
        }
        let found: Vec<_> =
            waiting.iter().map(|row| Place { transaction: row.written_in, event: row.event_id }).collect();
        let floor = Place::seen(&found, open);
        if seeded_bug::is_made(Bug::NewerOnly) {
            static LAST: Mutex<Uuid> = Mutex::new(Uuid::nil());
            let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.retain(|row| row.event_id > *last);
            *last = waiting.iter().map(|row| row.event_id).fold(*last, Ord::max);
        }
        if waiting.is_empty() {
            self.floor = floor;
            return Ok(0);
        }
        kill_point::reached("outbox.claimed");
        let bus = &self.bus;
        let sent = waiting.into_iter().map(|row| async move {
            let span = tracing::info_span!(
                parent: None,
                "publish",
                otel.name = format!("event.{} publish", row.subject),
                otel.kind = "producer",
                event.id = %row.event_id,
            );
            if let Some(cause) = row.traceparent.and_then(|text| text.parse().ok()) {
                telemetry::continue_from(&span, cause);
            }
            let event = EventId::from(row.event_id);
            async {
                let outgoing = Outgoing {
                    event,
                    subject: row.subject,
                    payload: row.payload.into(),
                    traceparent: telemetry::current_traceparent(),
                    replayed: false,
                };
                match bus.publish(&outgoing).await {
                    Ok(()) => Some(event.as_uuid()),
                    Err(error) => {
                        tracing::debug!(error = %problem::chain(&error), event.id = %event, "An event waits for the broker");
                        None
                    }
                }
            }
            .instrument(span)
            .await
        });
        let answers = futures::future::join_all(sent).await;
        let all_confirmed = answers.iter().all(Option::is_some);
        let confirmed: Vec<_> = answers.into_iter().flatten().collect();
        kill_point::reached("outbox.published");
        sqlx::query!("update outbox set published_at = now() where event_id = any($1)", &confirmed)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        if all_confirmed {
            self.floor = floor;
        }
        metrics::counter!("outbox_published_total").increment(confirmed.len() as u64);
        Ok(confirmed.len())
    }

    /// Measures the lag, also while the broker is away: that is when it grows. Compares the streams with what they were,
    /// says the last days again where one lost them, and forgets what is older.
    async fn inspect(&mut self) {
        report(postgres::patiently(measure(&self.pool)).await);
        if self.bus.is_connected() {
            report(postgres::patiently(self.compare()).await);
            report(postgres::patiently(forget(&self.pool)).await);
        }
    }

    async fn compare(&mut self) -> Result<(), StoreError> {
        for stream in STREAMS {
            if compare(&self.pool, &self.bus, stream).await? > 0 {
                self.whole_at = Instant::now();
            }
        }
        Ok(())
    }
}

async fn forget(pool: &PgPool) -> Result<(), StoreError> {
    let kept = i32::try_from(KEPT_DAYS).unwrap_or(i32::MAX);
    sqlx::query!(
        "delete from outbox where published_at is not null and created_at < now() - make_interval(days => $1)",
        kept,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Says how long the oldest event has been waiting.
async fn measure(pool: &PgPool) -> Result<(), StoreError> {
    let lag = sqlx::query_scalar!(
        r#"select coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as "lag!" from outbox where published_at is null"#
    )
    .fetch_one(pool)
    .await?;
    metrics::gauge!("outbox_lag_seconds").set(lag);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many places, of as many transactions, from this one on.
    fn places(first: i64, count: usize) -> Vec<Place> {
        (first..).take(count).map(|transaction| Place { transaction, event: Uuid::max() }).collect()
    }

    #[test]
    fn the_next_look_begins_after_what_was_found_but_never_after_what_is_still_open() {
        let (full, open) = (BATCH as usize, 1_000);
        let begins = |found: &[Place]| Place::seen(found, open);
        let at_open = Place { transaction: open, event: Uuid::nil() };
        assert_eq!(begins(&[]), at_open, "nothing waits before it");
        assert_eq!(begins(&places(5, full - 1)), at_open, "no more waits before it");
        assert_eq!(begins(&places(5, full)), places(5, full)[full - 1], "more may wait after the last");
        assert_eq!(
            begins(&places(open - 10, full)),
            at_open,
            "an older transaction may yet write before the last"
        );
        assert_eq!(begins(&places(open, full)), at_open);
    }
}
