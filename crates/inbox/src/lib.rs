//! An event takes effect once.
//!
//! A delivery is one transaction: the event's id is written to the inbox together with its effect, so a second
//! delivery, on whichever replica, finds it there. An event that can never be handled becomes a dead letter.

pub mod dead_letters;
mod forget;
mod handled;

pub use forget::forget;
pub use handled::{Handled, handled};

use event_bus::{Bus, Delivery, Verdict};
use events::{Event, NotAnId, catalogue::Consumer};
use futures::FutureExt as _;
use ids::EventId;
use lifecycle::Lifecycle;
use postgres::StoreError;
use seeded_bug::Bug;
use sqlx::{PgConnection, PgPool, migrate::Migrator};
use std::{error::Error, future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

/// The tables of an inbox, for the database of the service that has it.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/inbox");

/// How often dead letters are counted.
const COUNTED_EVERY: Duration = Duration::from_secs(15);

/// Why an event had no effect.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It may have one later.
    #[error("the event cannot be handled now")]
    Again(#[source] Box<dyn Error + Send + Sync>),
    /// It never will.
    #[error("the event can never be handled")]
    Never(#[source] Box<dyn Error + Send + Sync>),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Again(Box::new(error))
    }
}

impl From<NotAnId> for Refusal {
    fn from(error: NotAnId) -> Self {
        Self::Never(Box::new(error))
    }
}

/// A service's ear for one kind of event.
pub trait Hears<E: Event>: Send + Sync + 'static {
    /// Brings about the event's effect within the given transaction, and nothing outside it.
    fn hear(&self, tx: &mut PgConnection, event: E) -> impl Future<Output = Result<(), Refusal>> + Send;
}

/// What one delivery came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// The effect is committed.
    Effective,
    /// It had its effect before.
    Before,
}

/// Handles one event. Public so that tests can deliver by hand, twice and out of order.
pub async fn deliver<E: Event, H: Hears<E>>(
    pool: &PgPool,
    consumer: Consumer,
    id: EventId,
    event: E,
    ear: &H,
) -> Result<Heard, Refusal> {
    let mut tx = postgres::begin(pool).await.map_err(StoreError::from)?;
    let first = sqlx::query!(
        "insert into inbox (consumer, event_id) values ($1, $2) on conflict do nothing",
        consumer.name,
        id.as_uuid(),
    )
    .execute(&mut *tx)
    .await
    .map_err(StoreError::from)?
    .rows_affected();
    if first == 0 && !seeded_bug::is_made(Bug::HeardAgain) {
        metrics::counter!("inbox_duplicates_total", "consumer" => consumer.name).increment(1);
        return Ok(Heard::Before);
    }
    if seeded_bug::is_made(Bug::NotedApart) {
        sqlx::raw_sql("commit; begin").execute(&mut *tx).await.map_err(StoreError::from)?;
    }
    ear.hear(&mut tx, event).await?;
    tx.commit().await.map_err(StoreError::from)?;
    kill_point::reached("inbox.committed");
    Ok(Heard::Effective)
}

/// Hears one kind of event until the process stops.
pub fn listen<E: Event, H: Hears<E>>(
    bus: Bus,
    pool: &PgPool,
    lifecycle: &Lifecycle,
    consumer: Consumer,
    ear: Arc<H>,
) {
    debug_assert_eq!(consumer.subject, E::SUBJECT);
    forget::from_time_to_time(pool, lifecycle, consumer);
    count_dead_letters(pool, consumer, lifecycle);
    let (asked, pool) = (pool.clone(), pool.clone());
    event_bus::work(
        bus,
        consumer,
        lifecycle,
        move || until_it_answers(asked.clone()),
        move |delivery| {
            let (pool, ear) = (pool.clone(), ear.clone());
            async move { judge(&pool, consumer, delivery, &*ear).await }
        },
    );
}

/// Says how many dead letters wait for an operator, until the process stops.
fn count_dead_letters(pool: &PgPool, consumer: Consumer, lifecycle: &Lifecycle) {
    let (pool, life) = (pool.clone(), lifecycle.clone());
    // A series that begins with its first dead letter shows no growth.
    metrics::counter!("inbox_duplicates_total", "consumer" => consumer.name).increment(0);
    metrics::counter!("dead_letters_total", "consumer" => consumer.name).increment(0);
    lifecycle.spawn(async move {
        loop {
            // A database that gives no answer is noticed by everybody else.
            if let Ok(waiting) = dead_letters::waiting(&pool, consumer).await {
                metrics::gauge!("dead_letters_waiting", "consumer" => consumer.name).set(waiting as f64);
            }
            if !life.pause(COUNTED_EVERY).await {
                return;
            }
        }
    });
}

/// A consumer that cannot reach its own database stops pulling.
async fn until_it_answers(pool: PgPool) {
    while !postgres::answers(&pool).await {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn judge<E: Event, H: Hears<E>>(
    pool: &PgPool,
    consumer: Consumer,
    delivery: Delivery,
    ear: &H,
) -> Verdict {
    let Some(id) = delivery.event else {
        tracing::error!(
            consumer.name = consumer.name,
            event.subject = delivery.subject,
            "An event without an id is dropped"
        );
        return Verdict::Never;
    };
    let outcome = match E::decode(delivery.payload.clone()) {
        // An ear that panics would take its consumer with it, and every event that comes after this one.
        Ok(event) => AssertUnwindSafe(postgres::patiently(deliver(pool, consumer, id, event, ear)))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(Refusal::Never("whoever heard it panicked".into()))),
        Err(error) => Err(Refusal::Never(Box::new(error))),
    };
    match outcome {
        Ok(Heard::Effective) => Verdict::Done,
        Ok(Heard::Before) => {
            tracing::Span::current().record("event.duplicate", true);
            Verdict::Done
        }
        Err(Refusal::Again(cause)) => {
            tracing::warn!(error = %problem::chain(&*cause), consumer.name = consumer.name, event.attempt = delivery.attempt, "Event {id} is handled later");
            Verdict::Again
        }
        Err(Refusal::Never(cause)) => {
            tracing::error!(error = %problem::chain(&*cause), consumer.name = consumer.name, "Event {id} becomes a dead letter");
            metrics::counter!("dead_letters_total", "consumer" => consumer.name).increment(1);
            match dead_letters::keep(pool, consumer, id, &delivery, &cause.to_string()).await {
                Ok(()) => Verdict::Never,
                Err(error) => {
                    tracing::warn!(error = %problem::chain(&error), "The dead letter could not be kept; the event comes back");
                    Verdict::Again
                }
            }
        }
    }
}
