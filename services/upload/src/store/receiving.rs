//! Recordings on their way.

use super::rows::{container, hash, signed, size};
use crate::medium::{Container, ObjectKey, Sha256};
use clock::Timestamp;
use ids::{LearnerId, MediumId, SessionId};
use postgres::StoreError;
use sqlx::PgConnection;
use std::time::Duration;
use tracing::instrument;

/// One try to send a recording.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The medium it becomes if it succeeds.
    pub medium: MediumId,
    /// Who sends it.
    pub owner: LearnerId,
    /// The session it was recorded in.
    pub session: SessionId,
    /// What it is.
    pub container: Container,
    /// Where it will lie.
    pub key: ObjectKey,
    /// What storage calls it, if it comes in parts.
    pub multipart: Option<String>,
    /// Its size and hash, once its last byte arrived.
    pub whole: Option<Whole>,
}

/// What all bytes of a recording come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    /// How many they are.
    pub bytes: u64,
    /// Their hash.
    pub sha256: Sha256,
}

/// Writes an attempt down before its first byte goes to storage.
#[instrument(name = "db.medium.begin", skip_all, fields(medium.id = %attempt.medium))]
pub async fn begin(
    connection: &mut PgConnection,
    attempt: &Attempt,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into medium (medium_id, owner_id, purpose, subject_id, state, container, raw_key, began_at)
         values ($1, $2, 'session_recording', $3, 'receiving', $4, $5, $6)",
        attempt.medium.as_uuid(),
        attempt.owner.as_uuid(),
        attempt.session.as_uuid(),
        attempt.container.name(),
        attempt.key.as_str(),
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes what storage calls an attempt that comes in parts.
#[instrument(name = "db.medium.note_multipart", skip_all, fields(medium.id = %id))]
pub async fn note_multipart(
    connection: &mut PgConnection,
    id: MediumId,
    multipart: &str,
) -> Result<(), StoreError> {
    sqlx::query!("update medium set multipart_id = $2 where medium_id = $1", id.as_uuid(), multipart)
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that the last byte arrived. From here on the attempt can be finished without its sender.
#[instrument(name = "db.medium.note_whole", skip_all, fields(medium.id = %id))]
pub async fn note_whole(connection: &mut PgConnection, id: MediumId, whole: Whole) -> Result<(), StoreError> {
    sqlx::query!(
        "update medium set bytes = $2, sha256 = $3 where medium_id = $1",
        id.as_uuid(),
        signed(whole.bytes),
        &whole.sha256[..],
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Says that the replica receiving it is alive, and learns whether anybody still wants it.
pub async fn still_wanted(connection: &mut PgConnection, id: MediumId) -> Result<bool, StoreError> {
    let wanted = sqlx::query_scalar!(
        r#"update medium set seen_at = now()
           where medium_id = $1 and state = 'receiving'
           returning not exists (
               select from tombstone where tombstone.subject_id = medium.subject_id
           ) as "wanted!""#,
        id.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(wanted.unwrap_or(false))
}

/// The attempt becomes the session's recording. Says whether it was still on its way.
#[instrument(name = "db.medium.keep", skip_all, fields(medium.id = %id))]
pub async fn keep(connection: &mut PgConnection, id: MediumId, at: Timestamp) -> Result<bool, StoreError> {
    let kept = sqlx::query!(
        "update medium set state = 'stored', stored_at = $2, multipart_id = null
         where medium_id = $1 and state = 'receiving'",
        id.as_uuid(),
        at,
    )
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Forgets an attempt that came to nothing.
#[instrument(name = "db.medium.discard", skip_all, fields(medium.id = %id))]
pub async fn discard(connection: &mut PgConnection, id: MediumId) -> Result<(), StoreError> {
    sqlx::query!("delete from medium where medium_id = $1 and state = 'receiving'", id.as_uuid())
        .execute(connection)
        .await?;
    Ok(())
}

/// An attempt whose replica was not seen for so long. It is seen now: one replica deals with it.
#[instrument(name = "db.medium.stale", skip_all)]
pub async fn stale(connection: &mut PgConnection, unseen: Duration) -> Result<Option<Attempt>, StoreError> {
    let row = sqlx::query!(
        r#"update medium set seen_at = now()
           where medium_id = (
               select medium_id from medium
               where state = 'receiving' and seen_at < now() - make_interval(secs => $1)
               order by seen_at
               limit 1
               for update skip locked
           )
           returning medium_id, owner_id, subject_id as "subject_id!", container, raw_key, multipart_id, bytes, sha256"#,
        unseen.as_secs_f64(),
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Attempt {
        medium: row.medium_id.into(),
        owner: row.owner_id.into(),
        session: row.subject_id.into(),
        container: container(&row.container)?,
        key: ObjectKey::of_row(row.raw_key),
        multipart: row.multipart_id,
        whole: match row.bytes {
            None => None,
            some => Some(Whole { bytes: size(some, "bytes")?, sha256: hash(row.sha256)? }),
        },
    }))
}
