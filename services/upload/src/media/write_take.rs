//! A take grows: bytes come in, become durable, and are counted. At most three parts of a take are in memory: two on their
//! way, and one that is gathered in the room of one that arrived.
//!
//! Whoever writes holds a lease that lives as long as bytes come: a sender that vanished keeps its successor out for two
//! seconds. No transaction is open while a body is read, and nothing is counted that is not durable.

mod error;
mod gathering;

use super::{
    Media,
    arrival::PART,
    seal,
    take_parts::{OpenedPiece, Sending},
};
use crate::{
    checksum::Checksum,
    medium::MAX_BYTES,
    store::{self, Advance, Hold, Sent},
    take::{LEASE, Take, TakeState},
};
use bytes::Bytes;
pub use error::WriteError;
use futures::{
    Stream, StreamExt as _,
    stream::{BoxStream, FuturesOrdered},
};
use gathering::Gathering;
use ids::{LearnerId, TakeId};
use postgres::StoreError;
use seeded_bug::Bug;
use sqlx::PgConnection;
use std::{error::Error, time::Duration};
use tokio::time::Instant;
use tracing::{Instrument as _, Span, instrument};

/// Bytes that came are durable after so long, also when they are few.
const FLUSH: Duration = Duration::from_secs(1);
/// A sender that says nothing for so long is gone.
const SILENCE: Duration = Duration::from_mins(1);
/// Parts of a take on their way to storage at once. While they are as many, no more is read than fills the next.
const IN_FLIGHT: usize = 2;
/// While more parts are on their way, those that arrived are counted so often: a commit costs as much as a part.
const COUNT: Duration = Duration::from_millis(250);

/// What a request says of the bytes in its body.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Where they begin.
    pub at: u64,
    /// How many they are, if the request says so.
    pub announced: Option<u64>,
    /// How many the take will have, if that is known only now.
    pub length: Option<u64>,
    /// What they should come to.
    pub checksum: Option<Checksum>,
}

type Body = BoxStream<'static, Result<Bytes, Box<dyn Error + Send + Sync>>>;

/// Why no more bytes come.
enum End {
    /// All came.
    Whole,
    /// The sender is gone.
    BrokenOff(Option<Box<dyn Error + Send + Sync>>),
    /// This process stops. The sender goes on at another replica.
    Stopping,
}

/// A take that is being written to.
struct Writing {
    hold: Hold,
    take: Take,
    gathering: Gathering,
    /// What parts are added to: nobody else closes it while this writer holds the take.
    piece: Option<OpenedPiece>,
    /// Parts that storage was not heard of yet, oldest first. They are counted in this order, whichever is there first.
    on_their_way: FuturesOrdered<Sending>,
    /// Parts in storage that are not counted yet.
    sent: Vec<Sent>,
    /// All bytes that came, as if all of them were counted.
    end: u64,
    /// Bytes of the session's other takes.
    beside: u64,
    checksum: Option<Checksum>,
    /// When the last byte came.
    heard: Instant,
    /// When what is pending is made durable, also if it fills no part.
    flush_at: Instant,
    /// From when on what storage has is counted, also while more is on its way.
    count_at: Instant,
    /// When it is said again that the writer is alive, which waits for storage.
    renew_at: Instant,
}

impl Media {
    /// Adds bytes to a learner's take and says how far it has come.
    ///
    /// It runs as a task of its own: when the sender's connection breaks, what came is kept.
    pub async fn write_take<E>(
        &self,
        learner: LearnerId,
        id: TakeId,
        chunk: Chunk,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Result<Take, WriteError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let Some(desk) = self.desks.take(learner) else { return Err(WriteError::Busy) };
        let (media, body) = (self.clone(), body.map(|piece| piece.map_err(Into::into)).boxed());
        let written = self.lifecycle.spawn(
            async move {
                let written = Box::pin(media.write_body(learner, id, chunk, body)).await;
                drop(desk);
                written
            }
            .instrument(Span::current()),
        );
        written.await.map_err(|error| WriteError::CutOff(Box::new(error)))?
    }

    #[instrument(name = "op.upload.write_take", skip_all, fields(take.id = %id))]
    async fn write_body(
        &self,
        learner: LearnerId,
        id: TakeId,
        chunk: Chunk,
        body: Body,
    ) -> Result<Take, WriteError> {
        let mut connection = self.database.acquire().await?;
        let mut at = chunk.at;
        if seeded_bug::is_made(Bug::OffsetBelieved) {
            at = store::find_take(&mut connection, learner, id).await?.map_or(at, |take| take.arrived);
        }
        let held = store::hold(&mut connection, learner, id, at).await?;
        let found = store::find_take(&mut connection, learner, id).await?;
        let take = found.ok_or(WriteError::NoTake { learner, take: id })?;
        let beside = store::bytes_beside(&mut connection, take.session, id).await?;
        drop(connection);
        let Some(hold) = held else { return Err(refusal(&take, chunk.at)) };
        let (end, now) = (take.arrived, Instant::now());
        let mut writing = Writing {
            hold,
            take,
            gathering: Gathering::default(),
            piece: None,
            on_their_way: FuturesOrdered::new(),
            sent: Vec::new(),
            end,
            beside,
            checksum: chunk.checksum.clone(),
            heard: now,
            flush_at: now + FLUSH,
            count_at: now,
            renew_at: now + LEASE / 3,
        };
        let written = self.write(&mut writing, &chunk, body).await;
        if written.is_err() {
            // What could not be released is free when its lease has run out.
            if let Ok(mut connection) = self.database.acquire().await {
                let _ = store::release(&mut connection, hold).await;
            }
        }
        written.map(|()| writing.take)
    }

    async fn write(&self, writing: &mut Writing, chunk: &Chunk, body: Body) -> Result<(), WriteError> {
        self.agree_on_length(writing, chunk).await?;
        match self.take_in(writing, body).await? {
            End::Whole => {
                if writing.checksum.take().is_some_and(|checksum| !checksum.holds()) {
                    return Err(WriteError::Damaged { take: writing.take.id });
                }
                self.settle(writing).await
            }
            End::Stopping if writing.checksum.is_none() => self.settle(writing).await,
            End::Stopping => Err(WriteError::Stopping { take: writing.take.id }),
            End::BrokenOff(cause) => {
                if writing.checksum.is_none() {
                    self.settle(writing).await?;
                }
                Err(WriteError::BrokenOff { take: writing.take.id, cause })
            }
        }
    }

    async fn agree_on_length(&self, writing: &mut Writing, chunk: &Chunk) -> Result<(), WriteError> {
        let Take { id: take, arrived, .. } = writing.take;
        if let Some(length) = chunk.length {
            if length < arrived || writing.take.length.is_some_and(|known| known != length) {
                return Err(WriteError::Inconsistent { take, length });
            }
            let mut tx = postgres::begin(&self.database).await?;
            if !store::declare(&mut tx, writing.hold, length).await? {
                drop(tx);
                return Err(self.lost(&writing.take).await);
            }
            writing.take.length = Some(length);
            if length == arrived {
                self.ask_to_seal(&mut tx, take, LEASE).await?;
            }
            tx.commit().await?;
        }
        writing.make_room(chunk.announced.unwrap_or(0))
    }

    /// Reads to the end, and waits until storage has every part that was filled: the next one is gathered meanwhile.
    async fn take_in(&self, writing: &mut Writing, mut body: Body) -> Result<End, WriteError> {
        let (mut ended, mut gone_at) = (None, Instant::now() + SILENCE);
        loop {
            self.fill_parts(writing).await?;
            let sends = !writing.on_their_way.is_empty();
            if !sends && let Some(end) = ended {
                return Ok(end);
            }
            let hears = ended.is_none();
            let counts = sends && !writing.sent.is_empty();
            let reads = hears && !writing.gathering.is_full();
            // Behind a part that is on its way, nothing can be counted.
            let flushes = hears && !sends && !(writing.gathering.is_empty() && writing.sent.is_empty());
            tokio::select! {
                piece = body.next(), if reads => match piece {
                    Some(Ok(bytes)) => {
                        writing.push(bytes)?;
                        gone_at = writing.heard + SILENCE;
                    }
                    Some(Err(error)) => ended = Some(End::BrokenOff(Some(error))),
                    None => ended = Some(End::Whole),
                },
                Some(sent) = writing.on_their_way.next(), if sends => {
                    kill_point::reached("take.part_stored");
                    writing.sent.push(sent?);
                    // Behind the last byte, what came is counted where others are let in.
                    if hears && writing.on_their_way.is_empty() {
                        self.count_parts(writing).await?;
                    }
                    // Nobody was listening while storage had enough to do.
                    gone_at = Instant::now() + SILENCE;
                }
                () = tokio::time::sleep_until(writing.count_at), if counts => self.count_parts(writing).await?,
                () = tokio::time::sleep_until(writing.renew_at), if sends => self.renew(writing).await?,
                () = tokio::time::sleep_until(writing.flush_at), if flushes => self.flush(writing).await?,
                () = tokio::time::sleep_until(gone_at), if reads => ended = Some(End::BrokenOff(None)),
                () = self.lifecycle.stopping(), if hears => ended = Some(End::Stopping),
            }
        }
    }

    /// Makes what came durable and counts it; bytes with a checksum only say that they still come.
    async fn flush(&self, writing: &mut Writing) -> Result<(), WriteError> {
        writing.flush_at = Instant::now() + FLUSH;
        let tail = writing.gathering.all();
        self.count(writing, tail).await
    }

    /// Counts the parts that storage has. What comes behind them goes on gathering.
    async fn count_parts(&self, writing: &mut Writing) -> Result<(), WriteError> {
        self.count(writing, Vec::new()).await
    }

    async fn count(&self, writing: &mut Writing, tail: Vec<u8>) -> Result<(), WriteError> {
        let now = Instant::now();
        (writing.count_at, writing.renew_at) = (now + COUNT, now + LEASE / 3);
        if writing.checksum.is_some() {
            let mut connection = self.database.acquire().await?;
            if store::still_held(&mut connection, writing.hold).await? {
                return Ok(());
            }
            drop(connection);
            return Err(self.lost(&writing.take).await);
        }
        let mut tx = postgres::begin(&self.database).await?;
        let advance = writing.advance(tail);
        if !store::advance(&mut tx, writing.hold, &advance).await? {
            drop(tx);
            return Err(self.lost(&writing.take).await);
        }
        if writing.take.length == Some(advance.to) {
            self.ask_to_seal(&mut tx, writing.take.id, LEASE).await?;
        }
        tx.commit().await?;
        writing.count(&advance);
        Ok(())
    }

    /// Asks for a take to be put together, in the very transaction that counts its last byte: its sender may hear of it, or
    /// this process die, before anything else is done. As long as somebody holds the take it cannot be.
    async fn ask_to_seal(
        &self,
        tx: &mut PgConnection,
        take: TakeId,
        delay: Duration,
    ) -> Result<(), StoreError> {
        self.jobs.ask(tx, seal::KIND, &take.to_string(), delay).await
    }

    /// Says that a writer is alive which waits for storage.
    async fn renew(&self, writing: &mut Writing) -> Result<(), WriteError> {
        writing.renew_at = Instant::now() + LEASE / 3;
        if self.may_write(writing.hold).await { Ok(()) } else { Err(self.lost(&writing.take).await) }
    }

    /// Counts what came, lets others write, and asks for what follows from the last byte.
    async fn settle(&self, writing: &mut Writing) -> Result<(), WriteError> {
        let (id, session) = (writing.take.id, writing.take.session);
        let mut tx = postgres::begin(&self.database).await?;
        let advance = writing.advance(writing.gathering.all());
        if !store::advance(&mut tx, writing.hold, &advance).await? {
            drop(tx);
            return Err(self.lost(&writing.take).await);
        }
        writing.count(&advance);
        if let Some(piece) = writing.piece.take() {
            piece.give_back_numbers(&mut tx, writing.hold).await?;
        }
        store::release(&mut tx, writing.hold).await?;
        if writing.take.has_arrived() {
            self.ask_to_seal(&mut tx, id, Duration::ZERO).await?;
        } else {
            self.ask_to_join(&mut tx, session, super::join::PATIENCE.begun).await?;
        }
        if let Some(take) = store::find_take(&mut tx, writing.take.owner, id).await? {
            writing.take = take;
        }
        tx.commit().await?;
        kill_point::reached("take.counted");
        Ok(())
    }

    /// Sends off what fills a part, as long as not too many are on their way.
    async fn fill_parts(&self, writing: &mut Writing) -> Result<(), WriteError> {
        while writing.in_rows() + writing.gathering.len() >= PART && writing.on_their_way.len() < IN_FLIGHT {
            let mut piece = match writing.piece.take() {
                Some(piece) => piece,
                None => self.piece(writing.hold, &writing.take).await?,
            };
            let part = self.next_part(writing).await?;
            let sending = self.add_part(writing.hold, &writing.take, &mut piece, part).await?;
            writing.on_their_way.push_back(sending);
            writing.piece = Some(piece);
            writing.flush_at = Instant::now() + FLUSH;
        }
        Ok(())
    }

    /// The bytes of a part, behind those that are in rows.
    async fn next_part(&self, writing: &mut Writing) -> Result<Bytes, WriteError> {
        let mut rows = Vec::new();
        if writing.in_rows() > 0 {
            rows = store::tail(&mut *self.database.acquire().await?, writing.take.id).await?;
        }
        Ok(writing.gathering.part(&rows))
    }

    /// Why a writer may not write any more.
    pub(super) async fn lost(&self, take: &Take) -> WriteError {
        let found =
            async { store::find_take(&mut *self.database.acquire().await?, take.owner, take.id).await };
        match found.await {
            Ok(Some(now)) if now.state == TakeState::Gone => WriteError::Gone { take: take.id },
            Ok(Some(_)) => WriteError::Locked { take: take.id },
            Ok(None) => WriteError::NoTake { learner: take.owner, take: take.id },
            Err(error) => WriteError::Store(error),
        }
    }
}

impl Writing {
    /// Whether so many more bytes may come.
    fn make_room(&self, bytes: u64) -> Result<(), WriteError> {
        let (take, end) = (self.take.id, self.end.saturating_add(bytes));
        if self.take.length.is_some_and(|length| end > length) {
            return Err(WriteError::TooLong { take });
        }
        // All takes together become one recording.
        if end.saturating_add(self.beside) > MAX_BYTES {
            return Err(WriteError::TooLarge { take });
        }
        Ok(())
    }

    fn push(&mut self, bytes: Bytes) -> Result<(), WriteError> {
        self.make_room(bytes.len() as u64)?;
        if let Some(checksum) = &mut self.checksum {
            checksum.update(&bytes);
        }
        self.heard = Instant::now();
        self.end += bytes.len() as u64;
        if self.gathering.is_empty() && self.sent.is_empty() {
            self.flush_at = self.heard + FLUSH;
        }
        self.gathering.push(bytes, self.in_rows());
        Ok(())
    }

    /// Bytes of the next part that are in rows: behind a part that is not counted yet there are none.
    fn in_rows(&self) -> usize {
        let is_first = self.sent.is_empty() && self.on_their_way.is_empty();
        if is_first { usize::try_from(self.take.tail()).unwrap_or(PART) } else { 0 }
    }

    /// What is to be counted: parts, and all that gathered or nothing of it.
    fn advance(&self, tail: Vec<u8>) -> Advance {
        let Take { arrived, in_parts, .. } = self.take;
        let behind_parts = in_parts + self.sent.iter().map(|sent| sent.bytes).sum::<u64>();
        let to = behind_parts.max(arrived) + tail.len() as u64;
        let lease = if self.on_their_way.is_empty() {
            // A sender that vanished keeps nobody out for longer because its last bytes are counted late.
            LEASE.saturating_sub(self.heard.elapsed())
        } else {
            LEASE
        };
        Advance { from: arrived, to, parts: self.sent.clone(), tail, lease }
    }

    /// It was counted.
    fn count(&mut self, advance: &Advance) {
        metrics::counter!("upload_received_bytes_total", "way" => "takes")
            .increment(advance.to - advance.from);
        self.take.arrived = advance.to;
        self.take.in_parts += advance.parts.iter().map(|sent| sent.bytes).sum::<u64>();
        self.sent.clear();
        if !advance.tail.is_empty() {
            self.gathering.clear();
        }
    }
}

/// Why a take cannot be written to at this place.
fn refusal(take: &Take, at: u64) -> WriteError {
    let id = take.id;
    match take.state {
        TakeState::Gone => WriteError::Gone { take: id },
        TakeState::Complete => WriteError::Complete { take: id },
        TakeState::Open if take.has_arrived() => WriteError::Complete { take: id },
        TakeState::Open if take.arrived != at => {
            WriteError::Elsewhere { take: id, expected: take.arrived, provided: at }
        }
        TakeState::Open => WriteError::Locked { take: id },
    }
}
