//! What came of a session's takes, as files.

use super::{Media, join::JoinError, seal::SealError};
use crate::{
    ffmpeg::Track,
    medium::Container,
    store::{self, Share},
};
use ids::TakeId;
use std::{cmp::Reverse, io, path::Path};
use tokio::{
    fs::File,
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
};

/// The takes of a session that are recordings.
pub(super) struct Fetched {
    /// A file of each.
    pub(super) tracks: Vec<Track>,
    /// Takes of which every byte is in another that begins at the same moment.
    pub(super) repeats: Vec<TakeId>,
}

impl Media {
    /// Writes what can be read of each take into a file of its own. Of a take that was sent twice, one is taken: a client
    /// whose first bytes went with the request that begins a take, and that was not answered, does not know where that
    /// take is and begins another.
    pub(super) async fn fetch_takes(
        &self,
        shares: &[Share],
        folder: &Path,
        attempt: u32,
    ) -> Result<Fetched, JoinError> {
        let mut shares: Vec<&Share> = shares.iter().filter(|share| share.sealed > 0).collect();
        shares.sort_by_key(|share| Reverse(share.sealed));
        let (mut tracks, mut repeats) = (Vec::<Track>::new(), Vec::new());
        for share in shares {
            let path = folder.join(share.take.to_string());
            let mut file = File::create(&path).await?;
            let pieces = store::sealed_pieces(&mut *self.database.acquire().await?, share.take).await?;
            for piece in pieces {
                if let Err(error) = self.read_piece(share.take, &piece, &mut file).await {
                    self.give_up_damaged(share.take, &piece, error, attempt).await?;
                    // What can be read is another amount now.
                    return Err(JoinError::Seal(SealError::Corrupted));
                }
            }
            file.flush().await?;
            drop(file);
            if repeats_one(&tracks, share.start_ms, &path).await? {
                repeats.push(share.take);
                continue;
            }
            let Some(container) = Container::sniff(&head(&path).await?) else {
                tracing::warn!(take.id = %share.take, "A take is no recording");
                continue;
            };
            tracks.push(Track { file: path, container, start_ms: share.start_ms });
        }
        Ok(Fetched { tracks, repeats })
    }
}

/// As much of a file as says what it is.
async fn head(file: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(file).await?.take(64).read_to_end(&mut head).await?;
    Ok(head)
}

/// Whether every byte of a file is in a track that begins at the same moment.
async fn repeats_one(tracks: &[Track], start_ms: u32, file: &Path) -> io::Result<bool> {
    for track in tracks.iter().filter(|track| track.start_ms == start_ms) {
        if begins_with(&track.file, file).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn begins_with(file: &Path, beginning: &Path) -> io::Result<bool> {
    let mut whole = BufReader::new(File::open(file).await?);
    let mut wanted = BufReader::new(File::open(beginning).await?);
    loop {
        let (found, bytes) = (whole.fill_buf().await?, wanted.fill_buf().await?);
        let both = found.len().min(bytes.len());
        if bytes.is_empty() || both == 0 || found[..both] != bytes[..both] {
            return Ok(bytes.is_empty());
        }
        whole.consume(both);
        wanted.consume(both);
    }
}
