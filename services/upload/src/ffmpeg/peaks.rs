//! The waveform of a recording.

use super::Printed;
use crate::medium::MAX_DURATION_MS;
use serde::{Deserialize, Serialize};
use std::io;
use utoipa::ToSchema;

/// How much time one value stands for.
const RESOLUTION_MS: u32 = 50;
/// Samples a second that the waveform is taken from.
pub const RATE: u32 = 8000;
const SAMPLES: usize = (RATE * RESOLUTION_MS / 1000) as usize;
const MAX_VALUES: usize = (MAX_DURATION_MS / RESOLUTION_MS) as usize;

/// The waveform: how loud each speaker was, from 0 to 255, in every stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Peaks {
    /// How long the recording is.
    pub duration_ms: u32,
    /// How much time one value stands for.
    pub resolution_ms: u32,
    /// The learner; both speakers when the recording has one channel.
    pub learner: Vec<u8>,
    /// The coach; silent when the recording has one channel.
    pub coach: Vec<u8>,
}

/// Bytes of an AU header that say something: magic, where samples begin, how many bytes, encoding, rate, channels.
const HEADER: usize = 24;

/// Takes peaks from an AU file of 16-bit samples as it comes: its header says how many channels there are.
#[derive(Default)]
pub(super) struct Meter {
    /// How many channels there are, as soon as that is known.
    pub channels: Option<usize>,
    samples: u64,
    /// The loudest sample of each speaker in the present stretch.
    loudest: [u16; 2],
    /// How many samples of it were heard.
    heard: usize,
    values: [Vec<u8>; 2],
    /// What is no whole header, or no sample of every channel, before more of it comes.
    rest: Vec<u8>,
    /// Whether the recording is longer than we handle.
    pub too_long: bool,
}

impl Meter {
    pub(super) fn finish(mut self) -> Peaks {
        if self.heard > 0 {
            self.close();
        }
        let [learner, coach] = self.values;
        let duration_ms = u32::try_from(self.samples * 1000 / u64::from(RATE)).unwrap_or(u32::MAX);
        Peaks { duration_ms, resolution_ms: RESOLUTION_MS, learner, coach }
    }

    /// How many channels the file has, once its header is there; the header is taken away.
    fn channels(&mut self) -> io::Result<Option<usize>> {
        let Some(header) = self.rest.first_chunk::<HEADER>() else { return Ok(None) };
        let word =
            |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let (begins, channels) = (word(4) as usize, word(20) as usize);
        if !header.starts_with(b".snd") || begins < HEADER || channels == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if self.rest.len() < begins {
            return Ok(None);
        }
        self.rest.drain(..begins);
        self.channels = Some(channels);
        Ok(self.channels)
    }

    fn hear(&mut self, frame: &[u8]) {
        for (channel, sample) in frame.chunks_exact(2).enumerate() {
            // Nobody knows who is on which of more than two channels: the first place is everybody's.
            let speaker = if frame.len() == 4 { channel } else { 0 };
            let sample = i16::from_be_bytes([sample[0], sample[1]]).unsigned_abs();
            self.loudest[speaker] = self.loudest[speaker].max(sample);
        }
        self.samples += 1;
        self.heard += 1;
        if self.heard == SAMPLES {
            self.close();
        }
    }

    fn close(&mut self) {
        for (values, loudest) in self.values.iter_mut().zip(&mut self.loudest) {
            values.push(u8::try_from(u32::from(*loudest) * 255 / 32768).unwrap_or(u8::MAX));
            *loudest = 0;
        }
        self.heard = 0;
    }
}

impl Printed for Meter {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.values[0].len() > MAX_VALUES {
            self.too_long = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.rest.extend_from_slice(bytes);
        let channels = if self.channels.is_some() { self.channels } else { self.channels()? };
        let Some(channels) = channels else { return Ok(()) };
        let samples = std::mem::take(&mut self.rest);
        let frames = samples.chunks_exact(2 * channels);
        self.rest.extend_from_slice(frames.remainder());
        for frame in frames {
            self.hear(frame);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An AU file with an annotation, as ffmpeg writes it into a pipe.
    fn file(channels: u32, samples: impl IntoIterator<Item = i16>) -> Vec<u8> {
        let words = [32, u32::MAX, 3, RATE, channels].map(u32::to_be_bytes);
        let head = [&b".snd"[..], words.as_flattened(), b"Lavf59\0\0"].concat();
        head.into_iter().chain(samples.into_iter().flat_map(i16::to_be_bytes)).collect()
    }

    #[test]
    fn peaks_do_not_depend_on_how_the_file_is_cut() {
        let file = file(2, (0..1000).flat_map(|at| [at, at * -30]));
        let measured = |cut: usize| {
            let mut meter = Meter::default();
            for piece in file.chunks(cut) {
                meter.take(piece).unwrap();
            }
            assert_eq!(meter.channels, Some(2));
            meter.finish()
        };
        let whole = measured(file.len());
        assert_eq!(whole.learner, [3, 6, 7]);
        assert_eq!(whole.coach, [93, 186, 233]);
        assert_eq!(whole.duration_ms, 125);
        for cut in [1, 2, 3, 5, 7, 25, 1001] {
            assert_eq!(measured(cut), whole, "cut into pieces of {cut}");
        }
    }

    #[test]
    fn the_loudest_sample_there_is_fits() {
        let mut meter = Meter::default();
        meter.take(&file(1, [i16::MIN])).unwrap();
        assert_eq!(meter.finish().learner, [255]);
    }

    #[test]
    fn of_six_channels_the_loudest_counts() {
        let mut meter = Meter::default();
        meter.take(&file(6, [0, 1, -2, 3, 16384, 5])).unwrap();
        let peaks = meter.finish();
        assert_eq!((peaks.learner, peaks.coach), (vec![127], vec![0]));
    }

    #[test]
    fn what_is_no_such_file_is_refused() {
        for file in [b"RIFF".repeat(6), file(0, [])] {
            assert_eq!(Meter::default().take(&file).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
    }
}
