//! What a level means in numbers.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

/// A level of the Common European Framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Beginner.
    A1,
    /// Elementary.
    A2,
    /// Intermediate.
    B1,
    /// Upper intermediate.
    B2,
    /// Advanced.
    C1,
}

/// How soon a silence is taken for the end of a turn; the wire's word for impatience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Eagerness {
    /// Waits the whole silence of the level.
    Low,
    /// Waits a little less.
    Medium,
    /// Waits half of it.
    High,
    /// The same as medium.
    #[default]
    Auto,
}

/// The text names no level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the level must be one of A1, A2, B1, B2, C1")]
pub struct UnknownLevel;

impl Level {
    /// All levels, easiest first.
    pub const ALL: [Self; 5] = [Self::A1, Self::A2, Self::B1, Self::B2, Self::C1];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A1 => "A1",
            Self::A2 => "A2",
            Self::B1 => "B1",
            Self::B2 => "B2",
            Self::C1 => "C1",
        }
    }

    /// The coach's pace; 1.0 is 150 words a minute.
    pub const fn speed(self) -> f32 {
        match self {
            Self::A1 => 0.75,
            Self::A2 => 0.85,
            Self::B1 => 0.95,
            Self::B2 => 1.0,
            Self::C1 => 1.1,
        }
    }

    /// The silence after which a learner of this level has finished, in milliseconds:
    ///
    /// | eagerness | A1, A2 | B1 | B2 | C1 |
    /// |---|---|---|---|---|
    /// | low | 2000 | 1600 | 1200 | 1000 |
    /// | medium, auto | 1400 | 1120 | 840 | 700 |
    /// | high | 1000 | 800 | 600 | 500 |
    pub const fn end_of_turn_silence(self, eagerness: Eagerness) -> Duration {
        let low = match self {
            Self::A1 | Self::A2 => 2000,
            Self::B1 => 1600,
            Self::B2 => 1200,
            Self::C1 => 1000,
        };
        Duration::from_millis(match eagerness {
            Eagerness::Low => low,
            Eagerness::Medium | Eagerness::Auto => low * 7 / 10,
            Eagerness::High => low / 2,
        })
    }

    /// The longest sentence the coach may say, in words.
    pub const fn words_per_sentence(self) -> usize {
        match self {
            Self::A1 => 7,
            Self::A2 => 10,
            Self::B1 => 14,
            Self::B2 => 18,
            Self::C1 => 24,
        }
    }

    /// The most sentences the coach may say in one turn.
    pub const fn sentences_per_turn(self) -> usize {
        match self {
            Self::A1 | Self::A2 | Self::B1 | Self::B2 => 2,
            Self::C1 => 3,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|level| level.as_str() == text).ok_or(UnknownLevel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_harder_level_is_never_slower_or_more_patient() {
        for pair in Level::ALL.windows(2) {
            assert!(pair[0].speed() < pair[1].speed());
            assert!(
                pair[0].end_of_turn_silence(Eagerness::Low) >= pair[1].end_of_turn_silence(Eagerness::Low)
            );
        }
    }

    #[test]
    fn eagerness_shortens_the_silence() {
        assert_eq!(Level::B1.end_of_turn_silence(Eagerness::Low), Duration::from_millis(1600));
        assert_eq!(Level::B1.end_of_turn_silence(Eagerness::Auto), Duration::from_millis(1120));
        assert_eq!(Level::B1.end_of_turn_silence(Eagerness::High), Duration::from_millis(800));
    }

    #[test]
    fn a_level_is_read_as_it_is_written() {
        for level in Level::ALL {
            assert_eq!(level.as_str().parse(), Ok(level));
        }
        assert_eq!("C2".parse::<Level>(), Err(UnknownLevel));
    }
}
