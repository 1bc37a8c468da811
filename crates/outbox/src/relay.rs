//! From rows to the broker.

use crate::Outbox;
use event_bus::{Bus, Outgoing};
use events::catalogue::{KEPT_DAYS, REPEATED_DAYS, STREAMS, Stream};
use ids::EventId;
use lifecycle::Lifecycle;
use postgres::StoreError;
use seeded_bug::Bug;
use sqlx::PgPool;
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};
use tracing::Instrument as _;

/// Rows published in one transaction, all in flight at once.
const BATCH: i64 = 64;
/// After a hint the appending transaction commits within milliseconds, or takes its time.
const SOON: [Duration; 5] = [
    Duration::from_millis(2),
    Duration::from_millis(10),
    Duration::from_millis(40),
    Duration::from_millis(150),
    Duration::from_millis(500),
];
/// How often the relay looks without a hint: another replica may have died with its rows unpublished.
const LOOK: Duration = Duration::from_secs(1);
/// How often the lag is measured, the streams are compared with what they were, and old rows are removed.
const INSPECT: Duration = Duration::from_secs(5);

/// Publishes what is appended to this outbox until the process stops.
pub fn relay(outbox: &Outbox, pool: PgPool, bus: Bus, lifecycle: &Lifecycle) {
    let (hint, life) = (outbox.hint.clone(), lifecycle.clone());
    lifecycle.spawn(async move {
        let mut inspected: Option<Instant> = None;
        while !life.is_stopping() {
            if inspected.is_none_or(|at| at.elapsed() >= INSPECT) {
                // Measured also while the broker is away: that is when it grows.
                report(postgres::patiently(measure(&pool)).await);
                if bus.is_connected() {
                    report(postgres::patiently(inspect(&pool, &bus)).await);
                }
                inspected = Some(Instant::now());
            }
            let hinted = tokio::select! {
                () = hint.notified() => true,
                () = life.stopping() => false,
                () = tokio::time::sleep(LOOK) => false,
            };
            let looks = if hinted { &SOON[..] } else { &SOON[..1] };
            for wait in looks {
                tokio::time::sleep(*wait).await;
                report(drain(&pool, &bus).await);
            }
        }
        // What the last requests said is published before the process ends, if the broker is there.
        report(drain(&pool, &bus).await);
    });
}

fn report(outcome: Result<(), StoreError>) {
    if let Err(error) = outcome {
        tracing::warn!(error = %problem::chain(&error), "The outbox could not be read; trying again");
    }
}

/// Publishes batches until none is full.
async fn drain(pool: &PgPool, bus: &Bus) -> Result<(), StoreError> {
    while bus.is_connected() && postgres::patiently(publish_batch(pool, bus)).await? == BATCH as usize {}
    Ok(())
}

/// Publishes what waits, at most [`BATCH`]; says how many were confirmed. Rows are locked meanwhile, so replicas
/// share the work; a relay that dies leaves them to the others, and the broker drops what it has already.
async fn publish_batch(pool: &PgPool, bus: &Bus) -> Result<usize, StoreError> {
    let mut tx = postgres::begin(pool).await?;
    let mut waiting = sqlx::query!(
        "select event_id, subject, payload, traceparent from outbox
         where published_at is null
         order by event_id
         limit $1
         for update skip locked",
        BATCH,
    )
    .fetch_all(&mut *tx)
    .await?;
    if seeded_bug::is_made(Bug::NewerOnly) {
        static LAST: Mutex<uuid::Uuid> = Mutex::new(uuid::Uuid::nil());
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|row| row.event_id > *last);
        *last = waiting.iter().map(|row| row.event_id).fold(*last, Ord::max);
    }
    if waiting.is_empty() {
        return Ok(0);
    }
    kill_point::reached("outbox.claimed");
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
    let confirmed: Vec<_> = futures::future::join_all(sent).await.into_iter().flatten().collect();
    kill_point::reached("outbox.published");
    sqlx::query!("update outbox set published_at = now() where event_id = any($1)", &confirmed)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    metrics::counter!("outbox_published_total").increment(confirmed.len() as u64);
    Ok(confirmed.len())
}

/// Compares the streams with what they were, says the last days again where one lost them, and forgets what is older.
async fn inspect(pool: &PgPool, bus: &Bus) -> Result<(), StoreError> {
    for stream in STREAMS {
        compare(pool, bus, stream).await?;
    }
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

/// Replicas compare one after the other, and each asks the broker when it is its turn: what it was told earlier would
/// be less than what another has written down since.
async fn compare(pool: &PgPool, bus: &Bus, stream: Stream) -> Result<(), StoreError> {
    let mut tx = postgres::begin(pool).await?;
    let before = sqlx::query!(
        "select created, last_sequence from outbox_stream where stream = $1 for update",
        stream.name,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(now) = bus.stream_state(stream.name).await else { return Ok(()) };
    let (created, last_sequence) = (now.created, now.last_sequence);
    if before.is_some_and(|before| before.created != created || last_sequence < before.last_sequence) {
        let families: Vec<String> = stream.subjects.iter().map(|subject| subject.replace('*', "%")).collect();
        let again = sqlx::query!(
            // A service that was away for weeks still has what is older.
            "update outbox set published_at = null
             where published_at is not null and subject like any($1)
               and created_at >= now() - make_interval(days => $2)",
            &families,
            i32::try_from(REPEATED_DAYS).unwrap_or(0),
        )
        .execute(&mut *tx)
        .await?
        .rows_affected();
        tracing::warn!(
            stream.name = stream.name,
            events = again,
            "Stream {} lost what it kept; saying it again",
            stream.name
        );
    }
    sqlx::query!(
        "insert into outbox_stream (stream, created, last_sequence) values ($1, $2, $3)
         on conflict (stream) do update set created = excluded.created, last_sequence = excluded.last_sequence",
        stream.name,
        created,
        last_sequence,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}
