//! What was said about something.

use clock::Timestamp;
use ids::EventId;
use postgres::StoreError;
use sqlx::PgPool;
use telemetry::Traceparent;

/// An event that was said, or waits to be.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its id.
    pub id: EventId,
    /// Where it is published.
    pub subject: String,
    /// What it says; `None` when it cannot be decoded.
    pub event: Option<String>,
    /// The place in the trace of what caused it.
    pub traceparent: Option<Traceparent>,
    /// When its cause was committed.
    pub created_at: Timestamp,
    /// When the broker confirmed it; `None` while it waits.
    pub published_at: Option<Timestamp>,
}

/// Every event with this identifier in it, oldest first. Reads all that is kept: for operators, not for requests.
pub async fn mentioning(pool: &PgPool, id: &str) -> Result<Vec<Said>, StoreError> {
    let rows = sqlx::query!(
        "select event_id, subject, payload, traceparent, created_at, published_at
         from outbox
         where position(convert_to($1, 'UTF8') in payload) > 0
         order by event_id",
        id,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Said {
            id: row.event_id.into(),
            event: events::described(&row.subject, &row.payload),
            subject: row.subject,
            traceparent: row.traceparent.and_then(|text| text.parse().ok()),
            created_at: row.created_at,
            published_at: row.published_at,
        })
        .collect())
}
