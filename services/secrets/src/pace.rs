//! How a learner wants to be talked with.

use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::ToSchema;

/// How the conversation goes for one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"patience": "patient", "push_to_talk": false, "speed": 1.0}))]
pub struct Pace {
    /// How long a silence may be before the coach answers.
    #[serde(default)]
    pub patience: Patience,
    /// Whether the learner says when a turn is over; silence then means nothing.
    #[serde(default)]
    pub push_to_talk: bool,
    /// How much faster than usual for the level of the lesson the coach speaks, from 0.7 to 1.3; absent means as usual.
    #[serde(default)]
    #[schema(value_type = Option<f32>, minimum = 0.7, maximum = 1.3)]
    pub speed: Option<Speed>,
}

/// How long a silence may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Patience {
    /// A reply comes soon after the last word.
    Quick,
    /// In between.
    Normal,
    /// Learners pause to find words: the coach waits.
    #[default]
    Patient,
}

impl Patience {
    /// Its name in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Normal => "normal",
            Self::Patient => "patient",
        }
    }

    /// What a provider calls the opposite.
    #[must_use]
    pub const fn eagerness(self) -> &'static str {
        match self {
            Self::Quick => "high",
            Self::Normal => "medium",
            Self::Patient => "low",
        }
    }
}

/// The text names no patience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the patience must be quick, normal or patient")]
pub struct UnknownPatience;

impl FromStr for Patience {
    type Err = UnknownPatience;

    fn from_str(text: &str) -> Result<Self, UnknownPatience> {
        [Self::Quick, Self::Normal, Self::Patient]
            .into_iter()
            .find(|patience| patience.as_str() == text)
            .ok_or(UnknownPatience)
    }
}

/// How fast the coach speaks: 1 is the pace of the lesson's level.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(try_from = "f32")]
pub struct Speed(f32);

impl Speed {
    /// The number.
    #[must_use]
    pub const fn get(self) -> f32 {
        self.0
    }
}

/// The number is no speed at which anybody would understand.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("the speed must be from 0.7 to 1.3")]
pub struct NoSpeed;

impl TryFrom<f32> for Speed {
    type Error = NoSpeed;

    fn try_from(number: f32) -> Result<Self, NoSpeed> {
        if (0.7..=1.3).contains(&number) { Ok(Self(number)) } else { Err(NoSpeed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_as_patient_as_can_be() {
        let pace: Pace = serde_json::from_str("{}").unwrap();
        assert_eq!(pace, Pace::default());
        assert_eq!((pace.patience.eagerness(), pace.push_to_talk, pace.speed), ("low", false, None));
    }

    #[test]
    fn a_speed_that_nobody_would_understand_is_none() {
        for (number, accepted) in [
            (0.7, true),
            (1.3, true),
            (0.69, false),
            (1.31, false),
            (f32::NAN, false),
            (f32::INFINITY, false),
        ] {
            assert_eq!(Speed::try_from(number).is_ok(), accepted, "{number}");
        }
    }
}
