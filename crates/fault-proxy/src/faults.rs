//! What a network does wrong.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a route does wrong now. The default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Nothing listens, and what is connected is reset. Datagrams are lost.
    pub down: bool,
    /// Nothing passes, and nobody is told.
    pub blackhole: bool,
    /// How much later everything arrives.
    pub delay_ms: u64,
    /// Up to how much later still; datagrams may overtake each other.
    pub jitter_ms: u64,
    /// The share of datagrams that is lost, from 0 to 1.
    pub loss: f64,
    /// A connection is reset after so many bytes towards the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_after: Option<Cut>,
    /// A connection pauses once, after so many bytes towards the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stall_after: Option<u64>,
    /// For how long.
    pub stall_ms: u64,
    /// Every HTTP request gets this answer, and its target never hears of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Reply>,
    /// After this the route is well again by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u64>,
}

/// Where a connection is cut: somewhere between, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// After so many bytes at least.
    pub least: u64,
    /// And so many at most.
    pub most: u64,
}

/// An HTTP answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// After how many seconds to come back.
    pub retry_after: Option<u32>,
}

impl Reply {
    pub(crate) fn text(self) -> String {
        let retry = self.retry_after.map_or_else(String::new, |after| format!("retry-after: {after}\r\n"));
        format!(
            "HTTP/1.1 {} Fault\r\n{retry}content-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}",
            self.status
        )
    }
}

impl Faults {
    /// Whether nothing gets through.
    pub fn is_dark(&self) -> bool {
        self.down || self.blackhole
    }

    pub(crate) fn duration(&self) -> Option<Duration> {
        self.for_ms.map(Duration::from_millis)
    }

    /// Why these faults cannot be, if they cannot.
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        if !(0.0..=1.0).contains(&self.loss) {
            return Some("loss is a share from 0 to 1");
        }
        if self.cut_after.is_some_and(|cut| cut.least > cut.most) {
            return Some("a cut has its least before its most");
        }
        if self.answer.is_some_and(|reply| !(400..600).contains(&reply.status)) {
            return Some("an answer has a status from 400 to 599");
        }
        None
    }
}
