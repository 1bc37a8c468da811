//! Who was heard of, and who was not: all by the clock of the database.

use ids::{LearnerId, SessionId};
use postgres::StoreError;
use sqlx::PgConnection;
use std::time::Duration;
use tracing::instrument;

/// Notes that the learner was heard of. Says whether their session is open; one that is not stays as it is.
#[instrument(name = "db.session.seen", skip_all, fields(session.id = %id))]
pub async fn seen(
    connection: &mut PgConnection,
    id: SessionId,
    learner: LearnerId,
) -> Result<bool, StoreError> {
    let noted = sqlx::query!(
        "update session set seen_at = now() where session_id = $1 and learner_id = $2 and finalized_at is null",
        id.as_uuid(),
        learner.as_uuid(),
    )
    .execute(connection)
    .await?
    .rows_affected();
    Ok(noted == 1)
}

/// The first open session after the given one whose learner was not heard of for so long, kept for this transaction.
/// Those that somebody else keeps are passed over: either the learner is back, or another replica is at it.
#[instrument(name = "db.session.lock_abandoned", skip_all)]
pub async fn lock_abandoned(
    connection: &mut PgConnection,
    absent: Duration,
    after: Option<SessionId>,
) -> Result<Option<SessionId>, StoreError> {
    let row = sqlx::query!(
        "select session_id from session
         where finalized_at is null and seen_at <= now() - make_interval(secs => $1)
           and ($2::uuid is null or session_id > $2)
         order by session_id
         limit 1
         for update skip locked",
        absent.as_secs_f64(),
        after.map(SessionId::as_uuid),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.session_id.into()))
}

/// How many sessions are open.
#[instrument(name = "db.session.count_open", skip_all)]
pub async fn open(connection: &mut PgConnection) -> Result<i64, StoreError> {
    let open = sqlx::query_scalar!(r#"select count(*) as "open!" from session where finalized_at is null"#)
        .fetch_one(connection)
        .await?;
    Ok(open)
}
