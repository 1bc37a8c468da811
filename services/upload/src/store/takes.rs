//! Takes: who may write to them, and how far they have come.

use super::rows::{odd_in, signed, unsigned};
use crate::{
    bucket::Part,
    medium::Sha256,
    take::{EXPIRES_DAYS, LEASE, Start, Take, TakeState},
};
use clock::Timestamp;
use futures::TryStreamExt as _;
use ids::{LearnerId, SessionId, TakeId};
use postgres::StoreError;
use sqlx::{PgConnection, types::Uuid};
use std::time::Duration;
use tracing::instrument;

/// The right to write to a take.
#[derive(Clone, Copy, Debug)]
pub struct Hold {
    /// The take.
    pub take: TakeId,
    /// Higher than every token before it.
    pub token: i64,
}

/// A part that is in storage.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The piece it is a part of.
    pub piece: i32,
    /// What storage knows it by.
    pub part: Part,
    /// How many bytes it has.
    pub bytes: u64,
    /// Their hash.
    pub sha256: Sha256,
}

/// What makes a take longer, all at once.
#[derive(Clone, Debug)]
pub struct Advance {
    /// Where the take ended before.
    pub from: u64,
    /// Where it ends now.
    pub to: u64,
    /// Parts that hold everything that was in rows, and more.
    pub parts: Vec<Sent>,
    /// What comes behind the parts.
    pub tail: Vec<u8>,
    /// How long the writer keeps others out from now on.
    pub lease: Duration,
}

struct TakeRow {
    take_id: Uuid,
    owner_id: Uuid,
    subject_id: Uuid,
    start_ms: i32,
    metadata: Option<String>,
    length: Option<i64>,
    arrived: i64,
    in_parts: i64,
    state: String,
    expires_at: Timestamp,
}

impl TryFrom<TakeRow> for Take {
    type Error = StoreError;

    fn try_from(row: TakeRow) -> Result<Self, StoreError> {
        let odd = |column| odd_in("take", column);
        Ok(Self {
            id: row.take_id.into(),
            owner: row.owner_id.into(),
            session: row.subject_id.into(),
            start: u32::try_from(row.start_ms).ok().and_then(Start::of_ms).ok_or_else(|| odd("start_ms"))?,
            metadata: row.metadata,
            length: row.length.map(|length| unsigned(length, "take", "length")).transpose()?,
            arrived: unsigned(row.arrived, "take", "arrived")?,
            in_parts: unsigned(row.in_parts, "take", "in_parts")?,
            state: TakeState::of_name(&row.state).ok_or_else(|| odd("state"))?,
            expires_at: row.expires_at,
        })
    }
}

/// Writes down that a take begins. Says until when it may go on.
#[instrument(name = "db.take.begin", skip_all, fields(take.id = %take.id))]
pub async fn begin_take(connection: &mut PgConnection, take: &Take) -> Result<Timestamp, StoreError> {
    Ok(sqlx::query_scalar!(
        "insert into take (take_id, owner_id, subject_id, start_ms, metadata, length, expires_at)
         values ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7))
         returning expires_at",
        take.id.as_uuid(),
        take.owner.as_uuid(),
        take.session.as_uuid(),
        i32::try_from(take.start.as_ms()).unwrap_or(i32::MAX),
        take.metadata,
        take.length.map(signed),
        EXPIRES_DAYS,
    )
    .fetch_one(connection)
    .await?)
}

/// How many takes a session has.
#[instrument(name = "db.take.count", skip_all, fields(session.id = %session))]
pub async fn count_takes(connection: &mut PgConnection, session: SessionId) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "takes!" from take where subject_id = $1"#,
        session.as_uuid()
    )
    .fetch_one(connection)
    .await?)
}

/// How many bytes the other takes of a session have.
#[instrument(name = "db.take.bytes_beside", skip_all, fields(session.id = %session))]
pub async fn bytes_beside(
    connection: &mut PgConnection,
    session: SessionId,
    take: TakeId,
) -> Result<u64, StoreError> {
    let bytes = sqlx::query_scalar!(
        r#"select coalesce(sum(arrived), 0)::bigint as "bytes!" from take
           where subject_id = $1 and take_id <> $2 and state <> 'gone'"#,
        session.as_uuid(),
        take.as_uuid(),
    )
    .fetch_one(connection)
    .await?;
    unsigned(bytes, "take", "arrived")
}

/// Whether a session ended so long ago that nothing more is taken of it.
#[instrument(name = "db.ending.is_closed", skip_all, fields(session.id = %session))]
pub async fn is_closed(connection: &mut PgConnection, session: SessionId) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(r#"select is_closed($1) as "closed!""#, session.as_uuid())
        .fetch_one(connection)
        .await?)
}

/// A learner's take, unless its session was deleted. One that may not go on any more is gone.
#[instrument(name = "db.take.find", skip_all, fields(take.id = %id))]
pub async fn find_take(
    connection: &mut PgConnection,
    owner: LearnerId,
    id: TakeId,
) -> Result<Option<Take>, StoreError> {
    sqlx::query_as!(
        TakeRow,
        r#"select take_id, owner_id, subject_id, start_ms, metadata, length, arrived, in_parts, expires_at,
                  case when state = 'open' and (expires_at < now() or is_closed(subject_id)) then 'gone' else state end
                      as "state!"
           from take
           where take_id = $1 and owner_id = $2
             and not exists (select from tombstone where tombstone.subject_id = take.subject_id)"#,
        id.as_uuid(),
        owner.as_uuid(),
    )
    .fetch_optional(connection)
    .await?
    .map(Take::try_from)
    .transpose()
}

/// Whether somebody writes to a take who is alive.
#[instrument(name = "db.take.is_held", skip_all, fields(take.id = %id))]
pub async fn is_held(connection: &mut PgConnection, id: TakeId) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from take where take_id = $1 and leased_until > now()) as "held!""#,
        id.as_uuid(),
    )
    .fetch_one(connection)
    .await?)
}

/// Takes the right to write at this very place, unless somebody has it who is alive.
#[instrument(name = "db.take.hold", skip_all, fields(take.id = %id))]
pub async fn hold(
    connection: &mut PgConnection,
    owner: LearnerId,
    id: TakeId,
    at: u64,
) -> Result<Option<Hold>, StoreError> {
    let token = sqlx::query_scalar!(
        "update take
         set fencing_token = fencing_token + 1, leased_until = now() + make_interval(secs => $4)
         where take_id = $1 and owner_id = $2 and arrived = $3 and state = 'open' and expires_at > now()
           and (length is null or arrived < length)
           and (leased_until is null or leased_until < now())
           and not exists (select from tombstone where tombstone.subject_id = take.subject_id)
           and not is_closed(subject_id)
         returning fencing_token",
        id.as_uuid(),
        owner.as_uuid(),
        signed(at),
        LEASE.as_secs_f64(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(token.map(|token| Hold { take: id, token }))
}

/// Takes the right to close a take's pieces, unless somebody writes to it.
#[instrument(name = "db.take.hold_to_close", skip_all, fields(take.id = %id))]
pub async fn hold_to_close(
    connection: &mut PgConnection,
    id: TakeId,
) -> Result<Option<(Hold, Take)>, StoreError> {
    let token = sqlx::query_scalar!(
        "update take set fencing_token = fencing_token + 1, leased_until = now() + make_interval(secs => $2)
         where take_id = $1 and state = 'open' and (leased_until is null or leased_until < now())
         returning fencing_token",
        id.as_uuid(),
        LEASE.as_secs_f64(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(token) = token else { return Ok(None) };
    let take = sqlx::query_as!(
        TakeRow,
        "select take_id, owner_id, subject_id, start_ms, metadata, length, arrived, in_parts, expires_at, state
         from take where take_id = $1",
        id.as_uuid(),
    )
    .fetch_one(connection)
    .await?;
    Ok(Some((Hold { take: id, token }, take.try_into()?)))
}

/// Says that the writer is alive. Says whether it may still write.
pub async fn still_held(connection: &mut PgConnection, hold: Hold) -> Result<bool, StoreError> {
    let kept = sqlx::query!(
        "update take set leased_until = now() + make_interval(secs => $3)
         where take_id = $1 and fencing_token = $2 and state = 'open'
           and not exists (select from tombstone where tombstone.subject_id = take.subject_id)",
        hold.take.as_uuid(),
        hold.token,
        LEASE.as_secs_f64(),
    )
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Lets others write.
#[instrument(name = "db.take.release", skip_all, fields(take.id = %hold.take))]
pub async fn release(connection: &mut PgConnection, hold: Hold) -> Result<(), StoreError> {
    sqlx::query!(
        "update take set leased_until = null where take_id = $1 and fencing_token = $2",
        hold.take.as_uuid(),
        hold.token,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes how long a take will be, once. Says whether the writer may still write.
#[instrument(name = "db.take.declare", skip_all, fields(take.id = %hold.take))]
pub async fn declare(connection: &mut PgConnection, hold: Hold, length: u64) -> Result<bool, StoreError> {
    let declared = sqlx::query!(
        "update take set length = coalesce(length, $3) where take_id = $1 and fencing_token = $2 and state = 'open'",
        hold.take.as_uuid(),
        hold.token,
        signed(length),
    )
    .execute(connection)
    .await?;
    Ok(declared.rows_affected() == 1)
}

/// Makes a take longer, if nobody else did and its writer may still write. Says whether that was so.
#[instrument(name = "db.take.advance", skip_all, fields(take.id = %hold.take, bytes = advance.to - advance.from))]
pub async fn advance(
    connection: &mut PgConnection,
    hold: Hold,
    advance: &Advance,
) -> Result<bool, StoreError> {
    let added: u64 = advance.parts.iter().map(|sent| sent.bytes).sum();
    let moved = sqlx::query!(
        "update take
         set arrived = $4, in_parts = in_parts + $5,
             leased_until = now() + make_interval(secs => $6),
             expires_at = case when $4 > $3 then now() + make_interval(days => $7) else expires_at end
         where take_id = $1 and fencing_token = $2 and arrived = $3 and state = 'open'
           and not exists (select from tombstone where tombstone.subject_id = take.subject_id)",
        hold.take.as_uuid(),
        hold.token,
        signed(advance.from),
        signed(advance.to),
        signed(added),
        advance.lease.as_secs_f64(),
        EXPIRES_DAYS,
    )
    .execute(&mut *connection)
    .await?;
    if moved.rows_affected() == 0 {
        return Ok(false);
    }
    if !advance.parts.is_empty() {
        sqlx::query!("delete from take_tail where take_id = $1", hold.take.as_uuid())
            .execute(&mut *connection)
            .await?;
    }
    for Sent { piece, part, bytes, sha256 } in &advance.parts {
        sqlx::query!(
            "insert into take_part (take_id, piece, number, bytes, sha256, etag, crc32)
             values ($1, $2, $3, $4, $5, $6, $7)",
            hold.take.as_uuid(),
            piece,
            part.number,
            signed(*bytes),
            &sha256[..],
            part.etag,
            part.crc32,
        )
        .execute(&mut *connection)
        .await?;
    }
    if !advance.tail.is_empty() {
        sqlx::query!(
            "insert into take_tail (take_id, at_byte, bytes) values ($1, $2, $3)",
            hold.take.as_uuid(),
            signed(advance.to - advance.tail.len() as u64),
            &advance.tail,
        )
        .execute(connection)
        .await?;
    }
    Ok(true)
}

/// Reads the bytes of a take that fill no part yet.
#[instrument(name = "db.take.tail", skip_all, fields(take.id = %id))]
pub async fn tail(connection: &mut PgConnection, id: TakeId) -> Result<Vec<u8>, StoreError> {
    let mut rows =
        sqlx::query_scalar!("select bytes from take_tail where take_id = $1 order by at_byte", id.as_uuid())
            .fetch(connection);
    let mut tail = Vec::new();
    while let Some(bytes) = rows.try_next().await? {
        tail.extend_from_slice(&bytes);
    }
    Ok(tail)
}

/// Whether a take is open.
#[instrument(name = "db.take.is_open", skip_all, fields(take.id = %id))]
pub async fn is_open(connection: &mut PgConnection, id: TakeId) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from take where take_id = $1 and state = 'open') as "open!""#,
        id.as_uuid(),
    )
    .fetch_one(connection)
    .await?)
}

/// Ends a learner's take that is not complete; whoever writes to it finds out. Says whether there was one.
#[instrument(name = "db.take.terminate", skip_all, fields(take.id = %id))]
pub async fn terminate(
    connection: &mut PgConnection,
    owner: LearnerId,
    id: TakeId,
) -> Result<bool, StoreError> {
    let ended = sqlx::query!(
        "update take set state = 'gone' where take_id = $1 and owner_id = $2 and state = 'open'",
        id.as_uuid(),
        owner.as_uuid(),
    )
    .execute(connection)
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// Ends a take with which nobody went on for too long, and says which. What of it is in a recording stays there.
#[instrument(name = "db.take.expire", skip_all)]
pub async fn expire(connection: &mut PgConnection) -> Result<Option<(TakeId, bool)>, StoreError> {
    let row = sqlx::query!(
        r#"update take set state = 'gone'
           where take_id = (
               select take_id from take
               where state = 'open' and (expires_at < now() or is_closed(subject_id))
               limit 1 for update skip locked
           )
           returning take_id, joined > 0 as "joined!""#,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.take_id.into(), row.joined)))
}

/// Notes that everything of a take is in sealed pieces, but for what storage damaged. Says whose session it belongs to, if that is so and it was not
/// noted before.
#[instrument(name = "db.take.complete", skip_all, fields(take.id = %id))]
pub async fn complete_take(
    connection: &mut PgConnection,
    id: TakeId,
) -> Result<Option<SessionId>, StoreError> {
    let session = sqlx::query_scalar!(
        "update take set state = 'complete', leased_until = null
         where take_id = $1 and state = 'open' and arrived = length and in_parts = arrived
           and not exists (select from take_piece piece where piece.take_id = $1 and piece.state not in ('sealed', 'damaged'))
         returning subject_id",
        id.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(session.map(SessionId::from))
}
