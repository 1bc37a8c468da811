//! `POST /api/realtime/calls`: a browser's offer, and the provider's answer to it.

use crate::{
    offer::Offer,
    secrets::{
        Secrets,
        open_call::{Attempt, CallError},
    },
};
use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, HeaderName, StatusCode, header},
};
use caller::Learner;
use problem::{Problem, ProblemDocument};
use secrecy::SecretString;
use std::sync::Arc;

/// What an offer and its answer are.
const SDP: &str = "application/sdp";

/// Open the call that a key is for
///
/// The offer, as the browser made it, with the key that `POST /api/realtime/session` gave as its bearer token. A key
/// is good for one attempt. A session has one call at a time: a new one replaces the one before, which is hung up.
#[utoipa::path(
    post,
    path = "/api/realtime/calls",
    operation_id = "open_call",
    tag = "realtime",
    params(("Authorization" = String, Header, description = "`Bearer` and the key")),
    request_body(content = String, content_type = "application/sdp", description = "The offer, at most 64 KiB of it",
        example = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"),
    responses(
        (status = 201, description = "The provider's answer", body = String, content_type = "application/sdp", headers(
            ("Cache-Control" = String, description = "Always `no-store`"),
        )),
        (status = 400, description = "`malformed-request`: the body is no offer; the key stays good", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 401, description = "`unauthenticated`, or `secret-refused`: the key is unknown, was used, has run out, or was given to another login",
            body = ProblemDocument, content_type = "application/problem+json",
            example = json!({"type": "/problems/secret-refused", "title": "This key opens no call", "status": 401,
                             "instance": "4bf92f3577b34da6a3ce929d0e0e4736"})),
        (status = 404, description = "`not-found`: the session was deleted", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 409, description = "`invalid-state`: the session is finalized, or has a newer call", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 413, description = "`content-too-large`: more than 64 KiB", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 415, description = "`unsupported-media-type`: not `application/sdp`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 422, description = "`validation-failed`: no call can be made of this offer", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 429, description = "`quota-exceeded`: the minutes of the day or of the session are used up", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 502, description = "`provider-refused`: an operator must look at the key or the models",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`provider-unavailable`, `provider-busy` or `service-unavailable`: come back with another key after `Retry-After`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = 504, description = "`provider-timeout`", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub async fn open_call(
    State(secrets): State<Arc<Secrets>>,
    learner: Learner,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 2], Vec<u8>), Problem> {
    let secret = bearer(&headers).ok_or_else(secret_refused)?;
    let offer = offer(&headers, body)?;
    let attempt = Attempt { learner: learner.id, login: learner.login, secret, offer };
    let opened = secrets.open_call(attempt).await?;
    let headers = [(header::CONTENT_TYPE, SDP), (header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, headers, opened.answered.sdp))
}

fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.into())
}

fn offer(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Offer, Problem> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let kind = text(header::CONTENT_TYPE).and_then(|value| value.split(';').next()).unwrap_or_default();
    if !kind.trim().eq_ignore_ascii_case(SDP) || text(header::CONTENT_ENCODING).is_some() {
        return Err(Problem::unsupported_media_type().detail("Send application/sdp without a content coding"));
    }
    let bytes = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::content_too_large(),
        _ => Problem::malformed_request().detail("The body ended early"),
    })?;
    Offer::read(bytes).map_err(|_| Problem::malformed_request().detail("The body is no offer"))
}

fn secret_refused() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "secret-refused", "This key opens no call")
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::SecretRefused => secret_refused(),
            // Nobody reads what is said to who went away.
            CallError::Replaced { .. } | CallError::Abandoned { .. } => {
                Self::invalid_state().detail("The session has a newer call")
            }
            CallError::Denied(denial) => denial.into(),
        }
    }
}
