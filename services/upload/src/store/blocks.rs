//! What the blocks of stored objects hash to.

use crate::{blocks::Blocks, medium::ObjectKey};
use ids::SessionId;
use postgres::StoreError;
use sqlx::PgConnection;
use tracing::instrument;

/// Notes what is put there, in the place of what was noted before.
#[instrument(name = "db.blocks.note", skip_all, fields(session.id = %session))]
pub async fn note_blocks(
    connection: &mut PgConnection,
    session: SessionId,
    key: &ObjectKey,
    blocks: &Blocks,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into object_blocks (object_key, subject_id, hashes) values ($1, $2, $3)
         on conflict (object_key) do update set hashes = excluded.hashes",
        key.as_str(),
        session.as_uuid(),
        blocks.as_bytes(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What was put there; `None` when that was before anybody took note.
#[instrument(name = "db.blocks.find", skip_all)]
pub async fn blocks(connection: &mut PgConnection, key: &ObjectKey) -> Result<Option<Blocks>, StoreError> {
    let hashes = sqlx::query_scalar!("select hashes from object_blocks where object_key = $1", key.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(hashes.map(Blocks::of_row))
}

/// Forgets those of an object that is removed.
#[instrument(name = "db.blocks.forget_one", skip_all)]
pub async fn forget_blocks_of(connection: &mut PgConnection, key: &ObjectKey) -> Result<(), StoreError> {
    sqlx::query!("delete from object_blocks where object_key = $1", key.as_str()).execute(connection).await?;
    Ok(())
}

/// Forgets those of a deleted session.
#[instrument(name = "db.blocks.forget", skip_all, fields(session.id = %session))]
pub async fn forget_blocks(connection: &mut PgConnection, session: SessionId) -> Result<(), StoreError> {
    sqlx::query!("delete from object_blocks where subject_id = $1", session.as_uuid())
        .execute(connection)
        .await?;
    Ok(())
}
