//! `POST /api/realtime/session`: a browser gets the key to its next call.

use crate::{
    allowance::{Limited, Standing},
    provider::{Kind, ProviderError},
    secrets::{
        Secrets,
        mint::{Exchange, MintError, Ticket},
    },
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
};
use caller::Learner;
use ids::SessionId;
use problem::{Json, Problem, ProblemDocument};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// The session that is about to be practised.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"session_id": "01936c2e-5f1b-7a40-9c1e-2b7d8f3a6e10"}))]
pub struct MintClientSecret {
    /// The open session.
    session_id: SessionId,
}

/// How the browser and the provider come together. Others may follow.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeView {
    /// The browser posts its offer to `calls_url` with the secret as its bearer token.
    Direct,
}

/// A server that helps two parties to find a way to each other.
#[derive(Serialize, ToSchema)]
pub struct IceServer {
    /// Its addresses.
    urls: Vec<String>,
}

/// All a browser needs for one call. Not to be kept: each call has its own.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "client_secret": "ek_7c41d0aa52e94be6", "expires_at": "2026-11-21T12:01:00Z", "calls_url": "/v1/realtime/calls",
    "exchange": "direct", "provider": "coach", "model": "gpt-realtime-2.1-mini", "ice_servers": [], "max_duration_s": 360
}))]
pub struct ClientSecretView {
    /// The key to one call.
    client_secret: String,
    /// When a call can no longer be opened with it. A running call goes on.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    /// Where the offer is posted: a URL, or a path at our own origin.
    calls_url: String,
    /// How the call is made.
    exchange: ExchangeView,
    /// Who answers.
    provider: Kind,
    /// The model that talks.
    model: String,
    /// Servers that help to connect; none where the provider needs none.
    ice_servers: Vec<IceServer>,
    /// After so many seconds the practice should come to its end.
    max_duration_s: u64,
}

impl From<Ticket> for ClientSecretView {
    fn from(ticket: Ticket) -> Self {
        Self {
            client_secret: ticket.secret.value.expose_secret().to_owned(),
            expires_at: ticket.secret.expires_at,
            calls_url: ticket.calls_url,
            exchange: match ticket.exchange {
                Exchange::Direct => ExchangeView::Direct,
            },
            provider: ticket.provider,
            model: ticket.model,
            ice_servers: Vec::new(),
            max_duration_s: ticket.max_duration.as_secs(),
        }
    }
}

/// Get the key to the next call of a session
///
/// Ask right before dialling: the key opens one call and lives for a minute. The first call of a session and the
/// calls that follow a lost connection have limits of their own.
#[utoipa::path(
    post,
    path = "/api/realtime/session",
    operation_id = "mint_client_secret",
    tag = "realtime",
    request_body = MintClientSecret,
    responses(
        (status = 200, description = "The key, with all that is needed to dial", body = ClientSecretView, headers(
            ("Cache-Control" = String, description = "Always `no-store`"),
            ("RateLimit-Policy" = String, description = "The limits that apply"),
            ("RateLimit" = String, description = "How much of them is left"),
        )),
        (status = 401, description = "`unauthenticated`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`: no such session of this learner", body = ProblemDocument,
            content_type = "application/problem+json",
            example = json!({"type": "/problems/not-found", "title": "There is nothing here", "status": 404,
                             "instance": "4bf92f3577b34da6a3ce929d0e0e4736"})),
        (status = 409, description = "`invalid-state`: the session is finalized", body = ProblemDocument,
            content_type = "application/problem+json",
            example = json!({"type": "/problems/invalid-state", "title": "This is not possible in the present state",
                             "status": 409, "detail": "The session is finalized",
                             "instance": "4bf92f3577b34da6a3ce929d0e0e4736"})),
        (status = 422, description = "`validation-failed`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 429, description = "`quota-exceeded`: `violated_policies` names `first-calls`, `re-dials` or `daily-minutes`",
            body = ProblemDocument, content_type = "application/problem+json",
            headers(
                ("Retry-After" = u64, description = "Seconds until there is more"),
                ("RateLimit-Policy" = String, description = "The limit that was reached"),
                ("RateLimit" = String, description = "What is left of it"),
            ),
            example = json!({"type": "/problems/quota-exceeded", "title": "The limit is reached", "status": 429,
                             "detail": "The minutes of this day are used up", "violated_policies": ["daily-minutes"],
                             "instance": "4bf92f3577b34da6a3ce929d0e0e4736"})),
        (status = 502, description = "`provider-refused`: an operator must look at the key or the models",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`provider-unavailable`, `provider-busy` or `service-unavailable`: come back after `Retry-After`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = 504, description = "`provider-timeout`", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub async fn mint_client_secret(
    State(secrets): State<Arc<Secrets>>,
    learner: Learner,
    Json(wanted): Json<MintClientSecret>,
) -> Result<(HeaderMap, Json<ClientSecretView>), Problem> {
    let ticket = secrets.mint(learner.id, wanted.session_id).await?;
    let mut headers = HeaderMap::from_iter(rate_limit(&ticket.standings));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((headers, Json(ticket.into())))
}

/// The two fields of the IETF's `RateLimit` draft: what the limits are, and how much of them is left.
fn rate_limit(standings: &[Standing]) -> [(HeaderName, HeaderValue); 2] {
    let list = |of: fn(&Standing) -> String| {
        let text = standings.iter().map(of).collect::<Vec<_>>().join(", ");
        HeaderValue::from_str(&text).expect("names and numbers of ours are plain ASCII")
    };
    [
        (
            HeaderName::from_static("ratelimit-policy"),
            list(|s| format!(r#""{}";q={};w={}"#, s.limited.as_str(), s.quota, s.window.as_secs())),
        ),
        (
            HeaderName::from_static("ratelimit"),
            list(|s| format!(r#""{}";r={};t={}"#, s.limited.as_str(), s.left, seconds(s.more_in))),
        ),
    ]
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u128 {
    duration.as_millis().div_ceil(1000)
}

impl From<MintError> for Problem {
    fn from(error: MintError) -> Self {
        match &error {
            MintError::NoSession { .. } => Self::not_found(),
            MintError::Finalized { .. } => Self::invalid_state().detail("The session is finalized"),
            MintError::LimitReached { standing, .. } => limit_reached(standing),
            MintError::Lookup(_) | MintError::Store { source: postgres::StoreError::Unreachable(_), .. } => {
                Self::unavailable(error)
            }
            MintError::Lesson { .. } | MintError::Store { .. } => Self::internal(error),
            MintError::Provider { source, .. } => {
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
        Limited::DailyMinutes => "The minutes of this day are used up",
    };
    let problem = Problem::quota_exceeded()
        .detail(detail)
        .with("violated_policies", vec![standing.limited.as_str()])
        .retry_after(standing.more_in);
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
