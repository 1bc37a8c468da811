//! What part of life a lesson is for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What part of life a lesson is for. A catalogue sorts by it; the lesson itself does not carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Talk among people who live side by side.
    Everyday,
    /// Talk among people who work together.
    Work,
    /// Talk with someone who decides.
    Interview,
}

/// The text names no kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the kind must be one of everyday, work, interview")]
pub struct UnknownKind;

impl Kind {
    /// All kinds, in the order a list shows them.
    pub const ALL: [Self; 3] = [Self::Everyday, Self::Work, Self::Interview];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyday => "everyday",
            Self::Work => "work",
            Self::Interview => "interview",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownKind)
    }
}
