//! Sound on its way in and out: one sample clock, turns, what is being heard.

mod ears;
mod incoming;
mod playout;

pub use ears::{Ears, Notice, Patience};
pub use incoming::Incoming;
pub use playout::{Clip, Frame, Playing, Playout};

/// Samples a second, everywhere inside the coach.
pub const RATE: u64 = 16_000;
/// Samples in the 20 ms of one packet.
pub const PACKET: usize = 320;

/// Milliseconds of so many samples.
pub fn ms(samples: u64) -> u64 {
    samples * 1000 / RATE
}

/// Samples in so many milliseconds.
pub fn samples(ms: u64) -> u64 {
    ms * RATE / 1000
}

/// The loudness of a piece of sound, as root mean square.
pub fn loudness(pcm: &[i16]) -> f32 {
    if pcm.is_empty() {
        return 0.0;
    }
    let sum: f32 = pcm.iter().map(|sample| f32::from(*sample).powi(2)).sum();
    (sum / pcm.len() as f32).sqrt()
}
