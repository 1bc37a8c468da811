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

/// Takes peaks from 16-bit samples as they come.
pub(super) struct Meter {
    channels: usize,
    samples: u64,
    /// The loudest sample of each channel in the present stretch.
    loudest: [u16; 2],
    /// How many samples of it were heard.
    heard: usize,
    values: [Vec<u8>; 2],
    /// A sample whose second byte, or whose other channel, is still to come.
    rest: Vec<u8>,
    /// Whether the recording is longer than we handle.
    pub too_long: bool,
}

impl Meter {
    pub(super) fn new(channels: usize) -> Self {
        Self {
            channels,
            samples: 0,
            loudest: [0; 2],
            heard: 0,
            values: [const { Vec::new() }; 2],
            rest: Vec::new(),
            too_long: false,
        }
    }

    pub(super) fn finish(mut self) -> Peaks {
        if self.heard > 0 {
            self.close();
        }
        let [learner, coach] = self.values;
        let duration_ms = u32::try_from(self.samples * 1000 / u64::from(RATE)).unwrap_or(u32::MAX);
        Peaks { duration_ms, resolution_ms: RESOLUTION_MS, learner, coach }
    }

    fn hear(&mut self, frame: &[u8]) {
        for (loudest, sample) in self.loudest.iter_mut().zip(frame.chunks_exact(2)) {
            let sample = i16::from_le_bytes([sample[0], sample[1]]);
            *loudest = (*loudest).max(sample.unsigned_abs());
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
        let frame = 2 * self.channels;
        let mut bytes = bytes;
        if !self.rest.is_empty() {
            let missing = (frame - self.rest.len()).min(bytes.len());
            self.rest.extend_from_slice(&bytes[..missing]);
            bytes = &bytes[missing..];
            if self.rest.len() < frame {
                return Ok(());
            }
            let whole = std::mem::take(&mut self.rest);
            self.hear(&whole);
        }
        let frames = bytes.chunks_exact(frame);
        self.rest.extend_from_slice(frames.remainder());
        for whole in frames {
            self.hear(whole);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_do_not_depend_on_how_the_samples_are_cut() {
        let pcm: Vec<u8> = (0..1000_u16)
            .flat_map(|at| [i16::try_from(at).unwrap(), i16::try_from(at).unwrap() * -30])
            .flat_map(i16::to_le_bytes)
            .collect();
        let measured = |cut: usize| {
            let mut meter = Meter::new(2);
            for piece in pcm.chunks(cut) {
                meter.take(piece).unwrap();
            }
            meter.finish()
        };
        let whole = measured(pcm.len());
        assert_eq!(whole.learner, [3, 6, 7]);
        assert_eq!(whole.coach, [93, 186, 233]);
        assert_eq!(whole.duration_ms, 125);
        for cut in [1, 2, 3, 5, 7, 1001] {
            assert_eq!(measured(cut), whole, "cut into pieces of {cut}");
        }
    }

    #[test]
    fn the_loudest_sample_there_is_fits() {
        let mut meter = Meter::new(1);
        meter.take(&i16::MIN.to_le_bytes()).unwrap();
        assert_eq!(meter.finish().learner, [255]);
    }
}
