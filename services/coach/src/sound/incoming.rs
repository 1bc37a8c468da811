//! From packets to samples, with the sample clock kept equal to the sender's clock.

use opus::{Channels, Decoder};

use super::{PACKET, RATE};

/// Lost packets that are concealed before silence takes over.
const CONCEALED: u64 = 5;
/// A gap beyond this is a restarted clock, not lost sound.
const LONGEST_GAP: u64 = 60 * RATE;
/// The longest packet Opus knows: 120 ms.
const LONGEST_PACKET: usize = 6 * PACKET;

/// Decodes one sender's packets.
pub struct Incoming {
    decoder: Decoder,
    /// Where the next packet belongs, on the sender's clock in samples; `None` before the first.
    due: Option<u64>,
}

impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming").field("due", &self.due).finish_non_exhaustive()
    }
}

impl Incoming {
    /// A decoder for a new call.
    pub fn new() -> Result<Self, opus::Error> {
        Ok(Self { decoder: Decoder::new(RATE as u32, Channels::Mono)?, due: None })
    }

    /// The samples up to the end of this packet, what was lost before it included. `rtp` counts 48 000 a second.
    ///
    /// A packet without payload is padding with which browsers probe the network, and not sound: a decoder would take
    /// it for a loss and make some up.
    pub fn packet(&mut self, rtp: u64, payload: &[u8]) -> Vec<i16> {
        if payload.is_empty() {
            return Vec::new();
        }
        let at = rtp / 3;
        let gap = at.saturating_sub(self.due.unwrap_or(at));
        let mut out = Vec::new();
        if gap < LONGEST_GAP {
            self.fill(gap, &mut out);
        }
        let mut pcm = [0; LONGEST_PACKET];
        let decoded = self.decoder.decode(payload, &mut pcm, false).unwrap_or(0);
        out.extend_from_slice(&pcm[..decoded]);
        self.due = Some(at.max(self.due.unwrap_or(at)) + decoded as u64);
        out
    }

    /// Silence for a sender that has fallen silent without a word; its later packets fill no gap twice.
    pub fn missing(&mut self, samples: u64) -> Vec<i16> {
        self.due = self.due.map(|due| due + samples);
        vec![0; samples as usize]
    }

    fn fill(&mut self, gap: u64, out: &mut Vec<i16>) {
        let mut left = gap;
        for _ in 0..CONCEALED {
            if left < PACKET as u64 {
                break;
            }
            // Exactly one packet: given more room, the decoder fills all of it.
            let mut pcm = [0; PACKET];
            let made = self.decoder.decode(&[], &mut pcm, false).unwrap_or(0);
            out.extend_from_slice(&pcm[..made]);
            left -= (made as u64).min(left);
        }
        out.resize(out.len() + left as usize, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opus::{Application, Encoder};

    fn packets(count: usize) -> Vec<Vec<u8>> {
        let mut encoder = Encoder::new(RATE as u32, Channels::Mono, Application::Voip).expect("an encoder");
        let tone = |n: usize| ((n as f32 * 0.05).sin() * 8000.0) as i16;
        (0..count)
            .map(|p| {
                let pcm: Vec<i16> = (p * PACKET..(p + 1) * PACKET).map(tone).collect();
                encoder.encode_vec(&pcm, 1500).expect("encodes")
            })
            .collect()
    }

    #[test]
    fn the_sample_clock_follows_the_senders_clock_over_losses_and_padding() {
        let packets = packets(100);
        let mut incoming = Incoming::new().expect("a decoder");
        let mut heard = 0;
        for (n, packet) in packets.iter().enumerate() {
            let rtp = 7_000 + n as u64 * 960;
            assert!(incoming.packet(rtp, &[]).is_empty());
            if (20..30).contains(&n) || n == 50 {
                continue;
            }
            heard += incoming.packet(rtp, packet).len();
        }
        assert_eq!(heard, 100 * PACKET);
    }

    #[test]
    fn silence_put_in_for_a_silent_sender_is_not_filled_again() {
        let packets = packets(2);
        let mut incoming = Incoming::new().expect("a decoder");
        let mut heard = incoming.packet(0, &packets[0]).len();
        heard += incoming.missing(RATE).len();
        heard += incoming.packet(960 * 51, &packets[1]).len();
        assert_eq!(heard, 2 * PACKET + RATE as usize);
    }
}
