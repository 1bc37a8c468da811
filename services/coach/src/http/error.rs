//! Errors in the form of the Realtime API.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::wire::{ErrorBody, ErrorDetail};

/// An HTTP error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    detail: Box<ErrorDetail>,
    retry_after: Option<u32>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, detail: ErrorDetail) -> Self {
        Self { status, detail: Box::new(detail), retry_after: None }
    }

    fn of(status: StatusCode, code: &str, message: &str) -> Self {
        Self::new(status, ErrorDetail::invalid(code, message))
    }

    pub(super) fn no_key() -> Self {
        Self::of(StatusCode::UNAUTHORIZED, "invalid_api_key", "You didn't provide an API key.")
    }

    pub(super) fn wrong_key() -> Self {
        Self::of(StatusCode::UNAUTHORIZED, "invalid_api_key", "Incorrect API key provided.")
    }

    pub(super) fn bad_request(detail: ErrorDetail) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(super) fn invalid_offer(message: &str) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "invalid_offer", message)
    }

    pub(super) fn unsupported_media_type() -> Self {
        Self::of(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_content_type",
            "Unsupported content type. Send application/sdp or multipart/form-data.",
        )
    }

    pub(super) fn too_large() -> Self {
        Self::of(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", "The request is larger than 64 KiB.")
    }

    pub(super) fn not_found() -> Self {
        Self::of(StatusCode::NOT_FOUND, "unknown_url", "There is nothing here.")
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::of(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_supported",
            "Not allowed to use this method here.",
        )
    }

    pub(super) fn no_such_call() -> Self {
        let detail = ErrorDetail::invalid("call_id_not_found", "No session found for the provided call_id");
        Self::new(StatusCode::NOT_FOUND, detail.about(""))
    }

    pub(super) fn full() -> Self {
        let refusal = Self::of(
            StatusCode::SERVICE_UNAVAILABLE,
            "session_limit_reached",
            "Too many calls. Try again later.",
        );
        Self { retry_after: Some(10), ..refusal }
    }

    pub(super) fn rate_limited() -> Self {
        let refusal = Self::of(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limit_exceeded",
            "Too many requests. Try again later.",
        );
        Self { retry_after: Some(20), ..refusal }
    }

    pub(super) fn broken() -> Self {
        let detail = ErrorDetail::invalid("server_error", "The server had an error.");
        let detail = ErrorDetail { r#type: "server_error".to_owned(), ..detail };
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = serde_json::to_string(&ErrorBody { error: *self.detail }).unwrap_or_default();
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
