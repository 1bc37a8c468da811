//! What is decided at random, and is the same for the same seed.

use crate::faults::{Cut, Faults};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use std::time::Duration;

/// The luck of one connection in one direction, or of one client's datagrams.
#[derive(Debug)]
pub struct Chance(StdRng);

impl Chance {
    /// Follows from the seed, the route and the number of the connection only: what others do does not change it.
    pub fn of(seed: u64, route: &str, number: u64, direction: u64) -> Self {
        let mut name = 0xcbf2_9ce4_8422_2325_u64;
        for byte in route.bytes() {
            name = (name ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        let mut state = [0; 32];
        for (at, word) in [seed, name, number, direction].into_iter().enumerate() {
            state[at * 8..][..8].copy_from_slice(&word.to_le_bytes());
        }
        Self(StdRng::from_seed(state))
    }

    /// How much later something arrives.
    pub fn delay(&mut self, faults: &Faults) -> Duration {
        let jitter = if faults.jitter_ms == 0 { 0 } else { self.0.random_range(0..=faults.jitter_ms) };
        Duration::from_millis(faults.delay_ms + jitter)
    }

    /// Whether a datagram is lost.
    pub fn loses(&mut self, faults: &Faults) -> bool {
        faults.loss > 0.0 && self.0.random_bool(faults.loss)
    }

    /// After how many bytes a connection is cut.
    pub fn cut(&mut self, cut: Cut) -> u64 {
        self.0.random_range(cut.least..=cut.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts(seed: u64, route: &str, number: u64) -> Vec<u64> {
        let mut chance = Chance::of(seed, route, number, 0);
        (0..20).map(|_| chance.cut(Cut { least: 1, most: 1_000_000 })).collect()
    }

    #[test]
    fn one_seed_is_one_run() {
        assert_eq!(cuts(7, "edge", 3), cuts(7, "edge", 3));
    }

    #[test]
    fn another_seed_route_or_connection_is_another_run() {
        for other in [cuts(8, "edge", 3), cuts(7, "s3", 3), cuts(7, "edge", 4)] {
            assert_ne!(cuts(7, "edge", 3), other);
        }
    }

    #[test]
    fn a_third_of_the_datagrams_is_a_third() {
        let faults = Faults { loss: 1.0 / 3.0, ..Faults::default() };
        let mut chance = Chance::of(1, "media", 1, 0);
        let lost = (0..3000).filter(|_| chance.loses(&faults)).count();
        assert!((900..1100).contains(&lost), "{lost}");
    }
}
