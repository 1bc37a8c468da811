//! Events that can never be handled as they are: listed, opened, sent again, thrown away.

use crate::forget::{days_before, first_minted_at};
use clock::Clock;
use event_bus::{Bus, Delivery, Outgoing, PublishError};
use events::catalogue::{Consumer, REPEATED_DAYS};
use ids::EventId;
use postgres::StoreError;
use serde::Serialize;
use sqlx::PgPool;
use time::OffsetDateTime;

/// A dead letter without its payload.
#[derive(Debug, Serialize)]
pub struct DeadLetter {
    /// Its number in this service.
    pub id: i64,
    /// Which consumer refused it.
    pub consumer: String,
    /// The event.
    pub event_id: uuid::Uuid,
    /// Where it was published.
    pub subject: String,
    /// Why it was refused.
    pub reason: String,
    /// Size of the encoded event in bytes.
    pub bytes: i32,
    /// The producer's place in the trace.
    pub traceparent: Option<String>,
    /// When it was refused.
    #[serde(with = "time::serde::rfc3339")]
    pub died_at: OffsetDateTime,
    /// When it was last sent again.
    #[serde(with = "time::serde::rfc3339::option")]
    pub replayed_at: Option<OffsetDateTime>,
}

/// A dead letter with what it says.
#[derive(Debug, Serialize)]
pub struct Opened {
    /// The letter.
    #[serde(flatten)]
    pub letter: DeadLetter,
    /// The event, decoded; `None` when it cannot be.
    pub event: Option<String>,
}

/// A dead letter could not be sent again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is none of that number.
    #[error("there is no dead letter {0}")]
    Unknown(i64),
    /// It was said so long ago that whoever handled it may have forgotten it.
    #[error(
        "dead letter {0} was said more than {REPEATED_DAYS} days ago: whoever handled it then may have forgotten that, and it \
         would take effect twice"
    )]
    TooOld(i64),
    /// It could not be read.
    #[error("the dead letter could not be read")]
    Store(#[source] StoreError),
    /// The broker did not take it.
    #[error("the dead letter could not be published")]
    Publish(#[source] PublishError),
}

#[tracing::instrument(name = "db.dead_letter.keep", skip_all, fields(event.id = %id))]
pub(crate) async fn keep(
    pool: &PgPool,
    consumer: Consumer,
    id: EventId,
    delivery: &Delivery,
    reason: &str,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into dead_letter (consumer, event_id, subject, payload, traceparent, reason)
         values ($1, $2, $3, $4, $5, $6)
         on conflict on constraint one_dead_letter_per_event
         do update set reason = excluded.reason, died_at = now()",
        consumer.name,
        id.as_uuid(),
        delivery.subject,
        delivery.payload.as_ref(),
        delivery.traceparent.map(|parent| parent.to_string()),
        reason,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// All dead letters of this service, newest first.
pub async fn list(pool: &PgPool) -> Result<Vec<DeadLetter>, StoreError> {
    let letters = sqlx::query_as!(
        DeadLetter,
        r#"select dead_letter_id as id, consumer, event_id, subject, reason,
                  octet_length(payload) as "bytes!", traceparent, died_at, replayed_at
           from dead_letter
           order by dead_letter_id desc"#,
    )
    .fetch_all(pool)
    .await?;
    Ok(letters)
}

/// How many dead letters of a consumer were not sent again since they were refused.
pub(crate) async fn waiting(pool: &PgPool, consumer: Consumer) -> Result<i64, StoreError> {
    let waiting = sqlx::query_scalar!(
        r#"select count(*) as "waiting!" from dead_letter
           where consumer = $1 and (replayed_at is null or replayed_at < died_at)"#,
        consumer.name,
    )
    .fetch_one(pool)
    .await?;
    Ok(waiting)
}

/// One dead letter of this service, if there is one of that number.
pub async fn open(pool: &PgPool, id: i64) -> Result<Option<Opened>, StoreError> {
    let row = sqlx::query!(
        r#"select dead_letter_id as id, consumer, event_id, subject, reason, payload, traceparent, died_at, replayed_at
           from dead_letter
           where dead_letter_id = $1"#,
        id,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Opened {
        event: events::described(&row.subject, &row.payload),
        letter: DeadLetter {
            id: row.id,
            consumer: row.consumer,
            event_id: row.event_id,
            subject: row.subject,
            reason: row.reason,
            bytes: i32::try_from(row.payload.len()).unwrap_or(i32::MAX),
            traceparent: row.traceparent,
            died_at: row.died_at,
            replayed_at: row.replayed_at,
        },
    }))
}

/// Throws a dead letter away; says whether there was one of that number.
pub async fn discard(pool: &PgPool, id: i64) -> Result<bool, StoreError> {
    let discarded =
        sqlx::query!("delete from dead_letter where dead_letter_id = $1", id).execute(pool).await?;
    Ok(discarded.rows_affected() > 0)
}

/// Publishes a dead letter again, unless it is too old. Consumers that handled the event before know it; the one that
/// refused it tries again.
pub async fn replay(pool: &PgPool, bus: &Bus, id: i64) -> Result<(), ReplayError> {
    let letter = sqlx::query!(
        "select event_id, subject, payload, traceparent from dead_letter where dead_letter_id = $1",
        id,
    )
    .fetch_optional(pool)
    .await
    .map_err(|error| ReplayError::Store(error.into()))?
    .ok_or(ReplayError::Unknown(id))?;
    if letter.event_id < first_minted_at(days_before(Clock::System.now(), REPEATED_DAYS)) {
        return Err(ReplayError::TooOld(id));
    }
    let outgoing = Outgoing {
        event: letter.event_id.into(),
        subject: letter.subject,
        payload: letter.payload.into(),
        traceparent: letter.traceparent.and_then(|text| text.parse().ok()),
        replayed: true,
    };
    bus.publish(&outgoing).await.map_err(ReplayError::Publish)?;
    sqlx::query!("update dead_letter set replayed_at = now() where dead_letter_id = $1", id)
        .execute(pool)
        .await
        .map_err(|error| ReplayError::Store(error.into()))?;
    Ok(())
}
