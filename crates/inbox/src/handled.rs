//! Which consumers know an event.

use ids::EventId;
use postgres::StoreError;
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

/// That an event had its effect.
#[derive(Clone, Debug)]
pub struct Handled {
    /// The event.
    pub event: EventId,
    /// The consumer.
    pub consumer: String,
    /// When its effect was committed.
    pub at: OffsetDateTime,
}

/// Which of these events had their effect here.
pub async fn handled(pool: &PgPool, events: &[EventId]) -> Result<Vec<Handled>, StoreError> {
    let events: Vec<Uuid> = events.iter().map(|event| event.as_uuid()).collect();
    let rows = sqlx::query!(
        "select consumer, event_id, handled_at from inbox where event_id = any($1) order by handled_at",
        &events,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Handled { event: row.event_id.into(), consumer: row.consumer, at: row.handled_at })
        .collect())
}
