//! A turn as browsers send it and see it.

use crate::{
    turns::{SentTime, SentTurn, Turn},
    words::{Speaker, TurnState},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A turn as it is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Turn)]
pub struct TurnView {
    /// The provider's identifier of it.
    item_id: String,
    /// Who spoke.
    speaker: Speaker,
    /// Milliseconds on the session clock.
    start_ms: u32,
    /// Milliseconds on the session clock.
    end_ms: u32,
    /// Its words, if they are known.
    #[schema(required)]
    text: Option<String>,
    /// How whole they are.
    state: TurnState,
    /// In which of the session's calls it was said, counted from 0.
    call: u32,
}

impl From<&Turn> for TurnView {
    fn from(turn: &Turn) -> Self {
        Self {
            item_id: turn.item_id.clone(),
            speaker: turn.speaker,
            start_ms: turn.start_ms,
            end_ms: turn.end_ms,
            text: turn.text.clone(),
            state: turn.state,
            call: turn.call,
        }
    }
}

/// A turn as it is sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTurn {
    /// The provider's identifier of it.
    #[schema(min_length = 1, max_length = 64)]
    item_id: String,
    /// Who spoke.
    speaker: Speaker,
    /// Milliseconds on the session clock.
    #[serde(deserialize_with = "any_number")]
    #[schema(value_type = u32)]
    start_ms: SentTime,
    /// Milliseconds on the session clock.
    #[serde(deserialize_with = "any_number")]
    #[schema(value_type = u32)]
    end_ms: SentTime,
    /// Its words, if they are known.
    text: Option<String>,
    /// How whole they are.
    state: TurnState,
    /// In which of the session's calls it was said, counted from 0.
    call: u32,
}

impl From<NewTurn> for SentTurn {
    fn from(turn: NewTurn) -> Self {
        Self {
            item_id: turn.item_id,
            speaker: turn.speaker,
            start: turn.start_ms,
            end: turn.end_ms,
            text: turn.text,
            state: turn.state,
            call: turn.call,
        }
    }
}

/// Any number JSON can write, also one no `f64` can hold: whether it is a time is decided later, and not everywhere alike.
pub fn any_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SentTime, D::Error> {
    number_in(&Box::<RawValue>::deserialize(deserializer)?)
}

/// The number that JSON wrote.
pub fn number_in<E: Error>(written: &RawValue) -> Result<SentTime, E> {
    let number = written.get().parse().map_err(|_| E::custom("a number is needed"))?;
    Ok(SentTime::new(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(number: &str) -> Option<SentTime> {
        any_number(&mut serde_json::Deserializer::from_str(number)).ok()
    }

    #[test]
    fn every_number_is_read_however_odd() {
        assert_eq!(read("12"), Some(SentTime::new(12.0)));
        assert_eq!(read("-1.5"), Some(SentTime::new(-1.5)));
        assert_eq!(read("1e309"), Some(SentTime::new(f64::INFINITY)));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for other in ["\"1\"", "null", "true", "[1]", "\"NaN\"", "\"inf\""] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
