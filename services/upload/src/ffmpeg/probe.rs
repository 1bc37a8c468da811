//! A look at the first bytes of a recording, before it is accepted.

use super::{Ffmpeg, Printed, ProgramError};
use crate::{
    medium::{Container, MAX_DURATION_MS, MAX_TRACKS},
    scratch,
};
use serde::Deserialize;
use std::{io, time::Duration};
use tracing::instrument;

/// A glance reads a header; it is over in a tenth of a second or it is an attack.
const LIMIT: Duration = Duration::from_secs(5);
/// Nobody films a conversation with a coach in more than this.
const MAX_PIXELS: u64 = 4096 * 4096;
/// What is said about a file with a thousand tracks fits.
const MAX_ANSWER: usize = 1024 * 1024;
/// What browsers record speech with, and what simple clients send.
const CODECS: [&str; 7] = ["opus", "vorbis", "aac", "mp3", "flac", "alac", "pcm_s16le"];

/// What a glance showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glance {
    /// A recording, as far as one can see.
    Recording,
    /// What says what it is lies beyond the bytes at hand.
    Unseen,
}

/// It is nothing we can keep.
#[derive(Debug, thiserror::Error)]
pub enum GlanceError {
    /// It is no recording of speech.
    #[error("the media has no sound we can read")]
    NoSound,
    /// It claims to be larger than we handle.
    #[error("the media has more tracks, pixels or hours than we handle")]
    LimitsExceeded,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    streams: Vec<Track>,
    #[serde(default)]
    format: Format,
}

#[derive(Deserialize)]
struct Track {
    codec_type: Option<String>,
    codec_name: Option<String>,
    #[serde(default)]
    width: u64,
    #[serde(default)]
    height: u64,
}

#[derive(Default, Deserialize)]
struct Format {
    duration: Option<String>,
}

impl Ffmpeg {
    /// Looks at the beginning of a recording, or at all of it if it is `whole`. Nothing is decoded.
    #[instrument(name = "op.upload.glance", skip_all)]
    pub async fn glance(
        &self,
        container: Container,
        head: &[u8],
        whole: bool,
    ) -> Result<Glance, GlanceError> {
        if container == Container::Mp4 && !whole && !header_within(head) {
            return Ok(Glance::Unseen);
        }
        let mut answer = Collected::default();
        match self.ask(container, head, &mut answer).await {
            Ok(()) => judge(&answer.0),
            Err(error @ ProgramError::NotRun { .. }) => {
                // A missing program or a full disk is our trouble. The recording is kept, and looked at again later.
                tracing::warn!(error = %problem::chain(&error), "A recording is accepted unseen");
                Ok(Glance::Unseen)
            }
            Err(ProgramError::TooLong { .. }) => Err(GlanceError::LimitsExceeded),
            // A picture that would not fit into memory ends the program before it says how large it is.
            Err(ProgramError::Failed { complaints, .. }) if complaints.contains("Picture size") => {
                Err(GlanceError::LimitsExceeded)
            }
            Err(ProgramError::Failed { .. }) => Err(GlanceError::NoSound),
        }
    }

    async fn ask(
        &self,
        container: Container,
        head: &[u8],
        answer: &mut Collected,
    ) -> Result<(), ProgramError> {
        let not_run = |cause| ProgramError::NotRun { program: "ffprobe", cause };
        let folder = scratch::folder(&self.scratch).map_err(not_run)?;
        let file = folder.path().join("head");
        tokio::fs::write(&file, head).await.map_err(not_run)?;
        let arguments = ["-v", "error", "-nofind_stream_info", "-of", "json", "-show_entries"]
            .into_iter()
            .chain(["format=duration:stream=codec_type,codec_name,width,height"])
            .map(Into::into)
            .chain(Self::reading(container, file));
        Self::run("ffprobe", &self.prober, arguments, LIMIT, answer).await.map(drop)
    }
}

fn judge(answer: &[u8]) -> Result<Glance, GlanceError> {
    let Ok(answer) = serde_json::from_slice::<Answer>(answer) else { return Err(GlanceError::NoSound) };
    let seconds = answer.format.duration.and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    let too_large = answer.streams.iter().any(|track| track.width.saturating_mul(track.height) > MAX_PIXELS);
    if answer.streams.len() > MAX_TRACKS || too_large || seconds * 1000.0 > f64::from(MAX_DURATION_MS) {
        return Err(GlanceError::LimitsExceeded);
    }
    let heard = answer.streams.iter().any(|track| {
        track.codec_type.as_deref() == Some("audio")
            && track.codec_name.as_deref().is_some_and(|name| CODECS.contains(&name))
    });
    if heard { Ok(Glance::Recording) } else { Err(GlanceError::NoSound) }
}

/// Whether the box that describes an MP4 lies within its first bytes. Simple recorders write it at the end.
fn header_within(head: &[u8]) -> bool {
    let mut at = 0_u64;
    while let Some(start) = usize::try_from(at).ok().and_then(|at| head.get(at..)) {
        let (Some(short), Some(kind)) = (start.get(..4), start.get(4..8)) else { return false };
        let size = match u32::from_be_bytes([short[0], short[1], short[2], short[3]]) {
            1 => start.get(8..16).and_then(|long| long.try_into().ok()).map_or(u64::MAX, u64::from_be_bytes),
            short => u64::from(short),
        };
        let end = at.saturating_add(size);
        if kind == b"moov" {
            return end <= head.len() as u64;
        }
        // Zero is "to the end of the file"; a box smaller than its own header is for the program to refuse.
        if size < 8 {
            return size != 0;
        }
        at = end;
    }
    false
}

/// A short answer.
#[derive(Default)]
pub(super) struct Collected(Vec<u8>);

impl Collected {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Printed for Collected {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Cut off, it no longer parses, which is what an answer of that size deserves.
        let room = MAX_ANSWER - self.0.len();
        self.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn box_of(kind: &[u8], content: usize) -> Vec<u8> {
        let mut made = u32::try_from(8 + content).unwrap().to_be_bytes().to_vec();
        made.extend_from_slice(kind);
        made.resize(8 + content, 0);
        made
    }

    #[test]
    fn an_mp4_is_seen_when_its_header_is_at_hand() {
        let front = [box_of(b"ftyp", 16), box_of(b"moov", 100), box_of(b"mdat", 10)].concat();
        assert!(header_within(&front));
        assert!(!header_within(&front[..60]));
        let back = [box_of(b"ftyp", 16), box_of(b"mdat", 1000)].concat();
        assert!(!header_within(&back));
        assert!(!header_within(&back[..500]));
        assert!(!header_within(b""));
    }

    #[test]
    fn what_claims_too_much_is_refused() {
        let track = r#"{"codec_type":"audio","codec_name":"opus"}"#;
        let judged = |streams: &str, duration: &str| {
            judge(format!(r#"{{"streams":[{streams}],"format":{{"duration":"{duration}"}}}}"#).as_bytes())
        };
        assert!(matches!(judged(track, "30"), Ok(Glance::Recording)));
        assert!(matches!(judged(track, "N/A"), Ok(Glance::Recording)));
        assert!(matches!(judged(track, "1000000000"), Err(GlanceError::LimitsExceeded)));
        assert!(matches!(judged(&[track; 5].join(","), "1"), Err(GlanceError::LimitsExceeded)));
        let huge = format!(r#"{track},{{"codec_type":"video","width":100000,"height":100000}}"#);
        assert!(matches!(judged(&huge, "1"), Err(GlanceError::LimitsExceeded)));
        assert!(matches!(judged("", "1"), Err(GlanceError::NoSound)));
        assert!(matches!(judge(b""), Err(GlanceError::NoSound)));
    }
}
