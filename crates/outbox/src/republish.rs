//! Saying again what was said.

use clock::Timestamp;
use postgres::StoreError;
use sqlx::PgPool;

/// Marks what was published as waiting again: since a moment, of one subject, or all that is kept. The relays publish it
/// within seconds, and an inbox that knows an event lets it pass; whoever asks answers for it that none has forgotten one
/// ([`events::catalogue::REPEATED_DAYS`]). Says how many events there are.
pub async fn republish(
    pool: &PgPool,
    since: Option<Timestamp>,
    subject: Option<&str>,
) -> Result<u64, StoreError> {
    let again = sqlx::query!(
        "update outbox set published_at = null
         where published_at is not null
           and ($1::timestamptz is null or created_at >= $1)
           and ($2::text is null or subject = $2)",
        since,
        subject,
    )
    .execute(pool)
    .await?;
    Ok(again.rows_affected())
}
