//! Faults that tests and demonstrations switch on. Off unless configured.

use std::{str::FromStr, time::Duration};

/// Which faults are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// How a mint fails.
    pub mint: Option<MintFault>,
    /// Every HTTP answer takes this much longer.
    pub slow: Duration,
    /// No turn is transcribed.
    pub fail_transcription: bool,
    /// Every call is cut after this long, without a word.
    pub drop_after: Option<Duration>,
}

/// How a mint fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MintFault {
    /// As if the key were wrong.
    Refuse,
    /// As if there were too many.
    TooMany,
    /// As if something had broken.
    Broken,
}

/// A fault nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown fault")]
pub struct UnknownFault;

impl FromStr for Faults {
    type Err = UnknownFault;

    /// A comma list of `refuse_mint`, `mint_429`, `mint_500`, `slow_ms=…`, `fail_transcription`, `drop_after_ms=…`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut faults = Self::default();
        for fault in text.split(',').map(str::trim).filter(|fault| !fault.is_empty()) {
            match fault.split_once('=') {
                None => match fault {
                    "refuse_mint" => faults.mint = Some(MintFault::Refuse),
                    "mint_429" => faults.mint = Some(MintFault::TooMany),
                    "mint_500" => faults.mint = Some(MintFault::Broken),
                    "fail_transcription" => faults.fail_transcription = true,
                    _ => return Err(UnknownFault),
                },
                Some((name, ms)) => {
                    let time = Duration::from_millis(ms.parse().map_err(|_| UnknownFault)?);
                    match name {
                        "slow_ms" => faults.slow = time,
                        "drop_after_ms" => faults.drop_after = Some(time),
                        _ => return Err(UnknownFault),
                    }
                }
            }
        }
        Ok(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_from_a_list_and_unknown_ones_refused() {
        let faults: Faults =
            "mint_429, slow_ms=50,drop_after_ms=1000,fail_transcription".parse().expect("known");
        assert_eq!(faults.mint, Some(MintFault::TooMany));
        assert_eq!(faults.slow, Duration::from_millis(50));
        assert_eq!(faults.drop_after, Some(Duration::from_secs(1)));
        assert!(faults.fail_transcription);
        assert_eq!("".parse(), Ok(Faults::default()));
        assert_eq!("meteor".parse::<Faults>(), Err(UnknownFault));
    }
}
