//! Recordings made of takes.

use super::rows::{odd_in, signed, unsigned};
use crate::{
    medium::{Medium, ObjectKey, State, Warning},
    take::EXPIRES_DAYS,
};
use clock::Timestamp;
use ids::{LearnerId, MediumId, SessionId, TakeId};
use postgres::StoreError;
use sqlx::PgConnection;
use std::time::Duration;
use tracing::instrument;

/// A take as a part of a recording.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// The take.
    pub take: TakeId,
    /// Whose it is.
    pub owner: LearnerId,
    /// Where it begins on the session clock.
    pub start_ms: u32,
    /// Whether some of it came, and more may come.
    pub open: bool,
    /// How many of its bytes can be read.
    pub sealed: u64,
    /// How many of its bytes are in the recording.
    pub joined: u64,
    /// Whether storage damaged a part of it.
    pub damaged: bool,
}

/// How long takes that are open are waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Those of which something came.
    pub begun: Duration,
    /// Those of which nothing did.
    pub empty: Duration,
}

/// Notes that a session was finalized.
#[instrument(name = "db.ending.note", skip_all, fields(session.id = %session))]
pub async fn end_session(connection: &mut PgConnection, session: SessionId) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into ending (subject_id)
         select $1 where not exists (select from tombstone where subject_id = $1)
         on conflict do nothing",
        session.as_uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether a recording is to be made of a session's takes: it was finalized, and has some.
#[instrument(name = "db.ending.find", skip_all, fields(session.id = %session))]
pub async fn is_to_be_joined(connection: &mut PgConnection, session: SessionId) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from ending where subject_id = $1)
              and exists (select from take where subject_id = $1) as "ended!""#,
        session.as_uuid(),
    )
    .fetch_one(connection)
    .await?)
}

/// How long takes of a session are still waited for: until nothing of any came for `patience` after its end. One of
/// which nothing ever came is waited for less: its recorder may never have learned where it is.
#[instrument(name = "db.take.waited_for", skip_all, fields(session.id = %session))]
pub async fn waited_for(
    connection: &mut PgConnection,
    session: SessionId,
    patience: Patience,
) -> Result<Option<Duration>, StoreError> {
    let left = sqlx::query_scalar!(
        "select extract(epoch from max(
                    greatest(ending.ended_at, take.expires_at - make_interval(days => $4))
                    + make_interval(secs => case when take.arrived > 0 then $2::float8 else $3::float8 end)
                ) - now())::float8
         from ending join take using (subject_id)
         where subject_id = $1 and take.state = 'open'",
        session.as_uuid(),
        patience.begun.as_secs_f64(),
        patience.empty.as_secs_f64(),
        EXPIRES_DAYS,
    )
    .fetch_one(connection)
    .await?;
    Ok(left.filter(|left| *left > 0.0).map(Duration::from_secs_f64))
}

/// The takes of a session in the order in which they were made, unless it was deleted.
#[instrument(name = "db.take.shares", skip_all, fields(session.id = %session))]
pub async fn shares(connection: &mut PgConnection, session: SessionId) -> Result<Vec<Share>, StoreError> {
    let rows = sqlx::query!(
        r#"select take_id, owner_id, start_ms, state = 'open' and arrived > 0 as "open!", joined,
                  coalesce((
                      select sum(part.bytes)
                      from take_part part join take_piece piece using (take_id, piece)
                      where part.take_id = take.take_id and piece.state = 'sealed'
                  ), 0)::bigint as "sealed!",
                  exists (
                      select from take_piece piece where piece.take_id = take.take_id and piece.state = 'damaged'
                  ) as "damaged!"
           from take
           where subject_id = $1 and not exists (select from tombstone where subject_id = $1)
           order by start_ms, take_id"#,
        session.as_uuid(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Share {
                take: row.take_id.into(),
                owner: row.owner_id.into(),
                start_ms: u32::try_from(row.start_ms).map_err(|_| odd_in("take", "start_ms"))?,
                open: row.open,
                sealed: unsigned(row.sealed, "take_part", "bytes")?,
                joined: unsigned(row.joined, "take", "joined")?,
                damaged: row.damaged,
            })
        })
        .collect()
}

/// Notes how much of a take is in the recording.
#[instrument(name = "db.take.mark_joined", skip_all, fields(take.id = %take))]
pub async fn mark_joined(connection: &mut PgConnection, take: TakeId, bytes: u64) -> Result<(), StoreError> {
    sqlx::query!("update take set joined = $2 where take_id = $1", take.as_uuid(), signed(bytes))
        .execute(connection)
        .await?;
    Ok(())
}

/// What a session's recording made of takes consists of is nobody's from now on: another takes its place.
#[instrument(name = "db.medium.supersede", skip_all, fields(session.id = %session))]
pub async fn supersede(connection: &mut PgConnection, session: SessionId) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into leftover (object_key, subject_id, due_at)
         select key, $1, now()
         from medium, unnest(array[raw_key, playable_key, portable_key, peaks_key]) as key
         where subject_id = $1 and purpose = 'session_recording' and state <> 'receiving' and from_takes
           and key is not null",
        session.as_uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A recording made of takes becomes the session's, as its next revision. `None` when the session has one that was sent
/// in one body.
#[instrument(name = "db.medium.adopt", skip_all, fields(session.id = %medium.session))]
pub async fn adopt(
    connection: &mut PgConnection,
    medium: &Medium,
    warnings: &[Warning],
    at: Timestamp,
) -> Result<Option<(MediumId, u32)>, StoreError> {
    let made = match &medium.state {
        State::Processed(made) => Some(made),
        State::Stored | State::Failed => None,
    };
    let portable = made.and_then(|made| made.portable.as_ref());
    let warnings: Vec<String> = warnings.iter().map(|warning| warning.slug().to_owned()).collect();
    let adopted = sqlx::query!(
        "insert into medium (
             medium_id, owner_id, purpose, subject_id, state, container, raw_key, playable_key, portable_key,
             peaks_key, bytes, sha256, playable_bytes, portable_bytes, revision, duration_ms, channel_layout,
             warnings, began_at, stored_at, from_takes
         )
         values ($1, $2, 'session_recording', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $15, $16, $17, $17, true)
         on conflict (purpose, subject_id) where state <> 'receiving' do update
         set state = excluded.state, container = excluded.container, raw_key = excluded.raw_key,
             playable_key = excluded.playable_key, portable_key = excluded.portable_key,
             peaks_key = excluded.peaks_key, bytes = excluded.bytes, sha256 = excluded.sha256,
             playable_bytes = excluded.playable_bytes, portable_bytes = excluded.portable_bytes,
             revision = medium.revision + 1, duration_ms = excluded.duration_ms,
             channel_layout = excluded.channel_layout, warnings = excluded.warnings, stored_at = excluded.stored_at
         where medium.from_takes
         returning medium_id, revision",
        medium.id.as_uuid(),
        medium.owner.as_uuid(),
        medium.session.as_uuid(),
        if made.is_some() { "processed" } else { "failed" },
        medium.raw.container.name(),
        medium.raw.key.as_str(),
        made.map(|made| made.playable.key.as_str()),
        portable.map(|portable| portable.key.as_str()),
        made.map(|made| made.peaks_key.as_str()),
        signed(medium.raw.bytes),
        &medium.sha256[..],
        made.map(|made| signed(made.playable.bytes)),
        portable.map(|portable| signed(portable.bytes)),
        i32::try_from(medium.duration_ms).unwrap_or(i32::MAX),
        medium.layout.name(),
        &warnings,
        at,
    )
    .fetch_optional(connection)
    .await?;
    adopted
        .map(|row| {
            let revision = u32::try_from(row.revision).map_err(|_| odd_in("medium", "revision"))?;
            Ok((row.medium_id.into(), revision))
        })
        .transpose()
}

/// Whether a session has a recording that was sent in one body.
#[instrument(name = "db.medium.came_whole", skip_all, fields(session.id = %session))]
pub async fn came_whole(connection: &mut PgConnection, session: SessionId) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select from medium
               where subject_id = $1 and purpose = 'session_recording' and state <> 'receiving' and not from_takes
           ) as "whole!""#,
        session.as_uuid(),
    )
    .fetch_one(connection)
    .await?)
}

/// The keys a recording would be put under.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The takes in one file.
    pub raw: ObjectKey,
    /// What is made of that.
    pub places: super::Places,
}

impl Plan {
    /// Places nobody used.
    pub fn mint() -> Self {
        let key = ObjectKey::mint;
        Self { raw: key(), places: super::Places { playable: key(), portable: key(), peaks: key() } }
    }

    /// All of them.
    pub const fn keys(&self) -> [&ObjectKey; 4] {
        [&self.raw, &self.places.playable, &self.places.portable, &self.places.peaks]
    }
}
