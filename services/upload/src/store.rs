//! All SQL of this service.

mod blocks;
mod erasing;
mod joining;
mod leftovers;
mod pieces;
mod receiving;
mod rows;
mod takes;

pub use blocks::{blocks, forget_blocks, forget_blocks_of, note_blocks};
pub use erasing::{
    Remains, bury, end_takes, erase, erase_takes, is_deleted, lay_down, lock, mark_erased, remains,
};
pub use joining::{
    Patience, Plan, Share, adopt, came_whole, end_session, is_to_be_joined, mark_joined, shares, supersede,
    waited_for,
};
pub use leftovers::{Leftover, due_leftover, hasten, leftovers_of, plan, strike_off};
pub use pieces::{
    OpenPiece, Piece, begin_piece, close_piece, closed_pieces, damage_piece, give_back_numbers,
    hand_out_numbers, let_go, note_piece_multipart, open_piece, parts, seal_piece, sealed_pieces,
};
pub use receiving::{Attempt, Whole, begin, discard, keep, note_multipart, note_whole, stale, still_wanted};
pub use takes::{
    Advance, Hold, Sent, advance, begin_take, bytes_beside, complete_take, count_takes, declare, expire,
    find_take, hold, hold_to_close, is_closed, is_held, is_open, release, still_held, tail, terminate,
};

use crate::medium::{ChannelLayout, Medium, ObjectKey, Processed, Warning};
use clock::Timestamp;
use ids::{LearnerId, MediumId, SessionId};
use postgres::StoreError;
use rows::MediumRow;
use sqlx::PgConnection;
use tracing::instrument;

/// What sessions said is coming.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Whose session it is.
    pub owner: LearnerId,
    /// "keep" or "never".
    pub policy: String,
}

/// Where what is made of a recording will lie.
#[derive(Clone, Debug)]
pub struct Places {
    /// The playable form.
    pub playable: ObjectKey,
    /// The portable form.
    pub portable: ObjectKey,
    /// The waveform.
    pub peaks: ObjectKey,
}

/// How processing ended.
#[derive(Clone, Debug)]
pub struct Outcome<'a> {
    /// What was made, if it could be made.
    pub made: Option<&'a Processed>,
    /// How long the recording is.
    pub duration_ms: u32,
    /// Who is on which channel.
    pub layout: ChannelLayout,
    /// What a listener should know.
    pub warnings: &'a [Warning],
}

/// The recording of a session, unless the session was deleted.
#[instrument(name = "db.medium.find_by_session", skip_all, fields(session.id = %session))]
pub async fn find_by_session(
    connection: &mut PgConnection,
    session: SessionId,
) -> Result<Option<Medium>, StoreError> {
    sqlx::query_as!(
        MediumRow,
        "select medium_id, owner_id, subject_id, state, container, raw_key, playable_key, portable_key, peaks_key,
                bytes, sha256, playable_bytes, portable_bytes, revision, duration_ms, channel_layout, warnings, stored_at
         from medium
         where purpose = 'session_recording' and subject_id = $1 and state in ('stored', 'processed', 'failed')
           and not exists (select from tombstone where tombstone.subject_id = $1)",
        session.as_uuid(),
    )
    .fetch_optional(connection)
    .await?
    .map(Medium::try_from)
    .transpose()
}

/// A recording that arrived whole, unless its session was deleted.
#[instrument(name = "db.medium.find", skip_all, fields(medium.id = %id))]
pub async fn find(connection: &mut PgConnection, id: MediumId) -> Result<Option<Medium>, StoreError> {
    sqlx::query_as!(
        MediumRow,
        "select medium_id, owner_id, subject_id, state, container, raw_key, playable_key, portable_key, peaks_key,
                bytes, sha256, playable_bytes, portable_bytes, revision, duration_ms, channel_layout, warnings, stored_at
         from medium
         where medium_id = $1 and state in ('stored', 'processed', 'failed')
           and not exists (select from tombstone where tombstone.subject_id = medium.subject_id)",
        id.as_uuid(),
    )
    .fetch_optional(connection)
    .await?
    .map(Medium::try_from)
    .transpose()
}

/// Writes down where what is made of a recording will lie, or finds where an earlier try was going to put it. `None`
/// when nothing is to be made of it any more.
#[instrument(name = "db.medium.reserve", skip_all, fields(medium.id = %id))]
pub async fn reserve(
    connection: &mut PgConnection,
    id: MediumId,
    places: &Places,
) -> Result<Option<Places>, StoreError> {
    let row = sqlx::query!(
        r#"update medium
           set playable_key = coalesce(playable_key, $2),
               portable_key = coalesce(portable_key, $3),
               peaks_key = coalesce(peaks_key, $4)
           where medium_id = $1 and state = 'stored'
           returning playable_key as "playable_key!", portable_key as "portable_key!", peaks_key as "peaks_key!""#,
        id.as_uuid(),
        places.playable.as_str(),
        places.portable.as_str(),
        places.peaks.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Places {
        playable: ObjectKey::of_row(row.playable_key),
        portable: ObjectKey::of_row(row.portable_key),
        peaks: ObjectKey::of_row(row.peaks_key),
    }))
}

/// Notes how processing ended, as the next revision. Says whether there was something to note it of.
#[instrument(name = "db.medium.finish", skip_all, fields(medium.id = %id))]
pub async fn finish(
    connection: &mut PgConnection,
    id: MediumId,
    outcome: &Outcome<'_>,
) -> Result<bool, StoreError> {
    let warnings: Vec<String> = outcome.warnings.iter().map(|warning| warning.slug().to_owned()).collect();
    let finished = sqlx::query!(
        "update medium
         set state = case when $2 then 'processed' else 'failed' end,
             playable_bytes = $3, portable_bytes = $4, duration_ms = $5, channel_layout = $6, warnings = $7,
             revision = revision + 1
         where medium_id = $1 and state = 'stored'
           and not exists (select from tombstone where tombstone.subject_id = medium.subject_id)",
        id.as_uuid(),
        outcome.made.is_some(),
        outcome.made.map(|made| rows::signed(made.playable.bytes)),
        outcome.made.and_then(|made| made.portable.as_ref()).map(|made| rows::signed(made.bytes)),
        i32::try_from(outcome.duration_ms).unwrap_or(i32::MAX),
        outcome.layout.name(),
        &warnings,
    )
    .execute(connection)
    .await?;
    Ok(finished.rows_affected() == 1)
}

/// Notes that a session's recording is expected; what was noted first stays.
#[instrument(name = "db.expectation.note", skip_all, fields(session.id = %session))]
pub async fn expect(
    connection: &mut PgConnection,
    session: SessionId,
    expectation: &Expectation,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into expectation (subject_id, owner_id, recording_policy, noted_at)
         select $1, $2, $3, $4
         where not exists (select from tombstone where subject_id = $1)
         on conflict do nothing",
        session.as_uuid(),
        expectation.owner.as_uuid(),
        expectation.policy,
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What is expected of a session.
#[instrument(name = "db.expectation.find", skip_all, fields(session.id = %session))]
pub async fn expected(
    connection: &mut PgConnection,
    session: SessionId,
) -> Result<Option<Expectation>, StoreError> {
    let row = sqlx::query!(
        "select owner_id, recording_policy from expectation where subject_id = $1",
        session.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Expectation { owner: row.owner_id.into(), policy: row.recording_policy }))
}
