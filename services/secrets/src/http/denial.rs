//! What a browser is told that gets no secret, or no call.

use crate::{
    allowance::{Limited, Standing},
    provider::ProviderError,
    secrets::denial::Denial,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use postgres::StoreError;
use problem::Problem;
use std::time::Duration;

/// The two fields of the IETF's `RateLimit` draft: what the limits are, and how much of them is left.
pub(super) fn rate_limit(standings: &[Standing]) -> [(HeaderName, HeaderValue); 2] {
    let list = |of: fn(&Standing) -> String| {
        let text = standings.iter().map(of).collect::<Vec<_>>().join(", ");
        HeaderValue::from_str(&text).expect("names and numbers of ours are plain ASCII")
    };
    [
        (
            HeaderName::from_static("ratelimit-policy"),
            list(|s| {
                let window = s.window.map(|window| format!(";w={}", window.as_secs())).unwrap_or_default();
                format!(r#""{}";q={}{window}"#, s.limited.as_str(), s.quota)
            }),
        ),
        (
            HeaderName::from_static("ratelimit"),
            list(|s| {
                let more = s.more_in.map(|wait| format!(";t={}", seconds(wait))).unwrap_or_default();
                format!(r#""{}";r={}{more}"#, s.limited.as_str(), s.left)
            }),
        ),
    ]
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u128 {
    duration.as_millis().div_ceil(1000)
}

impl From<Denial> for Problem {
    fn from(error: Denial) -> Self {
        match &error {
            Denial::NoSession { .. } => Self::not_found(),
            Denial::Finalized { .. } => Self::invalid_state().detail("The session is finalized"),
            Denial::SignedOut { .. } => Self::unauthenticated(),
            Denial::LimitReached { standing, .. } => limit_reached(standing),
            Denial::Lookup(_)
            | Denial::Unrecognised { source: StoreError::Unreachable(_), .. }
            | Denial::Store { source: StoreError::Unreachable(_), .. } => Self::unavailable(error),
            Denial::Lesson { .. } | Denial::Unrecognised { .. } | Denial::Store { .. } => {
                Self::internal(error)
            }
            Denial::Provider { source, .. } => {
                let problem = provider_problem(source);
                tracing::warn!(error = %problem::chain(&error), "Request refused: {}", problem.slug());
                problem
            }
        }
    }
}

fn limit_reached(standing: &Standing) -> Problem {
    let detail = match standing.limited {
        Limited::FirstCalls => "Too many practices were called for within a minute",
        Limited::ReDials => "This practice was dialled too often within an hour",
        Limited::SessionMinutes => "The time of this practice is used up",
        Limited::DailyMinutes => "The minutes of this day are used up",
    };
    let problem =
        Problem::quota_exceeded().detail(detail).with("violated_policies", vec![standing.limited.as_str()]);
    let problem = match standing.more_in {
        Some(wait) => problem.retry_after(wait),
        None => problem,
    };
    rate_limit(&[*standing]).into_iter().fold(problem, |problem, (name, value)| problem.header(name, value))
}

/// When nobody said when to come back.
const SOON: Duration = Duration::from_secs(2);

fn provider_problem(error: &ProviderError) -> Problem {
    let unavailable = |again_in| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "provider-unavailable",
            "The voice service is not available now",
        )
        .retry_after(again_in)
    };
    match error {
        refused if refused.blames_the_offer() => {
            Problem::validation_failed().detail("No call can be made of this offer")
        }
        ProviderError::Silent => {
            Problem::new(StatusCode::GATEWAY_TIMEOUT, "provider-timeout", "The voice service does not answer")
                .retry_after(SOON)
        }
        ProviderError::Unreachable(_) | ProviderError::Failing { .. } | ProviderError::Garbled { .. } => {
            unavailable(SOON)
        }
        ProviderError::LeftAlone { again_in } => unavailable(*again_in),
        ProviderError::Busy { again_in } => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "provider-busy", "The voice service is busy")
                .retry_after(*again_in)
        }
        ProviderError::Refused { .. } => Problem::new(
            StatusCode::BAD_GATEWAY,
            "provider-refused",
            "The voice service did not accept our request",
        ),
    }
}
