//! Noticing that the broker lost what it was told.

use event_bus::Bus;
use events::catalogue::{REPEATED_DAYS, Stream};
use postgres::StoreError;
use sqlx::PgPool;

/// Compares a stream with what it was; when it has lost something, what was published in the last days waits again. Says
/// how many events that are.
///
/// Replicas compare one after the other, and each asks the broker when it is its turn: what it was told earlier would
/// be less than what another has written down since.
pub(crate) async fn compare(pool: &PgPool, bus: &Bus, stream: Stream) -> Result<u64, StoreError> {
    let mut tx = postgres::begin(pool).await?;
    let before = sqlx::query!(
        "select created, last_sequence from outbox_stream where stream = $1 for update",
        stream.name,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(now) = bus.stream_state(stream.name).await else { return Ok(0) };
    let mut again = 0;
    let (created, last_sequence) = (now.created, now.last_sequence);
    if before.is_some_and(|before| before.created != created || last_sequence < before.last_sequence) {
        let families: Vec<String> = stream.subjects.iter().map(|subject| subject.replace('*', "%")).collect();
        again = sqlx::query!(
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
    Ok(again)
}
