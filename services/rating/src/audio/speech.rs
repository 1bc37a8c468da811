//! Where somebody speaks in one channel.
//!
//! The detector knows *that* there is voice, even in noise, but blurs where it begins and ends by tens of
//! milliseconds; energy knows *where*, but not whether it is a voice. So energy with hysteresis draws the edges, and
//! the detector says which of the stretches are speech.

use super::{
    BLOCK_MS, PAUSE_MS,
    listener::{Channel, FRAME_MS, QUIETEST_DB, decibels},
};
use crate::finding::Span;

/// A word starts and ends with sounds too weak for the detector: energy may reach this far beyond its frames.
const REACH_MS: u32 = 160;
/// A stretch with less voice than this is a click, a cough or a chair.
const LEAST_VOICE_MS: u32 = 48;
/// A stretch shorter than this is no syllable.
const LEAST_SPEECH_MS: u32 = 60;
/// Speech of one channel heard in the other is at least this much quieter there.
const CROSSTALK_DB: f32 = 25.0;
/// Where speech begins and ends, above the noise and below the voice.
const ON: Edge = Edge { above_noise: 10.0, below_voice: 30.0 };
const OFF: Edge = Edge { above_noise: 6.0, below_voice: 36.0 };
/// The loudest a voice can be taken to be silent.
const SILENT_DB: f32 = -58.0;

struct Edge {
    above_noise: f32,
    below_voice: f32,
}

impl Edge {
    fn level(&self, noise: f32, voice: f32) -> f32 {
        (noise + self.above_noise).max(voice - self.below_voice)
    }
}

/// The stretches of speech, each at least a pause away from the next.
pub(super) fn stretches(channel: &Channel, other: &Channel) -> Vec<Span> {
    let energy = smooth(&channel.energy_db);
    let voiced: Vec<bool> = (0..energy.len()).map(|block| is_voice(channel, block)).collect();
    let louder = smooth(&other.energy_db);
    let own: Vec<bool> = energy
        .iter()
        .enumerate()
        .map(|(block, own)| !is_crosstalk(*own, louder.get(block).copied()))
        .collect();

    let mut loud: Vec<f32> =
        (0..energy.len()).filter(|&at| voiced[at] && own[at]).map(|at| energy[at]).collect();
    let mut all = energy.clone();
    let (Some(voice), Some(noise)) = (percentile(&mut loud, 0.9), percentile(&mut all, 0.05)) else {
        return Vec::new();
    };
    if voice < SILENT_DB {
        return Vec::new();
    }
    // Somebody who never pauses leaves no noise to be measured: a voice has 30 dB between its loud and weak sounds.
    let noise = noise.min(voice - 24.0);
    let (on, off) = (ON.level(noise, voice), OFF.level(noise, voice));
    let near = widened(&voiced, (REACH_MS / BLOCK_MS) as usize);

    let mut stretches: Vec<Stretch> = Vec::new();
    let mut speaking = false;
    for (block, level) in energy.iter().enumerate() {
        let possible = near[block] && own[block];
        speaking = possible && *level >= if speaking { off } else { on };
        if !speaking {
            continue;
        }
        let at = block as u32 * BLOCK_MS;
        let voice_ms = if voiced[block] { BLOCK_MS } else { 0 };
        match stretches.last_mut() {
            Some(last) if last.span.end_ms == at => {
                last.span.end_ms += BLOCK_MS;
                last.voice_ms += voice_ms;
            }
            _ => stretches.push(Stretch { span: Span { start_ms: at, end_ms: at + BLOCK_MS }, voice_ms }),
        }
    }
    joined(stretches)
}

struct Stretch {
    span: Span,
    voice_ms: u32,
}

/// Joins what is less than a pause apart, and drops what is no speech.
fn joined(stretches: Vec<Stretch>) -> Vec<Span> {
    let mut joined: Vec<Stretch> = Vec::new();
    // A blip in the middle of a pause does not end it, unless it is voice.
    for next in stretches.into_iter().filter(|stretch| stretch.span.ms() >= 20 || stretch.voice_ms > 0) {
        match joined.last_mut() {
            Some(last) if next.span.start_ms - last.span.end_ms < PAUSE_MS => {
                last.span.end_ms = next.span.end_ms;
                last.voice_ms += next.voice_ms;
            }
            _ => joined.push(next),
        }
    }
    joined
        .into_iter()
        .filter(|stretch| stretch.voice_ms >= LEAST_VOICE_MS && stretch.span.ms() >= LEAST_SPEECH_MS)
        .map(|stretch| stretch.span)
        .collect()
}

fn is_voice(channel: &Channel, block: usize) -> bool {
    let frame = block as u32 * BLOCK_MS / FRAME_MS;
    channel.voice.get(frame as usize).copied().unwrap_or(false)
}

fn is_crosstalk(own: f32, other: Option<f32>) -> bool {
    other.is_some_and(|other| other > own + CROSSTALK_DB && other > SILENT_DB)
}

/// Three blocks averaged: a low voice swings more slowly than one block lasts.
fn smooth(energy_db: &[f32]) -> Vec<f32> {
    (0..energy_db.len())
        .map(|at| {
            let around = &energy_db[at.saturating_sub(1)..(at + 2).min(energy_db.len())];
            let power: f32 = around.iter().map(|db| 10_f32.powf(db / 10.0)).sum();
            decibels(power / around.len() as f32).max(QUIETEST_DB)
        })
        .collect()
}

/// The value that this share of all values does not exceed.
fn percentile(values: &mut [f32], share: f32) -> Option<f32> {
    let at = (values.len().checked_sub(1)? as f32 * share) as usize;
    Some(*values.select_nth_unstable_by(at, f32::total_cmp).1)
}

/// Whether anything within `reach` is set.
fn widened(set: &[bool], reach: usize) -> Vec<bool> {
    let mut wide = vec![false; set.len()];
    let mut covered = 0;
    for at in (0..set.len()).filter(|&at| set[at]) {
        let (from, to) = (at.saturating_sub(reach).max(covered), (at + reach + 1).min(set.len()));
        if from < to {
            wide[from..to].fill(true);
            covered = to;
        }
    }
    wide
}
