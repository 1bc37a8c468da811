//! Where the nuclei of syllables are: peaks of intensity, each between two dips, that have a pitch (after de Jong
//! and Wempe, 2009). Nothing about it needs to know the language.

use super::{
    BLOCK_MS,
    listener::{Channel, PITCH_CENTRE_MS},
};
use crate::finding::Span;

/// A nucleus is no more than this below the loudest ones.
const REACH_DB: f32 = 25.0;
/// Between two nuclei the voice dips by at least this much.
const DIP_DB: f32 = 2.0;
/// Intensity is averaged over a window of twice this many blocks.
const HALF_WINDOW: usize = 6;

/// The moments of the nuclei within `speech`, in milliseconds.
pub(super) fn nuclei(channel: &Channel, speech: &[Span]) -> Vec<u32> {
    let intensity = intensity(&channel.energy_db);
    let blocks = |span: &Span| {
        let end = ((span.end_ms / BLOCK_MS) as usize).min(intensity.len());
        (span.start_ms / BLOCK_MS) as usize..end
    };
    let mut levels: Vec<f32> = speech.iter().flat_map(|span| intensity[blocks(span)].to_vec()).collect();
    let Some(last) = levels.len().checked_sub(1) else { return Vec::new() };
    let loudest = *levels.select_nth_unstable_by((last as f32 * 0.99) as usize, f32::total_cmp).1;

    speech
        .iter()
        .flat_map(|span| {
            let blocks = blocks(span);
            let start = blocks.start;
            peaks(&intensity[blocks]).into_iter().map(move |at| start + at)
        })
        .filter(|&at| intensity[at] >= loudest - REACH_DB)
        .map(|at| at as u32 * BLOCK_MS)
        .filter(|&at| has_pitch(channel, at))
        .collect()
}

/// Every peak between two dips.
fn peaks(levels: &[f32]) -> Vec<usize> {
    let (mut peaks, mut rising, mut extreme) = (Vec::new(), true, 0);
    for (at, level) in levels.iter().enumerate() {
        let from_extreme = level - levels[extreme];
        if rising {
            if from_extreme > 0.0 {
                extreme = at;
            } else if from_extreme <= -DIP_DB {
                peaks.push(extreme);
                (rising, extreme) = (false, at);
            }
        } else if from_extreme < 0.0 {
            extreme = at;
        } else if from_extreme >= DIP_DB {
            (rising, extreme) = (true, at);
        }
    }
    // The last syllable of a stretch is cut where the stretch ends, before its dip.
    if rising && !levels.is_empty() {
        peaks.push(extreme);
    }
    peaks
}

/// Power averaged under a raised cosine, so that the pulses of a low voice do not count as syllables.
fn intensity(energy_db: &[f32]) -> Vec<f32> {
    let power: Vec<f32> = energy_db.iter().map(|db| 10_f32.powf(db / 10.0)).collect();
    let weights: Vec<f32> = (0..=2 * HALF_WINDOW)
        .map(|at| {
            let from_middle = (at as f32 - HALF_WINDOW as f32) / (HALF_WINDOW as f32 + 1.0);
            f32::midpoint(1.0, (std::f32::consts::PI * from_middle).cos())
        })
        .collect();
    (0..power.len())
        .map(|at| {
            let (mut sum, mut weight) = (0.0, 0.0);
            for (offset, share) in weights.iter().enumerate() {
                if let Some(value) = (at + offset).checked_sub(HALF_WINDOW).and_then(|at| power.get(at)) {
                    sum += share * value;
                    weight += share;
                }
            }
            10.0 * (sum / weight).max(1e-12).log10()
        })
        .collect()
}

fn has_pitch(channel: &Channel, at_ms: u32) -> bool {
    let nearest = at_ms.saturating_sub(PITCH_CENTRE_MS) as usize / 10;
    (nearest.saturating_sub(1)..=nearest + 1).any(|at| channel.pitched.get(at).copied().unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_needs_a_dip_on_either_side() {
        let levels = [-40.0, -20.0, -21.0, -20.5, -30.0, -22.0, -40.0];
        assert_eq!(peaks(&levels), [1, 5]);
    }

    #[test]
    fn silence_has_no_peaks() {
        assert_eq!(peaks(&[]), Vec::<usize>::new());
    }
}
