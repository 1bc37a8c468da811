//! `POST /v1/realtime/client_secrets`: a server asks for a secret that lets one browser make one call.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Refusal;
use crate::{
    app::Coach,
    faults::MintFault,
    wire::{ErrorDetail, Session},
};

/// How long a secret is good, in seconds.
const TTL: std::ops::RangeInclusive<u64> = 10..=7200;
const USUAL_TTL: u64 = 600;

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    expires_after: Option<ExpiresAfter>,
    #[serde(default)]
    session: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpiresAfter {
    #[serde(default)]
    anchor: Option<String>,
    #[serde(default)]
    seconds: Option<u64>,
}

/// What is given.
#[derive(Serialize)]
struct Minted {
    value: String,
    expires_at: i64,
    session: Session,
}

pub(super) async fn mint(
    State(coach): State<Arc<Coach>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    coach.key.check(&headers)?;
    show_fault(&coach)?;
    let wanted = read(&body.map_err(|_| Refusal::too_large())?)?;
    let ttl = ttl(wanted.expires_after.as_ref())?;
    let session = wanted.session.unwrap_or_else(|| serde_json::json!({"type": "realtime"}));
    let session = open_session(&session)?;
    let (value, expires_at) =
        coach.secrets.mint(session.clone(), ttl).map_err(|_| Refusal::rate_limited())?;
    let minted = Minted { value, expires_at: expires_at.unix_timestamp(), session };
    let json = serde_json::to_string(&minted).map_err(|_| Refusal::broken())?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::OK, headers, json).into_response())
}

/// The fault that a server meets, if one is switched on: here, and when it makes a call itself.
pub(super) fn show_fault(coach: &Coach) -> Result<(), Refusal> {
    match coach.faults.mint {
        Some(MintFault::Refuse) => Err(Refusal::wrong_key()),
        Some(MintFault::TooMany) => Err(Refusal::rate_limited()),
        Some(MintFault::Broken) => Err(Refusal::broken()),
        None => Ok(()),
    }
}

/// A new session with everything a client asked for, or the refusal that names what it got wrong.
pub(super) fn open_session(wanted: &Value) -> Result<Session, Refusal> {
    let id = format!("sess_{:032x}", rand::random::<u128>());
    Session::open(&id, wanted).map_err(|error| Refusal::bad_request(ErrorDetail::from(&error)))
}

fn read(body: &[u8]) -> Result<Wanted, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let unknown = text.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
        Refusal::bad_request(match unknown {
            Some(name) => ErrorDetail::invalid("unknown_parameter", "Unknown parameter.").about(name),
            None => ErrorDetail::invalid("invalid_request_body", "The body is not the JSON of a request."),
        })
    })
}

fn ttl(wanted: Option<&ExpiresAfter>) -> Result<Duration, Refusal> {
    let invalid = |param: &str| {
        Refusal::bad_request(
            ErrorDetail::invalid("invalid_value", format!("Invalid value for '{param}'.")).about(param),
        )
    };
    let Some(wanted) = wanted else { return Ok(Duration::from_secs(USUAL_TTL)) };
    if wanted.anchor.as_ref().is_some_and(|anchor| anchor != "created_at") {
        return Err(invalid("expires_after.anchor"));
    }
    let seconds = wanted.seconds.unwrap_or(USUAL_TTL);
    if TTL.contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(invalid("expires_after.seconds"))
    }
}
