//! Making one recording of several.

use super::{ConvertError, Ffmpeg, ProgramError, convert::LIMIT, probe::Collected};
use crate::medium::{Container, MAX_DURATION_MS};
use std::{
    ffi::OsString,
    fmt::Write as _,
    path::{Path, PathBuf},
};
use tracing::instrument;

/// A recording on the time line of another.
#[derive(Clone, Debug)]
pub struct Track {
    /// Where it lies.
    pub file: PathBuf,
    /// What it is.
    pub container: Container,
    /// Where it begins, in milliseconds.
    pub start_ms: u32,
}

/// One recording.
#[derive(Debug)]
pub struct Joined {
    /// Where it lies.
    pub file: PathBuf,
    /// What it is.
    pub container: Container,
    /// How many of the tracks are in it; the others have no sound.
    pub tracks: usize,
}

impl Ffmpeg {
    /// Puts recordings where they belong on one time line, with silence between them. One that fills it from the
    /// beginning stays as it is.
    #[instrument(name = "op.upload.join_tracks", skip_all, fields(tracks = tracks.len()))]
    pub async fn join(&self, tracks: &[Track], folder: &Path) -> Result<Joined, ConvertError> {
        let (mut heard, mut most) = (Vec::new(), 1);
        for track in tracks {
            match self.channels(&track.file, track.container).await {
                Ok(channels) => {
                    most = most.max(channels.min(2));
                    heard.push(track);
                }
                // Cut off before its first sound, or no recording at all.
                Err(ConvertError::Silent | ConvertError::Program(ProgramError::Failed { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        match heard[..] {
            [] => Err(ConvertError::Silent),
            [Track { file, container, start_ms: 0 }] => {
                Ok(Joined { file: file.clone(), container: *container, tracks: 1 })
            }
            _ => self.mix(&heard, most, folder).await,
        }
    }

    /// Whether a track can be read to its end.
    pub async fn decodes(&self, track: &Track, folder: &Path) -> Result<(), ConvertError> {
        self.mix(&[track], 2, folder).await.map(|_| ())
    }

    async fn mix(&self, tracks: &[&Track], channels: usize, folder: &Path) -> Result<Joined, ConvertError> {
        let file = folder.join("joined");
        let mut arguments: Vec<OsString> = ["-nostdin", "-v", "error", "-y"].map(Into::into).into();
        for track in tracks {
            arguments.extend(Self::reading(track.container, track.file.clone()));
        }
        let starts: Vec<u32> = tracks.iter().map(|track| track.start_ms).collect();
        arguments.extend(["-filter_complex".into(), graph(&starts, channels).into()]);
        // Twice through the codec: a higher rate than a browser's keeps the channels apart.
        let encoded = ["-map", "[joined]", "-c:a", "libopus", "-b:a", "96k", "-f", "webm"];
        arguments.extend(encoded.map(Into::into));
        arguments.push(file.clone().into());
        Self::run("ffmpeg", &self.converter, arguments, LIMIT, &mut Collected::default())
            .await
            .map_err(ConvertError::Program)?;
        Ok(Joined { file, container: Container::Webm, tracks: tracks.len() })
    }
}

/// How ffmpeg lays tracks beginning at these milliseconds on one time line.
fn graph(starts: &[u32], channels: usize) -> String {
    let layout = if channels == 1 { "mono" } else { "stereo" };
    let (mut graph, mut inputs) = (String::new(), String::new());
    for (at, start) in starts.iter().enumerate() {
        // Writing into a string cannot fail.
        let _ = write!(
            graph,
            "[{at}:a:0]aresample=48000:async=1:first_pts=0,aformat=channel_layouts={layout},adelay={start}:all=1[t{at}];"
        );
        let _ = write!(inputs, "[t{at}]");
    }
    let end = f64::from(MAX_DURATION_MS) / 1000.0;
    let _ = write!(
        graph,
        "{inputs}amix=inputs={}:normalize=0:dropout_transition=0,atrim=end={end}[joined]",
        starts.len()
    );
    graph
}
