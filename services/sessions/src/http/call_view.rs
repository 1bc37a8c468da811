//! A call as browsers send it and see it.

use super::turn_view::{any_number, number_in};
use crate::{
    calls::{Call, SentCall},
    turns::SentTime,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A call as it is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Call)]
pub struct CallView {
    /// Which of the session's calls it is, counted from 0.
    number: u32,
    /// When it was connected, in milliseconds on the session clock.
    start_ms: u32,
    /// When it was lost or ended; `null` while it lasts.
    #[schema(required)]
    end_ms: Option<u32>,
}

impl From<&Call> for CallView {
    fn from(call: &Call) -> Self {
        Self { number: call.number, start_ms: call.start_ms, end_ms: call.end_ms }
    }
}

/// A call as it is sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCall {
    /// Which of the session's calls it is, counted from 0.
    number: u32,
    /// When it was connected, in milliseconds on the session clock.
    #[serde(deserialize_with = "any_number")]
    #[schema(value_type = u32)]
    start_ms: SentTime,
    /// When it was lost or ended; `null` while it lasts.
    #[serde(deserialize_with = "any_number_or_none")]
    #[schema(required, value_type = Option<u32>)]
    end_ms: Option<SentTime>,
}

impl From<NewCall> for SentCall {
    fn from(call: NewCall) -> Self {
        Self { number: call.number, start: call.start_ms, end: call.end_ms }
    }
}

fn any_number_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SentTime>, D::Error> {
    let written = Box::<RawValue>::deserialize(deserializer)?;
    if written.get() == "null" { Ok(None) } else { number_in(&written).map(Some) }
}
