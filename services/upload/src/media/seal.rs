//! What arrived of a take is put together in storage and read back. Storage's word that it is done is not enough.

use super::{Media, WriteError, erase::SETTLE};
use crate::{
    bucket::{BucketError, Multipart},
    store::{self, Advance, Piece},
    take::LEASE,
};
use ids::TakeId;
use jobs::{FinishError, Lease, Setback, Work};
use postgres::StoreError;
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tracing::instrument;

/// A piece that storage gives back otherwise than it was sent this often is damaged for good.
const READS: u32 = 3;

/// The kind of job.
pub(super) const KIND: &str = "seal_take";

/// Puts takes together whose last byte came.
#[derive(Clone, Debug)]
pub struct Seal(pub Media);

/// A take is not put together yet.
#[derive(Debug, thiserror::Error)]
pub(super) enum SealError {
    #[error("the take is being written to")]
    Busy,
    #[error("the last bytes could not be made a part")]
    Part(#[source] WriteError),
    #[error("storage did not put it together")]
    Bucket(#[source] BucketError),
    #[error("storage gave back other bytes than it was given")]
    Corrupted,
    #[error("a file could not be written")]
    Scratch(#[source] std::io::Error),
    #[error("the database gave no answer")]
    Store(#[source] StoreError),
}

impl From<BucketError> for SealError {
    fn from(error: BucketError) -> Self {
        Self::Bucket(error)
    }
}

impl From<StoreError> for SealError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for SealError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl SealError {
    /// Whether storage has lost bytes, or changed them. On the way from there bytes may change as well.
    const fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Corrupted | Self::Bucket(BucketError::Nothing { .. } | BucketError::Mismatch { .. })
        )
    }
}

impl Media {
    /// Makes everything that arrived of a take readable. Bytes that come later become another piece, and what storage
    /// damaged is left out in the end.
    #[instrument(name = "op.upload.seal_take", skip_all, fields(take.id = %take))]
    pub(super) async fn seal(&self, take: TakeId, attempt: u32) -> Result<(), SealError> {
        self.close(take).await?;
        let closed = store::closed_pieces(&mut *self.database.acquire().await?, take).await?;
        for piece in closed {
            match self.put_together(take, &piece).await {
                Ok(()) => {
                    store::seal_piece(&mut *self.database.acquire().await?, take, piece.number).await?;
                }
                Err(error) => self.give_up_damaged(take, &piece, error, attempt).await?,
            }
        }
        Ok(())
    }

    /// Leaves a piece out from now on, if it was damaged every time; else it is read again later.
    pub(super) async fn give_up_damaged(
        &self,
        take: TakeId,
        piece: &Piece,
        error: SealError,
        attempt: u32,
    ) -> Result<(), SealError> {
        if !error.is_damage() || attempt < READS {
            return Err(error);
        }
        tracing::error!(error = %problem::chain(&error), take.id = %take, take.piece = piece.number, "Storage damaged a part of a take");
        metrics::counter!("recordings_damaged_total").increment(1);
        Ok(store::damage_piece(&mut *self.database.acquire().await?, take, piece.number).await?)
    }

    async fn put_together(&self, take: TakeId, piece: &Piece) -> Result<(), SealError> {
        let parts = store::parts(&mut *self.database.acquire().await?, take, piece.number).await?;
        let bytes = parts.iter().map(|sent| sent.bytes).sum();
        if let Some(id) = piece.multipart.clone() {
            let multipart = Multipart { key: piece.key.clone(), id };
            let parts = parts.into_iter().map(|sent| sent.part).collect();
            self.bucket.complete(&multipart, parts, bytes).await?;
            kill_point::reached("take.put_together");
        }
        self.read_piece(take, piece, &mut tokio::io::sink()).await
    }

    /// Makes a part of the bytes that fill none, and closes the piece they belong to.
    async fn close(&self, take: TakeId) -> Result<(), SealError> {
        let mut connection = self.database.acquire().await?;
        let Some((hold, take)) = store::hold_to_close(&mut connection, take).await? else {
            return if store::is_open(&mut connection, take).await? { Err(SealError::Busy) } else { Ok(()) };
        };
        let mut advance = Advance {
            from: take.arrived,
            to: take.arrived,
            parts: Vec::new(),
            tail: Vec::new(),
            lease: LEASE,
        };
        if take.tail() > 0 {
            let body = store::tail(&mut connection, take.id).await?;
            drop(connection);
            let mut opened = self.piece(hold, &take).await.map_err(SealError::Part)?;
            let sending =
                self.add_part(hold, &take, &mut opened, body.into()).await.map_err(SealError::Part)?;
            let sent = self.while_held(hold, &take, sending).await.map_err(SealError::Part)?;
            advance.parts.push(sent);
        } else {
            drop(connection);
        }
        let mut tx = postgres::begin(&self.database).await?;
        if !store::advance(&mut tx, hold, &advance).await? {
            return Err(SealError::Busy);
        }
        store::close_piece(&mut tx, hold, SETTLE).await?;
        store::release(&mut tx, hold).await?;
        Ok(tx.commit().await?)
    }

    /// Reads a piece and compares every part of it with what was sent.
    pub(super) async fn read_piece(
        &self,
        take: TakeId,
        piece: &Piece,
        to: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<(), SealError> {
        let parts = store::parts(&mut *self.database.acquire().await?, take, piece.number).await?;
        let mut from = self.bucket.get_unchecked(&piece.key, None).await?.reader();
        for part in parts {
            let (mut hash, mut left) = (Sha256::new(), part.bytes);
            while left > 0 {
                let bytes = self.bucket.next_bytes(&mut from).await?;
                if bytes.is_empty() {
                    return Err(SealError::Corrupted);
                }
                let read = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                hash.update(&bytes[..read]);
                to.write_all(&bytes[..read]).await.map_err(SealError::Scratch)?;
                from.consume(read);
                left -= read as u64;
            }
            if hash.finalize()[..] != part.sha256 {
                return Err(SealError::Corrupted);
            }
        }
        Ok(())
    }
}

impl Work for Seal {
    const KIND: &'static str = KIND;

    async fn work(&self, lease: &Lease) -> Result<(), Setback> {
        let media = &self.0;
        let store = |error: StoreError| Setback::Finish(FinishError::Store(error));
        let take = lease.subject.parse::<TakeId>().ok();
        if let Some(take) = take
            && let Err(error) = media.seal(take, lease.attempt).await
        {
            tracing::warn!(error = %problem::chain(&error), take.id = %take, "A take is put together later");
            let after = Duration::from_secs(1 << lease.attempt.clamp(1, 6)).min(Duration::from_mins(1));
            return Err(Setback::Again { after, reason: "not_sealed" });
        }
        let mut tx = postgres::begin(&media.database).await.map_err(|error| store(error.into()))?;
        if let Some(take) = take
            && let Some(session) = store::complete_take(&mut tx, take).await.map_err(store)?
        {
            media.ask_to_join(&mut tx, session, Duration::ZERO).await.map_err(store)?;
        }
        jobs::complete(&mut tx, lease).await?;
        tx.commit().await.map_err(|error| store(error.into()))
    }
}
