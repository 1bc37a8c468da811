//! Why the provider did not do what it was asked, and when to ask again.

use clock::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::time::Duration;
use time::format_description::well_known::Rfc2822;

/// The provider did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It did not answer in time.
    #[error("the realtime provider gives no answer in time")]
    Silent,
    /// It is not there, or hung up.
    #[error("the realtime provider cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// It said that it is broken.
    #[error("the realtime provider failed with status {status}")]
    Failing {
        /// Its status.
        status: u16,
    },
    /// It wants to be asked later.
    #[error("the realtime provider is busy")]
    Busy {
        /// When to ask again.
        again_in: Duration,
    },
    /// It failed repeatedly and is not asked for now.
    #[error("the realtime provider failed repeatedly and is left alone")]
    LeftAlone {
        /// When to ask again.
        again_in: Duration,
    },
    /// It does not accept our key or what we ask for. Asking again changes nothing.
    #[error("the realtime provider refused with status {status}, code {}", code.as_deref().unwrap_or("none"))]
    Refused {
        /// Its status.
        status: u16,
        /// What it said, if that was one word.
        code: Option<String>,
    },
    /// Its answer is not what the contract says.
    #[error("the answer of the realtime provider cannot be used: {what}")]
    Garbled {
        /// What is wrong with it.
        what: &'static str,
    },
}

impl ProviderError {
    /// What kind of trouble the transport reports. The URL is left out of the log.
    pub(super) fn of_transport(error: reqwest::Error) -> Self {
        if error.is_timeout() && !error.is_connect() {
            Self::Silent
        } else {
            Self::Unreachable(error.without_url())
        }
    }

    /// Whether it cannot use what the browser offered. That is between the two.
    #[must_use]
    pub fn blames_the_offer(&self) -> bool {
        matches!(self, Self::Refused { status: 400, code: Some(code) } if code == "invalid_offer")
    }

    /// What it comes to, in one word for metrics.
    pub(super) const fn outcome(&self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Unreachable(_) => "unreachable",
            Self::Failing { .. } => "failing",
            Self::Busy { .. } => "busy",
            Self::LeftAlone { .. } => "left_alone",
            Self::Refused { .. } => "refused",
            Self::Garbled { .. } => "garbled",
        }
    }

    /// Whether the provider itself is in trouble, so that asking again at once would only add to it.
    pub(super) fn is_failure(&self) -> bool {
        match self {
            Self::Silent | Self::Unreachable(_) | Self::Failing { .. } | Self::Garbled { .. } => true,
            Self::Busy { .. } | Self::LeftAlone { .. } | Self::Refused { .. } => false,
        }
    }
}

/// When a busy provider did not say when.
const SOON: Duration = Duration::from_secs(5);
/// One answer must not keep learners from calling all day.
const LATEST: Duration = Duration::from_mins(5);

/// When to ask again, in seconds or as a date.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Duration {
    let said = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(|text| {
        text.trim().parse().map(Duration::from_secs).ok().or_else(|| {
            let at = Timestamp::parse(text.trim(), &Rfc2822).ok()?;
            Some(Duration::try_from(at - now).unwrap_or_default())
        })
    });
    said.unwrap_or(SOON).clamp(Duration::from_secs(1), LATEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clock::from_millis;

    #[test]
    fn a_busy_provider_says_when_in_either_form() {
        // 2026-11-21T12:00:00Z
        let now = from_millis(1_795_262_400_000);
        for (said, expected) in [
            (Some("7"), 7),
            (Some("0"), 1),
            (Some("86400"), 300),
            (Some("Sat, 21 Nov 2026 12:00:30 GMT"), 30),
            (Some("Sat, 21 Nov 2026 11:00:00 GMT"), 1),
            (Some("soon"), 5),
            (None, 5),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(said) = said {
                headers.insert(RETRY_AFTER, said.parse().unwrap());
            }
            assert_eq!(retry_after(&headers, now), Duration::from_secs(expected), "{said:?}");
        }
    }
}
