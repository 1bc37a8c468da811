//! Making a recording playable.

use super::{
    Ffmpeg, Peaks, ProgramError,
    peaks::{Meter, RATE},
    probe::Collected,
};
use crate::medium::{ChannelLayout, Container};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};
use tracing::instrument;

/// A recording of four hours takes two minutes on one slow core.
pub(super) const LIMIT: Duration = Duration::from_mins(15);
/// Counting the channels of the first track reads a few packets.
const COUNT_LIMIT: Duration = Duration::from_secs(30);

/// What was made.
#[derive(Debug)]
pub struct Converted {
    /// The same sound in a file that can be seeked and knows its duration.
    pub playable: PathBuf,
    /// What that file is.
    pub container: Container,
    /// The same for browsers that cannot play the other.
    pub portable: Option<PathBuf>,
    /// The waveform.
    pub peaks: Peaks,
    /// Who is on which channel.
    pub layout: ChannelLayout,
    /// Whether it ends in the middle of something.
    pub truncated: bool,
}

/// Nothing could be made.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// It is longer than we handle.
    #[error("the recording is longer than we handle")]
    TooLong,
    /// It has no sound.
    #[error("the recording has no sound")]
    Silent,
    /// The program failed on it.
    #[error("the recording could not be converted")]
    Program(#[source] ProgramError),
}

impl Ffmpeg {
    /// Makes everything a browser needs of a recording, in one pass over it. Files are made in `folder`.
    #[instrument(name = "op.upload.convert", skip_all)]
    pub async fn convert(
        &self,
        raw: &Path,
        container: Container,
        folder: &Path,
    ) -> Result<Converted, ConvertError> {
        let playable = folder.join("playable");
        let portable = (container != Container::Mp4).then(|| folder.join("portable"));

        let mut arguments: Vec<OsString> = ["-nostdin", "-v", "error", "-y"].map(Into::into).into();
        arguments.extend(Self::reading(container, raw.to_owned()));
        let copied: &[&str] = match container {
            Container::Webm => &["-map", "0:a:0", "-c", "copy", "-cues_to_front", "1", "-f", "webm"],
            Container::Mp4 => &["-map", "0:a:0", "-c", "copy", "-movflags", "+faststart", "-f", "mp4"],
        };
        arguments.extend(copied.iter().map(Into::into));
        arguments.push(playable.clone().into());
        if let Some(portable) = &portable {
            let encoded =
                ["-map", "0:a:0", "-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart", "-f", "mp4"];
            arguments.extend(encoded.map(Into::into));
            arguments.push(portable.clone().into());
        }
        // Where the recorder was paused there are no samples: silence stands in, so that the waveform keeps time.
        let measured = ["-map", "0:a:0", "-af", "aresample=async=1:first_pts=0", "-ar"];
        arguments.extend(measured.map(Into::into));
        arguments.push(RATE.to_string().into());
        arguments.extend(["-c:a", "pcm_s16be", "-f", "au", "pipe:1"].map(Into::into));

        let mut meter = Meter::default();
        let ran = Self::run("ffmpeg", &self.converter, arguments, LIMIT, &mut meter).await;
        if meter.too_long {
            return Err(ConvertError::TooLong);
        }
        let complaints = ran.map_err(|error| match error {
            ProgramError::Failed { complaints, .. } if complaints.contains("matches no streams") => {
                ConvertError::Silent
            }
            error => ConvertError::Program(error),
        })?;
        let layout = match meter.channels {
            Some(1) => ChannelLayout::Mixed,
            Some(2) => ChannelLayout::LearnerLeftCoachRight,
            _ => ChannelLayout::Unknown,
        };
        let peaks = meter.finish();
        if peaks.duration_ms == 0 {
            return Err(ConvertError::Silent);
        }
        let truncated =
            ["ended prematurely", "partial file", "Truncat"].iter().any(|said| complaints.contains(said));
        Ok(Converted { playable, container, portable, peaks, layout, truncated })
    }

    /// How many channels the first track has.
    pub(super) async fn channels(&self, raw: &Path, container: Container) -> Result<usize, ConvertError> {
        let arguments =
            ["-v", "error", "-select_streams", "a:0", "-show_entries", "stream=channels", "-of", "csv=p=0"]
                .into_iter()
                .map(Into::into)
                .chain(Self::reading(container, raw.to_owned()));
        let mut answer = Collected::default();
        Self::run("ffprobe", &self.prober, arguments, COUNT_LIMIT, &mut answer)
            .await
            .map_err(ConvertError::Program)?;
        let text = String::from_utf8_lossy(answer.bytes());
        let channels =
            text.trim().trim_end_matches(',').lines().next().and_then(|line| line.trim().parse().ok());
        channels.filter(|&channels| channels > 0).ok_or(ConvertError::Silent)
    }
}
