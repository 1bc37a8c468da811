//! The flite synthesiser, as a process per sentence.

use std::{ffi::OsString, process::Stdio, time::Duration};

use tokio::{process::Command, sync::Semaphore};

use super::{Speaking, Voice, VoiceError};
use crate::sound::{Clip, RATE};

/// At its own pace this voice says 208 words a minute; stretched by this it says 150.
const STRETCH_AT_150_WORDS: f32 = 1.4;
const VOICE: &str = "slt";
/// A sentence takes about 150 ms.
const PATIENCE: Duration = Duration::from_secs(10);
/// Processes at a time; more would only slow each other down.
const AT_ONCE: usize = 4;

/// The flite synthesiser.
#[derive(Debug)]
pub struct Flite {
    program: OsString,
    turns: Semaphore,
}

impl Flite {
    /// Uses the program at this path.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self { program: program.into(), turns: Semaphore::new(AT_ONCE) }
    }

    async fn run(&self, text: &str, speed: f32) -> Result<Clip, VoiceError> {
        let _turn = self.turns.acquire().await.map_err(|_| VoiceError::TooSlow)?;
        // The program writes the length into the header at the end, which a pipe does not allow.
        let out = tempfile::Builder::new().prefix("coach").suffix(".wav").tempfile()?.into_temp_path();
        let status = Command::new(&self.program)
            .args(["-voice", VOICE, "--setf"])
            .arg(format!("duration_stretch={:.3}", STRETCH_AT_150_WORDS / speed))
            .arg("-t")
            .arg(speakable(text))
            .arg("-o")
            .arg(out.as_os_str())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .status()
            .await?;
        if !status.success() {
            return Err(VoiceError::Failed(status));
        }
        let wav = tokio::fs::read(&out).await?;
        samples(&wav).ok_or(VoiceError::Unusable)
    }
}

impl Voice for Flite {
    fn speak<'a>(&'a self, text: &'a str, speed: f32) -> Speaking<'a> {
        Box::pin(async move {
            tokio::time::timeout(PATIENCE, self.run(text, speed)).await.map_err(|_| VoiceError::TooSlow)?
        })
    }
}

/// What the program would read out as words, or not understand.
fn speakable(text: &str) -> String {
    let plain =
        text.replace(['…', '"', '“', '”', '|'], " ").replace(['’', '‘'], "'").replace(['–', '—'], ", ");
    // A text that begins with a dash would be taken for an option.
    plain.trim_start_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// The samples of a 16 kHz mono PCM16 file.
fn samples(wav: &[u8]) -> Option<Clip> {
    let number = |at: usize| Some(u32::from_le_bytes(wav.get(at..at + 4)?.try_into().ok()?));
    let mono_pcm16 = wav.get(20..24)? == [1, 0, 1, 0] && wav.get(34..36)? == [16, 0];
    if wav.get(..4)? != b"RIFF" || !mono_pcm16 || u64::from(number(24)?) != RATE {
        return None;
    }
    let mut at = 12;
    while wav.get(at..at + 4)? != b"data" {
        at += 8 + number(at + 4)? as usize;
    }
    let end = wav.len().min(at + 8 + number(at + 4)? as usize);
    let pcm = wav.get(at + 8..end)?.as_chunks::<2>().0;
    Some(pcm.iter().map(|pair| i16::from_le_bytes(*pair)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lesson::Level;

    #[tokio::test]
    async fn the_pace_of_every_level_is_within_a_tenth() {
        let text = "On Saturday morning we walked along the river and had breakfast in a small cafe near the station. \
                    After that my sister went to the market, and I read a book in the park until it began to rain.";
        let words = text.split_whitespace().count() as f32;
        for level in Level::ALL {
            let clip = Flite::new("flite").speak(text, level.speed()).await.expect("flite is installed");
            let minutes = clip.len() as f32 / RATE as f32 / 60.0;
            let ratio = words / minutes / (150.0 * level.speed());
            assert!((0.9..=1.1).contains(&ratio), "{level}: {ratio} of the pace");
        }
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_an_error() {
        assert!(matches!(Flite::new("/nonexistent").speak("Hi", 1.0).await, Err(VoiceError::Io(_))));
    }

    #[test]
    fn what_looks_like_an_option_is_only_text() {
        assert_eq!(speakable("--setf x"), "setf x");
        assert_eq!(speakable("On Saturday I …"), "On Saturday I  ");
    }
}
