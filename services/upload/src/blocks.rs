//! What the blocks of an object hash to, so that damage is seen before damaged bytes are given out.
//!
//! A player asks for pieces of an object, and the hash of the whole says nothing about a piece.

use bytes::{Buf as _, Bytes, BytesMut};
use futures::{Stream, StreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use std::{fmt, io};

/// Bytes of one block.
pub const BLOCK: u64 = 64 * 1024;
/// As much of a block's hash is kept: enough to see damage, which is nobody's intention.
const KEPT: usize = 8;

/// An object is not what was put there.
#[derive(Debug, thiserror::Error)]
#[error("a block of the object is damaged")]
pub struct Damaged;

/// What each block of an object hashes to.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Blocks(Vec<u8>);

impl fmt::Debug for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} blocks", self.0.len() / KEPT)
    }
}

impl Blocks {
    /// Those of bytes that are all there.
    pub fn of(bytes: &[u8]) -> Self {
        let mut counting = Counting::default();
        counting.update(bytes);
        counting.finish()
    }

    /// Read from a row.
    pub const fn of_row(hashes: Vec<u8>) -> Self {
        Self(hashes)
    }

    /// As they are kept in a row.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether this is what the block of that number holds.
    fn holds(&self, number: u64, block: &[u8]) -> bool {
        let from = usize::try_from(number).unwrap_or(usize::MAX).saturating_mul(KEPT);
        self.0.get(from..from.saturating_add(KEPT)).is_some_and(|kept| kept == short(&Sha256::digest(block)))
    }

    /// Passes on what of an object's bytes is asked for, block by block, as long as each is what was put there. The
    /// bytes begin with the block of that number.
    pub fn checked<E>(
        self,
        bytes: impl Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
        wanted: Wanted,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + Unpin
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
    {
        let checking = Checking { blocks: self, bytes, wanted, gathered: BytesMut::new() };
        Box::pin(stream::try_unfold(checking, async |mut checking| {
            Ok(checking.next().await?.map(|block| (block, checking)))
        }))
    }
}

/// Some bytes of an object, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    first: u64,
    last: u64,
    size: u64,
}

impl Wanted {
    /// These bytes of an object of that size, or all.
    pub fn of(range: Option<(u64, u64)>, size: u64) -> Self {
        let (first, last) = range.unwrap_or((0, size.saturating_sub(1)));
        Self { first, last, size }
    }

    /// The whole blocks they lie in, both ends included.
    pub fn with_their_blocks(self) -> (u64, u64) {
        let last = (self.last / BLOCK + 1) * BLOCK - 1;
        (self.first / BLOCK * BLOCK, last.min(self.size.saturating_sub(1)))
    }
}

struct Checking<S> {
    blocks: Blocks,
    bytes: S,
    wanted: Wanted,
    gathered: BytesMut,
}

impl<S, E> Checking<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// The wanted bytes of the next block; `None` behind the last one.
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let Wanted { first, last, size } = self.wanted;
        if first > last {
            return Ok(None);
        }
        let number = first / BLOCK;
        let start = number * BLOCK;
        let length = usize::try_from(BLOCK.min(size - start)).unwrap_or(usize::MAX);
        while self.gathered.len() < length {
            match self.bytes.next().await {
                Some(Ok(bytes)) => self.gathered.extend_from_slice(&bytes),
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Err(io::Error::new(io::ErrorKind::InvalidData, Damaged)),
            }
        }
        let mut block = self.gathered.split_to(length).freeze();
        if !self.blocks.holds(number, &block) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, Damaged));
        }
        block.advance(usize::try_from(first - start).unwrap_or(usize::MAX));
        block.truncate(usize::try_from(last - first + 1).unwrap_or(usize::MAX));
        self.wanted.first = start + length as u64;
        Ok(Some(block))
    }
}

/// Counts blocks as bytes come.
#[derive(Clone, Default)]
pub struct Counting {
    hash: Sha256,
    filled: u64,
    done: Vec<u8>,
}

impl Counting {
    /// More bytes came.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = usize::try_from(BLOCK - self.filled).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(bytes.len().min(room));
            self.hash.update(now);
            self.filled += now.len() as u64;
            bytes = later;
            if self.filled == BLOCK {
                self.close();
            }
        }
    }

    /// The blocks of what came so far.
    pub fn finish(mut self) -> Blocks {
        if self.filled > 0 {
            self.close();
        }
        Blocks(self.done)
    }

    fn close(&mut self) {
        self.done.extend_from_slice(short(&self.hash.finalize_reset()));
        self.filled = 0;
    }
}

fn short(hash: &[u8]) -> &[u8] {
    &hash[..KEPT]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    const SIZE: usize = 3 * BLOCK as usize + 100;

    fn object() -> Vec<u8> {
        (0..SIZE).map(|at| (at / 251) as u8 ^ at as u8).collect()
    }

    async fn read(object: &[u8], blocks: Blocks, range: Option<(u64, u64)>) -> Result<Vec<u8>, Vec<u8>> {
        let wanted = Wanted::of(range, SIZE as u64);
        let (first, last) = wanted.with_their_blocks();
        let given = &object[object.len().min(first as usize)..object.len().min(last as usize + 1)];
        let pieces: Vec<_> =
            given.chunks(1000).map(|piece| Ok::<_, Infallible>(piece.to_vec().into())).collect();
        let mut checked = blocks.checked(stream::iter(pieces), wanted);
        let mut got = Vec::new();
        while let Some(piece) = checked.next().await {
            match piece {
                Ok(piece) => got.extend_from_slice(&piece),
                Err(_) => return Err(got),
            }
        }
        Ok(got)
    }

    #[tokio::test]
    async fn any_range_of_what_is_whole_is_given_out() {
        let object = object();
        let last = SIZE as u64 - 1;
        for range in [(0, last), (0, 0), (last, last), (BLOCK - 1, BLOCK), (70_000, 140_000), (BLOCK, BLOCK)]
        {
            let got = read(&object, Blocks::of(&object), Some(range)).await;
            assert_eq!(got.as_deref(), Ok(&object[range.0 as usize..=range.1 as usize]), "{range:?}");
        }
        assert_eq!(read(&object, Blocks::of(&object), None).await, Ok(object));
    }

    #[tokio::test]
    async fn nothing_of_a_damaged_block_is_given_out() {
        let whole = object();
        for at in [0, 1, 65_535, 65_536, 150_000, SIZE - 1] {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            let before = at / BLOCK as usize * BLOCK as usize;
            let got = read(&damaged, Blocks::of(&whole), None).await;
            assert_eq!(got.as_deref().unwrap_err(), &whole[..before], "{at}");
        }
        for length in [0, 1, 65_536, SIZE - 1] {
            assert!(read(&whole[..length], Blocks::of(&whole), None).await.is_err(), "{length}");
        }
    }

    #[test]
    fn blocks_do_not_depend_on_how_the_bytes_came() {
        let object = object();
        let mut counting = Counting::default();
        object.chunks(777).for_each(|piece| counting.update(piece));
        assert_eq!(counting.finish(), Blocks::of(&object));
    }
}
