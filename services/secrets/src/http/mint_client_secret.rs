//! `POST /api/realtime/session`: a browser gets the key to its next call.

use super::denial::rate_limit;
use crate::{
    exchange::Exchange,
    pace::Pace,
    provider::Kind,
    secrets::{
        Secrets,
        mint::{Ticket, Wish},
    },
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
};
use caller::Learner;
use ids::SessionId;
use problem::{Json, Object, Problem, ProblemDocument};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// The session that is about to be practised.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "session_id": "01936c2e-5f1b-7a40-9c1e-2b7d8f3a6e10",
    "pace": {"patience": "patient", "push_to_talk": false, "speed": 1.0}
}))]
pub struct MintClientSecret {
    /// The open session.
    session_id: SessionId,
    /// How the learner wants to be talked with; patiently, when it is absent.
    #[serde(default)]
    #[schema(value_type = Option<Pace>)]
    pace: Option<Object<Pace>>,
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
    "client_secret": "vk_TPFQd5uG4Hn0cY9xZfmB2LJwqk7R1aVse8iUOtCzD6M", "expires_at": "2026-11-21T12:01:00Z",
    "calls_url": "/api/realtime/calls", "exchange": "relay", "provider": "coach", "model": "gpt-realtime-2.1-mini",
    "ice_servers": [], "max_duration_s": 360, "minutes_left_today": 118
}))]
pub struct ClientSecretView {
    /// The key to one call.
    client_secret: String,
    /// When a call can no longer be opened with it. A running call goes on.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    /// Where the offer is posted, with the key as its bearer token: a URL, or a path at our own origin.
    calls_url: String,
    /// How the call is made.
    exchange: Exchange,
    /// Who answers.
    provider: Kind,
    /// The model that talks.
    model: String,
    /// Servers that help to connect; none where the provider needs none.
    ice_servers: Vec<IceServer>,
    /// What is left for this call: after so many seconds it is hung up, or should be where we cannot.
    max_duration_s: u64,
    /// Whole minutes that are left of the learner's day.
    minutes_left_today: u64,
}

impl From<Ticket> for ClientSecretView {
    fn from(ticket: Ticket) -> Self {
        Self {
            client_secret: ticket.secret.value.expose_secret().to_owned(),
            expires_at: ticket.secret.expires_at,
            calls_url: ticket.calls_url,
            exchange: ticket.exchange,
            provider: ticket.provider,
            model: ticket.model,
            ice_servers: Vec::new(),
            max_duration_s: ticket.max_duration.as_secs(),
            minutes_left_today: ticket.minutes_left_today,
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
    let wish = Wish {
        learner: learner.id,
        login: learner.login,
        session: wanted.session_id,
        pace: wanted.pace.map(|Object(pace)| pace).unwrap_or_default(),
    };
    let ticket = secrets.mint(wish).await?;
    let mut headers = HeaderMap::from_iter(rate_limit(&ticket.standings));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((headers, Json(ticket.into())))
}
