//! Parts of a take on their way to storage, as long as their writer may write.

use super::{Media, WriteError, erase::SETTLE};
use crate::{
    bucket::Multipart,
    medium::{ObjectKey, Sha256},
    store::{self, Hold, OpenPiece, Piece, Sent},
    take::{LEASE, Take},
};
use bytes::Bytes;
use futures::{FutureExt as _, future::BoxFuture};
use postgres::StoreError;
use sha2::Digest as _;
use sqlx::PgConnection;
use std::ops::Range;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

/// What storage is told of pieces. What they are is seen when they are joined.
const MEDIA_TYPE: &str = "application/octet-stream";

/// Part numbers that a writer has in advance: a part that is full does not wait for the database.
const AT_ONCE: i32 = 8;

/// A part on its way. One that nobody waits for is given up.
pub type Sending = BoxFuture<'static, Result<Sent, WriteError>>;

/// A piece that storage waits for parts of.
pub struct OpenedPiece {
    /// Counts the pieces of a take.
    number: i32,
    multipart: Multipart,
    /// Part numbers that this writer has and did not use.
    unused: Range<i32>,
}

impl OpenedPiece {
    const fn new(number: i32, multipart: Multipart) -> Self {
        Self { number, multipart, unused: 0..0 }
    }

    /// Gives back the part numbers that were not used, so that the next writer goes on with this piece.
    pub(super) async fn give_back_numbers(self, tx: &mut PgConnection, hold: Hold) -> Result<(), StoreError> {
        store::give_back_numbers(tx, hold, self.number, self.unused).await
    }
}

impl Media {
    /// Begins to put a part of a take into storage, under a number that was never used: what a writer sends who lost its
    /// lease replaces nothing.
    pub(super) async fn add_part(
        &self,
        hold: Hold,
        take: &Take,
        to: &mut OpenedPiece,
        body: Bytes,
    ) -> Result<Sending, WriteError> {
        if to.unused.is_empty() {
            let mut connection = self.database.acquire().await?;
            let handed_out = store::hand_out_numbers(&mut connection, hold, to.number, AT_ONCE).await?;
            drop(connection);
            let Some(handed_out) = handed_out else { return Err(self.lost(take).await) };
            to.unused = handed_out;
        }
        let number = to.unused.start;
        to.unused.start += 1;
        let (piece, multipart, bucket) = (to.number, to.multipart.clone(), self.bucket.clone());
        let sending = async move {
            let (bytes, sha256): (_, Sha256) = (body.len() as u64, sha2::Sha256::digest(&body).into());
            let part = bucket.put_part(&multipart, number, body, &sha256).await?;
            Ok::<_, WriteError>(Sent { piece, part, bytes, sha256 })
        };
        // Its hash takes a processor for a while, and the next part goes on coming in.
        let sending = AbortOnDropHandle::new(self.lifecycle.spawn(sending.in_current_span()));
        let sent = sending.map(|sent| sent.map_err(|error| WriteError::CutOff(Box::new(error)))?);
        Ok(sent.boxed())
    }

    /// The piece that a writer's first part is added to, and its others. Storage may want its part numbers without a gap,
    /// so one of which a number came to nothing is followed by another.
    pub(super) async fn piece(&self, hold: Hold, take: &Take) -> Result<OpenedPiece, WriteError> {
        let mut connection = self.database.acquire().await?;
        let open = match store::open_piece(&mut connection, take.id).await? {
            Some(OpenPiece { lost: 0, piece }) => Some(piece),
            Some(_) => {
                store::close_piece(&mut connection, hold, SETTLE).await?;
                None
            }
            None => None,
        };
        let (number, key) = match open {
            Some(Piece { number, key, multipart: Some(id) }) => {
                return Ok(OpenedPiece::new(number, Multipart { key, id }));
            }
            Some(Piece { number, key, multipart: None }) => (number, key),
            None => {
                let key = ObjectKey::mint();
                let Some(number) = store::begin_piece(&mut connection, hold, &key).await? else {
                    drop(connection);
                    return Err(self.lost(take).await);
                };
                (number, key)
            }
        };
        drop(connection);
        let multipart = self.while_held(hold, take, self.bucket.begin(&key, MEDIA_TYPE).boxed()).await?;
        let mut connection = self.database.acquire().await?;
        if store::note_piece_multipart(&mut connection, hold, number, &multipart.id).await? {
            return Ok(OpenedPiece::new(number, multipart));
        }
        drop(connection);
        self.bucket.abort(&multipart).await?;
        Err(self.lost(take).await)
    }

    /// Does something in storage while saying that the writer is alive, or stops where it may not write any more.
    pub(super) async fn while_held<T, E>(
        &self,
        hold: Hold,
        take: &Take,
        work: BoxFuture<'_, Result<T, E>>,
    ) -> Result<T, WriteError>
    where
        WriteError: From<E>,
    {
        tokio::select! {
            done = work => Ok(done?),
            () = self.until_lost(hold) => Err(self.lost(take).await),
        }
    }

    async fn until_lost(&self, hold: Hold) {
        loop {
            tokio::time::sleep(LEASE / 3).await;
            if !self.may_write(hold).await {
                return;
            }
        }
    }

    /// Says that a writer is alive, and asks whether it may still write.
    pub(super) async fn may_write(&self, hold: Hold) -> bool {
        let Ok(mut connection) = self.database.acquire().await else { return true };
        // A database that gives no answer may have let the lease run out; the token decides in the end.
        !matches!(store::still_held(&mut connection, hold).await, Ok(false))
    }
}
