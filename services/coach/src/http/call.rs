//! `POST /v1/realtime/calls`: an offer is answered. A browser sends SDP with its secret, a server a form with the key.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{LARGEST, Refusal, key, mint};
use crate::{
    app::Coach,
    call::{BeginError, Begun},
    wire::{ErrorDetail, Session},
};

pub(super) async fn call(
    State(coach): State<Arc<Coach>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let form = multer::parse_boundary(content_type).ok();
    let is_sdp = content_type
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/sdp"));
    let Begun { id, answer } = if is_sdp {
        let secret = key::bearer(&headers)?;
        let body = body.map_err(|_| Refusal::too_large())?;
        let offer = text(within_limit(&body)?)?;
        // An offer that cannot be used is refused before it uses up the secret.
        coach.calls.check(offer).map_err(refusal)?;
        let session = coach.secrets.redeem(secret).ok_or_else(Refusal::wrong_key)?;
        coach.calls.begin(offer, session).map_err(refusal)?
    } else if let Some(boundary) = form {
        coach.key.check(&headers)?;
        let body = body.map_err(|_| Refusal::too_large())?;
        let (offer, session) = read_form(body, boundary).await?;
        coach.calls.begin(&offer, session).map_err(refusal)?
    } else {
        return Err(Refusal::unsupported_media_type());
    };
    let headers = [
        (header::CONTENT_TYPE, "application/sdp".to_owned()),
        (header::LOCATION, format!("/v1/realtime/calls/{id}")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((StatusCode::CREATED, headers, answer).into_response())
}

async fn read_form(body: Bytes, boundary: String) -> Result<(String, Session), Refusal> {
    let bad = |param: &str, message: &str| {
        Refusal::bad_request(ErrorDetail::invalid("invalid_request_body", message).about(param))
    };
    let whole = futures::stream::once(async { Ok::<_, std::convert::Infallible>(body) });
    let mut form = multer::Multipart::new(whole, boundary);
    let mut offer = None;
    let mut session = json!({"type": "realtime"});
    while let Some(field) = form.next_field().await.map_err(|_| bad("", "The form cannot be read."))? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|_| bad("", "The form cannot be read."))?;
        within_limit(&bytes)?;
        match name.as_str() {
            "sdp" => offer = Some(text(&bytes)?.to_owned()),
            "session" => {
                session = serde_json::from_slice::<Value>(&bytes)
                    .map_err(|_| bad("session", "The session is not valid JSON."))?;
            }
            _ => return Err(bad("", "The form has a part that is not known.")),
        }
    }
    let offer = offer.ok_or_else(|| bad("sdp", "The form has no part named sdp."))?;
    Ok((offer, mint::open_session(&session)?))
}

fn within_limit(bytes: &[u8]) -> Result<&[u8], Refusal> {
    if bytes.len() <= LARGEST { Ok(bytes) } else { Err(Refusal::too_large()) }
}

fn text(bytes: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(bytes).map_err(|_| refusal(BeginError::Unreadable))
}

fn refusal(error: BeginError) -> Refusal {
    match error {
        BeginError::Unreadable => {
            Refusal::invalid_offer("Failed to parse offer: failed to unmarshal SDP: EOF")
        }
        BeginError::Unusable => {
            Refusal::invalid_offer("Invalid SDP offer. Please try again with a WHIP-compliant offer.")
        }
        BeginError::Full => Refusal::full(),
    }
}
