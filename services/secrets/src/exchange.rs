//! How the browser and the provider come together.

use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::ToSchema;

/// Which way an offer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Exchange {
    /// The secret is ours and good for one call, which we make; so we can hang it up.
    Relay,
    /// The secret is the provider's own, and the browser shows it there.
    Direct,
}

impl Exchange {
    /// Its name in settings, rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Direct => "direct",
        }
    }
}

/// The text names no exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the exchange must be relay or direct")]
pub struct UnknownExchange;

impl FromStr for Exchange {
    type Err = UnknownExchange;

    fn from_str(text: &str) -> Result<Self, UnknownExchange> {
        [Self::Relay, Self::Direct]
            .into_iter()
            .find(|exchange| exchange.as_str() == text)
            .ok_or(UnknownExchange)
    }
}
