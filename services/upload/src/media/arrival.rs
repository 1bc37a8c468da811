//! The bytes of a recording as they come in: counted, hashed, and cut into parts.

use crate::{
    blocks::{Blocks, Counting},
    medium::MAX_BYTES,
    store::Whole,
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use sha2::{Digest as _, Sha256};
use std::{error::Error, pin::Pin, time::Duration};

/// Bytes of a part. Storage wants at least 5 MiB; 2 GiB of these are 256 parts.
pub const PART: usize = 8 * 1024 * 1024;
/// A sender that says nothing for so long is gone.
const SILENCE: Duration = Duration::from_mins(1);

/// Why no more bytes come.
#[derive(Debug, thiserror::Error)]
pub enum ArrivalError {
    /// They are more than we keep.
    #[error("the recording is larger than we keep")]
    TooLarge,
    /// Their sender is gone.
    #[error("the recording broke off")]
    BrokenOff(#[source] Option<Box<dyn Error + Send + Sync>>),
}

type Body = Pin<Box<dyn Stream<Item = Result<Bytes, Box<dyn Error + Send + Sync>>> + Send>>;

/// A recording coming in.
pub struct Arrival {
    body: Body,
    /// What came with one part and belongs to the next.
    rest: Bytes,
    hash: Sha256,
    blocks: Counting,
    bytes: u64,
    ended: bool,
}

impl Arrival {
    pub fn of<E>(body: impl Stream<Item = Result<Bytes, E>> + Send + 'static) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self {
            body: Box::pin(body.map(|piece| piece.map_err(Into::into))),
            rest: Bytes::new(),
            hash: Sha256::new(),
            blocks: Counting::default(),
            bytes: 0,
            ended: false,
        }
    }

    /// The next part: a full one, the last one, or an empty one when there are no more.
    pub async fn part(&mut self) -> Result<Bytes, ArrivalError> {
        let mut part = BytesMut::new();
        while part.len() < PART {
            let mut piece = std::mem::take(&mut self.rest);
            if piece.is_empty() {
                match self.piece().await? {
                    Some(next) => piece = next,
                    None => break,
                }
            }
            self.rest = piece.split_off(piece.len().min(PART - part.len()));
            if part.is_empty() {
                // All at once: grown by doubling, a part would for a moment take twice its size.
                part.reserve(PART);
            }
            part.extend_from_slice(&piece);
        }
        Ok(part.freeze())
    }

    /// Reads to the end without keeping anything.
    pub async fn finish(&mut self) -> Result<Whole, ArrivalError> {
        while self.piece().await?.is_some() {}
        Ok(self.whole())
    }

    /// Size and hash of everything that came so far.
    pub fn whole(&self) -> Whole {
        Whole { bytes: self.bytes, sha256: self.hash.clone().finalize().into() }
    }

    /// The blocks of everything that came so far.
    pub fn blocks(&self) -> Blocks {
        self.blocks.clone().finish()
    }

    /// Whether the last byte came.
    pub const fn has_ended(&self) -> bool {
        self.ended
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, ArrivalError> {
        let next = tokio::time::timeout(SILENCE, self.body.next());
        match next.await.map_err(|_| ArrivalError::BrokenOff(None))? {
            Some(Ok(piece)) => {
                self.bytes += piece.len() as u64;
                if self.bytes > MAX_BYTES {
                    return Err(ArrivalError::TooLarge);
                }
                self.hash.update(&piece);
                self.blocks.update(&piece);
                Ok(Some(piece))
            }
            Some(Err(error)) => Err(ArrivalError::BrokenOff(Some(error))),
            None => {
                self.ended = true;
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use std::convert::Infallible;

    fn of(pieces: &[usize]) -> Arrival {
        let pieces: Vec<Result<Bytes, Infallible>> =
            pieces.iter().map(|&size| Ok(Bytes::from(vec![7; size]))).collect();
        Arrival::of(stream::iter(pieces))
    }

    #[tokio::test]
    async fn parts_are_full_but_for_the_last() {
        for pieces in [&[PART + 3][..], &[3, PART], &[PART / 2, PART / 2, 3], &[PART, 0, 3]] {
            let mut arrival = of(pieces);
            assert_eq!(arrival.part().await.unwrap().len(), PART, "{pieces:?}");
            assert_eq!(arrival.part().await.unwrap().len(), 3, "{pieces:?}");
            assert!(arrival.part().await.unwrap().is_empty());
            assert!(arrival.has_ended());
            assert_eq!(arrival.whole().bytes, PART as u64 + 3);
        }
    }

    #[tokio::test]
    async fn the_hash_does_not_depend_on_how_the_bytes_came() {
        let (mut one, mut other) = (of(&[10, 20]), of(&[30]));
        one.part().await.unwrap();
        assert_eq!(one.whole(), other.finish().await.unwrap());
    }

    #[tokio::test]
    async fn what_is_larger_than_we_keep_is_cut_off() {
        let piece = Bytes::from(vec![0; 1024 * 1024]);
        let endless = stream::repeat_with(move || Ok::<_, Infallible>(piece.clone()));
        let mut arrival = Arrival::of(endless);
        // Hashing two gigabytes takes its time in a test; counting does not.
        arrival.bytes = MAX_BYTES - 1024 * 1024;
        assert!(matches!(arrival.finish().await, Err(ArrivalError::TooLarge)));
        assert_eq!(arrival.bytes, MAX_BYTES + 1024 * 1024);
    }
}
