//! How a learner likes to practise.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a learner likes to practise; remembered wherever they sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Practice {
    /// How long the coach waits.
    pub patience: Patience,
    /// Whether the learner says by hand when they speak.
    pub push_to_talk: bool,
    /// How fast the coach speaks.
    pub coach_speed: CoachSpeed,
}

/// What of it changes; `None` stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PracticeChange {
    /// How long the coach waits.
    pub patience: Option<Patience>,
    /// Whether the learner says by hand when they speak.
    pub push_to_talk: Option<bool>,
    /// How fast the coach speaks.
    pub coach_speed: Option<CoachSpeed>,
}

/// How long a silence may be before the coach takes it for the end of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Patience {
    /// The coach answers quickly.
    Quick,
    /// It waits a little.
    Normal,
    /// It gives time: learners pause.
    #[default]
    Patient,
}

impl Patience {
    /// The name on the wire and in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Normal => "normal",
            Self::Patient => "patient",
        }
    }

    /// A patience this service has stored before: the table takes no other.
    pub(crate) fn stored(text: &str) -> Self {
        [Self::Quick, Self::Normal].into_iter().find(|one| one.as_str() == text).unwrap_or_default()
    }
}

/// How fast the coach speaks, as a factor of the pace that suits the topic's level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoachSpeed {
    hundredths: i16,
}

/// The number is not a speed anybody can follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the coach's speed is a number from 0.7 to 1.3")]
pub struct NotASpeed;

impl CoachSpeed {
    /// Reads a speed; hundredths count.
    pub fn parse(factor: f64) -> Result<Self, NotASpeed> {
        let hundredths = (factor * 100.0).round();
        if (70.0..=130.0).contains(&hundredths) {
            Ok(Self { hundredths: hundredths as i16 })
        } else {
            Err(NotASpeed)
        }
    }

    /// A speed this service has stored before.
    pub(crate) const fn stored(hundredths: i16) -> Self {
        Self { hundredths }
    }

    /// As a factor.
    pub fn factor(self) -> f64 {
        f64::from(self.hundredths) / 100.0
    }

    pub(crate) const fn hundredths(self) -> i16 {
        self.hundredths
    }
}

impl Default for CoachSpeed {
    fn default() -> Self {
        Self::stored(100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_kept_to_the_hundredth() {
        assert!((CoachSpeed::parse(0.85).unwrap().factor() - 0.85).abs() < f64::EPSILON);
        assert_eq!(CoachSpeed::parse(1.304), Ok(CoachSpeed::stored(130)));
    }

    #[test]
    fn what_nobody_could_follow_is_no_speed() {
        for factor in [0.0, -1.0, 0.69, 1.31, 1e300, f64::NAN, f64::INFINITY] {
            assert_eq!(CoachSpeed::parse(factor), Err(NotASpeed), "{factor}");
        }
    }

    #[test]
    fn a_patience_is_read_as_it_is_stored() {
        for patience in [Patience::Quick, Patience::Normal, Patience::Patient] {
            assert_eq!(Patience::stored(patience.as_str()), patience);
        }
    }
}
