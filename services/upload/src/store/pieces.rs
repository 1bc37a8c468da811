//! Pieces of takes: objects in storage, and the parts they are put together from.

use super::{
    rows::{odd_in, unsigned},
    takes::{Hold, Sent},
};
use crate::{bucket::Part, medium::ObjectKey};
use ids::TakeId;
use postgres::StoreError;
use sqlx::PgConnection;
use std::{ops::Range, time::Duration};
use tracing::instrument;

/// An object that is put together from a take's bytes.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Counts the pieces of a take.
    pub number: i32,
    /// Where it lies, or will.
    pub key: ObjectKey,
    /// What storage calls the attempt to put it together.
    pub multipart: Option<String>,
}

/// A piece that parts are added to.
#[derive(Clone, Debug)]
pub struct OpenPiece {
    /// The piece.
    pub piece: Piece,
    /// How many part numbers were handed out and came to no part that counts.
    pub lost: i64,
}

/// The piece that a take's next part is added to.
#[instrument(name = "db.piece.open", skip_all, fields(take.id = %take))]
pub async fn open_piece(
    connection: &mut PgConnection,
    take: TakeId,
) -> Result<Option<OpenPiece>, StoreError> {
    let row = sqlx::query!(
        r#"select piece, object_key, multipart_id,
                  numbers - (
                      select count(*) from take_part part
                      where part.take_id = take_piece.take_id and part.piece = take_piece.piece
                  ) as "lost!"
           from take_piece
           where take_id = $1 and state = 'open'"#,
        take.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| OpenPiece {
        piece: Piece {
            number: row.piece,
            key: ObjectKey::of_row(row.object_key),
            multipart: row.multipart_id,
        },
        lost: row.lost,
    }))
}

/// Writes a new piece down before storage hears of it. `None` when the writer may not write any more.
#[instrument(name = "db.piece.begin", skip_all, fields(take.id = %hold.take))]
pub async fn begin_piece(
    connection: &mut PgConnection,
    hold: Hold,
    key: &ObjectKey,
) -> Result<Option<i32>, StoreError> {
    Ok(sqlx::query_scalar!(
        "insert into take_piece (take_id, piece, object_key)
         select $1, (select coalesce(max(piece), 0) + 1 from take_piece where take_id = $1), $3
         from take where take_id = $1 and fencing_token = $2 and state = 'open'
         returning piece",
        hold.take.as_uuid(),
        hold.token,
        key.as_str(),
    )
    .fetch_optional(connection)
    .await?)
}

/// Notes what storage calls a piece. Says whether the piece is still wanted.
#[instrument(name = "db.piece.note_multipart", skip_all, fields(take.id = %hold.take))]
pub async fn note_piece_multipart(
    connection: &mut PgConnection,
    hold: Hold,
    piece: i32,
    multipart: &str,
) -> Result<bool, StoreError> {
    let noted = sqlx::query!(
        "update take_piece set multipart_id = $4
         from take
         where take.take_id = $1 and take.fencing_token = $2 and take.state = 'open'
           and take_piece.take_id = $1 and take_piece.piece = $3 and take_piece.multipart_id is null",
        hold.take.as_uuid(),
        hold.token,
        piece,
        multipart,
    )
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Hands out the next part numbers of a piece. `None` when the writer may not write any more.
#[instrument(name = "db.piece.hand_out_numbers", skip_all, fields(take.id = %hold.take))]
pub async fn hand_out_numbers(
    connection: &mut PgConnection,
    hold: Hold,
    piece: i32,
    count: i32,
) -> Result<Option<Range<i32>>, StoreError> {
    let last = sqlx::query_scalar!(
        "update take_piece set numbers = numbers + $4
         from take
         where take.take_id = $1 and take.fencing_token = $2 and take.state = 'open'
           and take_piece.take_id = $1 and take_piece.piece = $3 and take_piece.state = 'open'
         returning numbers",
        hold.take.as_uuid(),
        hold.token,
        piece,
        count,
    )
    .fetch_optional(connection)
    .await?;
    Ok(last.map(|last| last - count + 1..last + 1))
}

/// Takes back the last part numbers that were handed out, of which none was used: whoever else held the take meanwhile
/// may have been handed others.
#[instrument(name = "db.piece.give_back_numbers", skip_all, fields(take.id = %hold.take))]
pub async fn give_back_numbers(
    connection: &mut PgConnection,
    hold: Hold,
    piece: i32,
    unused: Range<i32>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update take_piece set numbers = $4 - 1
         from take
         where take.take_id = $1 and take.fencing_token = $2 and take.state = 'open'
           and take_piece.take_id = $1 and take_piece.piece = $3 and take_piece.numbers = $5 - 1",
        hold.take.as_uuid(),
        hold.token,
        piece,
        unused.start,
        unused.end,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Nothing is added any more to the piece that is open, if one is. One without parts that count is nobody's once whoever
/// sent them had `settle` to find out.
#[instrument(name = "db.piece.close", skip_all, fields(take.id = %hold.take))]
pub async fn close_piece(
    connection: &mut PgConnection,
    hold: Hold,
    settle: Duration,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update take_piece set state = 'closed'
         from take
         where take.take_id = $1 and take.fencing_token = $2 and take.state = 'open'
           and take_piece.take_id = $1 and take_piece.state = 'open'
           and exists (select from take_part part where part.take_id = $1 and part.piece = take_piece.piece)",
        hold.take.as_uuid(),
        hold.token,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "with empty as (
             delete from take_piece using take
             where take.take_id = $1 and take.fencing_token = $2 and take.state = 'open'
               and take_piece.take_id = $1 and take_piece.state = 'open'
             returning take_piece.object_key, take_piece.multipart_id, take.subject_id
         )
         insert into leftover (object_key, multipart_id, subject_id, due_at)
         select object_key, multipart_id, subject_id, now() + make_interval(secs => $3) from empty",
        hold.take.as_uuid(),
        hold.token,
        settle.as_secs_f64(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The pieces of a take that have all their parts, but were not put together yet, oldest first.
#[instrument(name = "db.piece.closed", skip_all, fields(take.id = %take))]
pub async fn closed_pieces(connection: &mut PgConnection, take: TakeId) -> Result<Vec<Piece>, StoreError> {
    pieces(connection, take, "closed").await
}

/// The pieces of a take that can be read, in order.
#[instrument(name = "db.piece.sealed", skip_all, fields(take.id = %take))]
pub async fn sealed_pieces(connection: &mut PgConnection, take: TakeId) -> Result<Vec<Piece>, StoreError> {
    pieces(connection, take, "sealed").await
}

async fn pieces(connection: &mut PgConnection, take: TakeId, state: &str) -> Result<Vec<Piece>, StoreError> {
    let rows = sqlx::query!(
        "select piece, object_key, multipart_id from take_piece
         where take_id = $1 and state = $2
         order by piece",
        take.as_uuid(),
        state,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Piece {
            number: row.piece,
            key: ObjectKey::of_row(row.object_key),
            multipart: row.multipart_id,
        })
        .collect())
}

/// The parts of a piece, in order.
#[instrument(name = "db.part.all", skip_all, fields(take.id = %take))]
pub async fn parts(connection: &mut PgConnection, take: TakeId, piece: i32) -> Result<Vec<Sent>, StoreError> {
    let rows = sqlx::query!(
        "select number, bytes, sha256, etag, crc32 from take_part
         where take_id = $1 and piece = $2
         order by number",
        take.as_uuid(),
        piece,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Sent {
                piece,
                part: Part { number: row.number, etag: row.etag, crc32: row.crc32 },
                bytes: unsigned(row.bytes, "take_part", "bytes")?,
                sha256: row.sha256.try_into().map_err(|_| odd_in("take_part", "sha256"))?,
            })
        })
        .collect()
}

/// Notes that a piece was put together and read back.
#[instrument(name = "db.piece.seal", skip_all, fields(take.id = %take))]
pub async fn seal_piece(connection: &mut PgConnection, take: TakeId, piece: i32) -> Result<(), StoreError> {
    sqlx::query!(
        "update take_piece set state = 'sealed', multipart_id = null
         where take_id = $1 and piece = $2 and state = 'closed'",
        take.as_uuid(),
        piece,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that what storage holds of a piece is not what it was given: it is read no more, and the rest goes without it.
#[instrument(name = "db.piece.damage", skip_all, fields(take.id = %take))]
pub async fn damage_piece(connection: &mut PgConnection, take: TakeId, piece: i32) -> Result<(), StoreError> {
    sqlx::query!(
        "update take_piece set state = 'damaged'
         where take_id = $1 and piece = $2 and state in ('closed', 'sealed')",
        take.as_uuid(),
        piece,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whatever a take that is gone has in storage is nobody's any more, and its rows go. Where somebody was still writing, it
/// is due when that writer knows better.
#[instrument(name = "db.piece.let_go", skip_all, fields(take.id = %take))]
pub async fn let_go(connection: &mut PgConnection, take: TakeId, settle: Duration) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into leftover (object_key, multipart_id, subject_id, due_at)
         select piece.object_key, piece.multipart_id, take.subject_id,
                case when take.leased_until > now() - make_interval(secs => $2)
                     then now() + make_interval(secs => $2) else now() end
         from take_piece piece join take using (take_id)
         where take_id = $1 and take.state = 'gone'",
        take.as_uuid(),
        settle.as_secs_f64(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("delete from take_piece where take_id = $1", take.as_uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!("delete from take_tail where take_id = $1", take.as_uuid()).execute(connection).await?;
    Ok(())
}
