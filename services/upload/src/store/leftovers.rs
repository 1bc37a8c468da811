//! What lies in storage, or may, and is nobody's.

use crate::medium::ObjectKey;
use ids::SessionId;
use postgres::StoreError;
use sqlx::PgConnection;
use std::time::Duration;
use tracing::instrument;

/// Something to be removed from storage.
#[derive(Clone, Debug)]
pub struct Leftover {
    /// Where it may lie.
    pub key: ObjectKey,
    /// What storage calls the attempt to put it there, if it came in parts.
    pub multipart: Option<String>,
}

/// Writes down where something is about to be put. It is removed after `kept`, unless it is struck off before.
#[instrument(name = "db.leftover.note", skip_all, fields(session.id = %session))]
pub async fn plan(
    connection: &mut PgConnection,
    session: SessionId,
    keys: &[&ObjectKey],
    kept: Duration,
) -> Result<(), StoreError> {
    let keys: Vec<String> = keys.iter().map(|key| key.as_str().to_owned()).collect();
    sqlx::query!(
        "insert into leftover (object_key, subject_id, due_at)
         select key, $1, now() + make_interval(secs => $3) from unnest($2::text[]) as key",
        session.as_uuid(),
        &keys,
        kept.as_secs_f64(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What lies there is part of something now.
#[instrument(name = "db.leftover.strike_off", skip_all)]
pub async fn strike_off(connection: &mut PgConnection, keys: &[&ObjectKey]) -> Result<(), StoreError> {
    let keys: Vec<String> = keys.iter().map(|key| key.as_str().to_owned()).collect();
    sqlx::query!("delete from leftover where object_key = any($1)", &keys).execute(connection).await?;
    Ok(())
}

/// Something that is due. Nobody else is told of it for a minute.
#[instrument(name = "db.leftover.due", skip_all)]
pub async fn due_leftover(connection: &mut PgConnection) -> Result<Option<Leftover>, StoreError> {
    let row = sqlx::query!(
        "update leftover set due_at = now() + interval '1 minute'
         where object_key = (
             select object_key from leftover where due_at <= now() order by due_at limit 1 for update skip locked
         )
         returning object_key, multipart_id",
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Leftover { key: ObjectKey::of_row(row.object_key), multipart: row.multipart_id }))
}

/// Everything a session left, after whoever is still writing had `settle` to find out. The second half is whether
/// somebody may still be writing.
#[instrument(name = "db.leftover.of_session", skip_all, fields(session.id = %session))]
pub async fn leftovers_of(
    connection: &mut PgConnection,
    session: SessionId,
) -> Result<Vec<(Leftover, bool)>, StoreError> {
    let rows = sqlx::query!(
        r#"select object_key, multipart_id, due_at > now() as "busy!" from leftover where subject_id = $1"#,
        session.as_uuid(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let key = ObjectKey::of_row(row.object_key);
            (Leftover { key, multipart: row.multipart_id }, row.busy)
        })
        .collect())
}

/// What was being put there for a deleted session is due once its writers had `settle` to find out.
#[instrument(name = "db.leftover.hasten", skip_all, fields(session.id = %session))]
pub async fn hasten(
    connection: &mut PgConnection,
    session: SessionId,
    settle: Duration,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update leftover set due_at = least(due_at, now() + make_interval(secs => $2)) where subject_id = $1",
        session.as_uuid(),
        settle.as_secs_f64(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
