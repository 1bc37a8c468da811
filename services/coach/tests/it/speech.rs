//! What a learner says: flite's voices, and silence.

use coach::{
    sound::{RATE, samples},
    voice::{Flite, Voice as _},
};

/// Somebody says this, at the pace of a learner.
pub async fn say(text: &str) -> Vec<i16> {
    Flite::new("flite").speak(text, 1.0).await.expect("flite is installed").to_vec()
}

/// Nobody says anything.
pub fn silence(ms: u64) -> Vec<i16> {
    vec![0; samples(ms) as usize]
}

/// Pieces one after another.
pub fn joined(pieces: &[&[i16]]) -> Vec<i16> {
    pieces.concat()
}

/// Quieter by so many decibels.
pub fn quieter(pcm: &[i16], decibels: f32) -> Vec<i16> {
    let factor = 10_f32.powf(-decibels / 20.0);
    pcm.iter().map(|sample| (f32::from(*sample) * factor) as i16).collect()
}

/// Seconds of so many samples.
pub fn seconds(samples: usize) -> f32 {
    samples as f32 / RATE as f32
}
