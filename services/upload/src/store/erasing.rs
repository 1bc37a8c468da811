//! Deleted sessions.

use crate::medium::ObjectKey;
use clock::Timestamp;
use ids::{MediumId, SessionId, TakeId};
use postgres::StoreError;
use sqlx::PgConnection;
use std::time::Duration;
use tracing::instrument;

/// What is left of a deleted session's recording.
#[derive(Clone, Debug)]
pub struct Remains {
    /// The medium.
    pub medium: MediumId,
    /// Whether somebody may still be writing to storage for it.
    pub busy: bool,
    /// Everything that may lie in storage.
    pub keys: Vec<ObjectKey>,
    /// Parts that may lie there, and where they would have become an object.
    pub multipart: Option<String>,
}

/// Whoever keeps or deletes a session's recording does so alone until the transaction ends.
#[instrument(name = "db.session.lock", skip_all, fields(session.id = %session))]
pub async fn lock(connection: &mut PgConnection, session: SessionId) -> Result<(), StoreError> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", session.to_string())
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Whether a session was deleted.
#[instrument(name = "db.tombstone.find", skip_all, fields(session.id = %session))]
pub async fn is_deleted(connection: &mut PgConnection, session: SessionId) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from tombstone where subject_id = $1) as "deleted!""#,
        session.as_uuid(),
    )
    .fetch_one(connection)
    .await?;
    Ok(found)
}

/// Notes that a session is deleted, and forgets what was expected of it.
#[instrument(name = "db.tombstone.insert", skip_all, fields(session.id = %session))]
pub async fn bury(
    connection: &mut PgConnection,
    session: SessionId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into tombstone (subject_id, deleted_at) values ($1, $2) on conflict do nothing",
        session.as_uuid(),
        at,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("delete from expectation where subject_id = $1", session.as_uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!("delete from ending where subject_id = $1", session.as_uuid()).execute(connection).await?;
    Ok(())
}

/// Ends every take of a deleted session: whoever writes to one finds out.
#[instrument(name = "db.take.end_all", skip_all, fields(session.id = %session))]
pub async fn end_takes(connection: &mut PgConnection, session: SessionId) -> Result<Vec<TakeId>, StoreError> {
    let rows = sqlx::query_scalar!(
        "update take set state = 'gone' where subject_id = $1 returning take_id",
        session.as_uuid(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(TakeId::from).collect())
}

/// Forgets the takes of a deleted session, of which nothing lies in storage any more.
#[instrument(name = "db.take.erase", skip_all, fields(session.id = %session))]
pub async fn erase_takes(connection: &mut PgConnection, session: SessionId) -> Result<(), StoreError> {
    sqlx::query!("delete from leftover where subject_id = $1", session.as_uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!("delete from take where subject_id = $1", session.as_uuid()).execute(connection).await?;
    Ok(())
}

/// Takes a deleted session's recordings out of processing: whoever processes one finds out within `settle`.
#[instrument(name = "db.medium.lay_down", skip_all, fields(session.id = %session))]
pub async fn lay_down(
    connection: &mut PgConnection,
    session: SessionId,
) -> Result<Vec<MediumId>, StoreError> {
    let rows = sqlx::query_scalar!(
        "update medium set state = 'erasing', seen_at = now()
         where subject_id = $1 and state = 'stored'
         returning medium_id",
        session.as_uuid(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(MediumId::from).collect())
}

/// Everything there is of a deleted session. Busy is what was seen alive more recently than `settle` ago.
#[instrument(name = "db.medium.remains", skip_all, fields(session.id = %session))]
pub async fn remains(
    connection: &mut PgConnection,
    session: SessionId,
    settle: Duration,
) -> Result<Vec<Remains>, StoreError> {
    let rows = sqlx::query!(
        r#"select medium_id, raw_key, playable_key, portable_key, peaks_key, multipart_id,
                  (state in ('receiving', 'erasing') and seen_at > now() - make_interval(secs => $2)) as "busy!"
           from medium
           where subject_id = $1"#,
        session.as_uuid(),
        settle.as_secs_f64(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Remains {
            medium: row.medium_id.into(),
            busy: row.busy,
            keys: [Some(row.raw_key), row.playable_key, row.portable_key, row.peaks_key]
                .into_iter()
                .flatten()
                .map(ObjectKey::of_row)
                .collect(),
            multipart: row.multipart_id,
        })
        .collect())
}

/// Forgets a medium of which nothing lies in storage any more.
#[instrument(name = "db.medium.erase", skip_all, fields(medium.id = %id))]
pub async fn erase(connection: &mut PgConnection, id: MediumId) -> Result<(), StoreError> {
    sqlx::query!("delete from medium where medium_id = $1", id.as_uuid()).execute(connection).await?;
    Ok(())
}

/// Notes that nothing is left of a deleted session. Says whether it was not noted before.
#[instrument(name = "db.tombstone.mark_erased", skip_all, fields(session.id = %session))]
pub async fn mark_erased(
    connection: &mut PgConnection,
    session: SessionId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let marked = sqlx::query!(
        "update tombstone set erased_at = $2 where subject_id = $1 and erased_at is null",
        session.as_uuid(),
        at,
    )
    .execute(connection)
    .await?;
    Ok(marked.rows_affected() == 1)
}
