//! What is left of deleted sessions: tombstones while parts are erased elsewhere, then receipts.

use crate::words::Part;
use clock::Timestamp;
use ids::SessionId;
use postgres::StoreError;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use tracing::instrument;

/// Removes a session with everything that hangs off it and leaves a tombstone.
#[instrument(name = "db.session.bury", skip_all, fields(session.id = %id))]
pub async fn bury(connection: &mut PgConnection, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query!("delete from session where session_id = $1", id.as_uuid()).execute(&mut *connection).await?;
    sqlx::query!("delete from idempotency_key where session_id = $1 and operation <> 'start'", id.as_uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!("update idempotency_key set session_id = null where session_id = $1", id.as_uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!("insert into tombstone (session_id, deleted_at) values ($1, $2)", id.as_uuid(), at)
        .execute(connection)
        .await?;
    Ok(())
}

/// When the session was deleted, if parts of it are still being erased; keeps its tombstone for this transaction.
#[instrument(name = "db.tombstone.lock", skip_all, fields(session.id = %id))]
pub async fn lock(connection: &mut PgConnection, id: SessionId) -> Result<Option<Timestamp>, StoreError> {
    let row = sqlx::query!("select deleted_at from tombstone where session_id = $1 for update", id.as_uuid())
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| row.deleted_at))
}

/// Notes that a part is erased, and says how many are.
#[instrument(name = "db.erased_part.insert", skip_all, fields(session.id = %id))]
pub async fn erased(connection: &mut PgConnection, id: SessionId, part: Part) -> Result<usize, StoreError> {
    sqlx::query!(
        "insert into erased_part (session_id, part) values ($1, $2) on conflict do nothing",
        id.as_uuid(),
        part.as_str(),
    )
    .execute(&mut *connection)
    .await?;
    let row =
        sqlx::query!(r#"select count(*) as "parts!" from erased_part where session_id = $1"#, id.as_uuid(),)
            .fetch_one(connection)
            .await?;
    Ok(usize::try_from(row.parts).unwrap_or(0))
}

/// Forgets the session and keeps a receipt.
#[instrument(name = "db.tombstone.forget", skip_all, fields(session.id = %id))]
pub async fn forget(
    connection: &mut PgConnection,
    id: SessionId,
    deleted_at: Timestamp,
    completed_at: Timestamp,
) -> Result<(), StoreError> {
    let hash = Sha256::digest(id.as_uuid().as_bytes());
    sqlx::query!("delete from tombstone where session_id = $1", id.as_uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "insert into deletion_receipt (session_hash, deleted_at, completed_at) values ($1, $2, $3)
         on conflict do nothing",
        &hash[..],
        deleted_at,
        completed_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}
