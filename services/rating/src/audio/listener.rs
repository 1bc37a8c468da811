//! One channel, sample by sample, boiled down to what the measurements need: energy, voice and pitch.
//!
//! An hour of speech takes a few megabytes here, so the samples themselves are never kept.

use super::BLOCK_MS;
use earshot::Detector;

/// What the recording is resampled to before it is heard.
pub const SAMPLE_RATE: u32 = 16_000;

const BLOCK: usize = (SAMPLE_RATE / 1000 * BLOCK_MS) as usize;
/// The detector hears 16 ms at a time.
const FRAME: usize = 256;
/// Milliseconds in one frame of the detector.
pub(super) const FRAME_MS: u32 = 16;
/// Its score from which a frame is voice.
pub(super) const VOICE: f32 = 0.5;
/// Quieter than this is silence, whatever made it.
pub(super) const QUIETEST_DB: f32 = -75.0;

/// Pitch is looked for in every fourth sample: 4 kHz holds the pitch of any voice.
const DECIMATE: usize = 4;
const PITCH_RATE: usize = SAMPLE_RATE as usize / DECIMATE;
const PITCH_HOP: usize = PITCH_RATE / 100;
const PITCH_WINDOW: usize = PITCH_RATE * 3 / 100;
/// 400 Hz down to 60 Hz.
const LAGS: std::ops::RangeInclusive<usize> = PITCH_RATE / 400..=PITCH_RATE / 60;
const PITCH_BUFFER: usize = PITCH_WINDOW + PITCH_RATE / 60;
/// How alike a sound must be to itself one period later to have a pitch.
const PERIODIC: f32 = 0.45;

/// What is known of one channel.
#[derive(Debug, Default)]
pub(super) struct Channel {
    /// Mean power of each block, in decibels below full scale.
    pub(super) energy_db: Vec<f32>,
    /// Whether each frame of the detector is voice.
    pub(super) voice: Vec<bool>,
    /// Whether each 10 ms have a pitch. The first entry is centred [`PITCH_CENTRE_MS`] into the recording.
    pub(super) pitched: Vec<bool>,
}

/// Where the first entry of [`Channel::pitched`] lies.
pub(super) const PITCH_CENTRE_MS: u32 = (PITCH_BUFFER * 500 / PITCH_RATE) as u32;

/// Hears one channel.
pub struct Listener {
    detector: Box<Detector>,
    high_pass: HighPass,
    block: Sum,
    frame: Vec<i16>,
    fourth: Sum,
    pitch: Vec<f32>,
    heard: Channel,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

impl Default for Listener {
    fn default() -> Self {
        Self {
            detector: Detector::default_boxed(),
            high_pass: HighPass::default(),
            block: Sum::default(),
            frame: Vec::with_capacity(FRAME),
            fourth: Sum::default(),
            pitch: Vec::with_capacity(PITCH_BUFFER),
            heard: Channel::default(),
        }
    }
}

impl Listener {
    /// Hears the next sample.
    pub fn hear(&mut self, sample: i16) {
        self.frame.push(sample);
        if self.frame.len() == FRAME {
            self.heard.voice.push(self.detector.predict_i16(&self.frame) >= VOICE);
            self.frame.clear();
        }

        let clean = self.high_pass.pass(f32::from(sample) / 32768.0);
        self.block.add(clean * clean);
        if self.block.count == BLOCK {
            self.heard.energy_db.push(decibels(self.block.mean()));
        }
        self.fourth.add(clean);
        if self.fourth.count == DECIMATE {
            let low = self.fourth.mean();
            self.pitch.push(low);
            if self.pitch.len() == PITCH_BUFFER {
                self.heard.pitched.push(is_periodic(&self.pitch));
                self.pitch.drain(..PITCH_HOP);
            }
        }
    }

    pub(super) fn heard(self) -> Channel {
        self.heard
    }
}

/// Mean power as decibels below full scale.
pub(super) fn decibels(power: f32) -> f32 {
    (10.0 * power.max(1e-12).log10()).max(QUIETEST_DB)
}

fn is_periodic(samples: &[f32]) -> bool {
    let window = &samples[..PITCH_WINDOW];
    let energy: f32 = window.iter().map(|sample| sample * sample).sum();
    if energy < 1e-7 {
        return false;
    }
    LAGS.into_iter().any(|lag| {
        let later = &samples[lag..lag + PITCH_WINDOW];
        let (mut alike, mut later_energy) = (0.0, 0.0);
        for (now, then) in window.iter().zip(later) {
            alike += now * then;
            later_energy += then * then;
        }
        alike > PERIODIC * (energy * later_energy).sqrt()
    })
}

/// A running mean that starts again when it is read.
#[derive(Default)]
struct Sum {
    sum: f32,
    count: usize,
}

impl Sum {
    fn add(&mut self, value: f32) {
        self.sum += value;
        self.count += 1;
    }

    fn mean(&mut self) -> f32 {
        let mean = self.sum / self.count.max(1) as f32;
        *self = Self::default();
        mean
    }
}

/// Takes away hum and breath below the voice: two poles at 90 Hz.
#[derive(Default)]
struct HighPass {
    stages: [Pole; 2],
}

#[derive(Default)]
struct Pole {
    input: f32,
    output: f32,
}

impl HighPass {
    /// exp(-2π · 90 / 16000)
    const KEEP: f32 = 0.965_27;

    fn pass(&mut self, sample: f32) -> f32 {
        self.stages.iter_mut().fold(sample, |input, pole| {
            pole.output = Self::KEEP * (pole.output + input - pole.input);
            pole.input = input;
            pole.output
        })
    }
}
