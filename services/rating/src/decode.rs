//! Decoding a recording: ffmpeg makes samples of it, and both channels are heard as they come.
//!
//! The recording is a stranger's file: ffmpeg may open nothing but it, writes nothing, and is killed when it takes
//! too long. The samples are never stored.

use crate::audio::{Listener, SAMPLE_RATE};
use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{io::AsyncReadExt as _, process::Command, time::timeout};

/// How long decoding may take: ffmpeg needs about a second for an hour.
const LIMIT: Duration = Duration::from_mins(3);
/// Seconds of a recording that are heard; nobody talks longer in one session.
const LONGEST_S: &str = "14400";
/// Seconds of the processor after which the decoder stops itself.
const CPU_S: &str = "170";

/// The largest block of memory it may ask for at once.
const LARGEST_BLOCK: &str = "67108864";

/// Both channels of a recording.
#[derive(Debug, Default)]
pub struct Channels {
    /// The left one.
    pub left: Listener,
    /// The right one.
    pub right: Listener,
}

/// A recording could not be heard.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// There is no ffmpeg, or it cannot be started.
    #[error("the decoder could not be started")]
    NotStarted(#[source] std::io::Error),
    /// It broke off.
    #[error("the decoder broke off")]
    BrokeOff(#[source] std::io::Error),
    /// It refused the file.
    #[error("the decoder could not read the recording")]
    Unreadable,
    /// It took too long.
    #[error("the decoder took too long")]
    TooSlow,
    /// The recording has not the two channels it should have.
    #[error("the recording has {0} channels")]
    NotTwoChannels(u32),
}

/// Hears a recording.
#[tracing::instrument(name = "op.rating.decode", skip_all)]
pub async fn decode(ffmpeg: &Path, recording: &Path) -> Result<Channels, DecodeError> {
    let started = Instant::now();
    let channels = timeout(LIMIT, hear(ffmpeg, recording)).await.map_err(|_| DecodeError::TooSlow)??;
    metrics::histogram!("rating_decode_seconds").record(started.elapsed().as_secs_f64());
    Ok(channels)
}

async fn hear(ffmpeg: &Path, recording: &Path) -> Result<Channels, DecodeError> {
    let mut decoder = Command::new(ffmpeg)
        .args(["-nostdin", "-v", "error", "-threads", "1", "-timelimit", CPU_S, "-max_alloc", LARGEST_BLOCK])
        .args(["-protocol_whitelist", "file,pipe", "-t", LONGEST_S, "-i"])
        .arg(recording)
        // Gaps in the timestamps become silence, so that the sample clock stays the session's.
        .args(["-map", "0:a:0", "-af", "aresample=async=1:first_pts=0", "-ar", &SAMPLE_RATE.to_string()])
        .args(["-c:a", "pcm_s16be", "-f", "au", "pipe:1"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(DecodeError::NotStarted)?;
    let mut samples = decoder.stdout.take().ok_or(DecodeError::Unreadable)?;

    let heard = channels(&mut samples).await;
    drop(samples);
    let ended = decoder.wait().await.map_err(DecodeError::BrokeOff)?;
    match heard {
        Ok(_) if !ended.success() => Err(DecodeError::Unreadable),
        heard => heard,
    }
}

async fn channels(samples: &mut (impl tokio::io::AsyncRead + Unpin)) -> Result<Channels, DecodeError> {
    skip_header(samples).await?;
    let mut channels = Channels::default();
    let mut buffer = vec![0; 64 * 1024];
    let mut kept = 0;
    loop {
        let read = samples.read(&mut buffer[kept..]).await.map_err(DecodeError::BrokeOff)?;
        if read == 0 {
            return Ok(channels);
        }
        let filled = kept + read;
        let whole = filled - filled % 4;
        for pair in buffer[..whole].chunks_exact(4) {
            channels.left.hear(i16::from_be_bytes([pair[0], pair[1]]));
            channels.right.hear(i16::from_be_bytes([pair[2], pair[3]]));
        }
        buffer.copy_within(whole..filled, 0);
        kept = filled - whole;
        // Hearing a second of sound takes a millisecond: others may have the thread in between.
        tokio::task::yield_now().await;
    }
}

/// Reads past the header of an AU file: magic, offset of the samples, their size, encoding, rate and channels.
async fn skip_header(samples: &mut (impl tokio::io::AsyncRead + Unpin)) -> Result<(), DecodeError> {
    let mut header = [0; 24];
    samples.read_exact(&mut header).await.map_err(|_| DecodeError::Unreadable)?;
    let word = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let (offset, channels) = (word(4), word(20));
    if &header[..4] != b".snd" || !(24..1024).contains(&offset) {
        return Err(DecodeError::Unreadable);
    }
    let mut annotation = vec![0; offset as usize - 24];
    samples.read_exact(&mut annotation).await.map_err(|_| DecodeError::Unreadable)?;
    if channels == 2 { Ok(()) } else { Err(DecodeError::NotTwoChannels(channels)) }
}
