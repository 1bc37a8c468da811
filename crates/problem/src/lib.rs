//! Every refusal of every service: an RFC 9457 `application/problem+json` document with a stable type.
//!
//! A problem's `type` is `/problems/<slug>`; the slugs are listed in `specs/problems.md`. Its `instance` is the
//! trace id, which is what a learner quotes and an operator searches for. A server error says nothing about the
//! inside: the cause is logged here, once, with its whole chain.
//!
//! The extractors [`Json`], [`Query`] and [`Path`] replace axum's, so that what cannot be read is refused in the same form.

mod extract;
mod object;

pub use extract::{Json, Path, Query};
pub use object::Object;

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use std::{error::Error, time::Duration};

/// What a caller is told when a request is refused or fails.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    slug: &'static str,
    title: &'static str,
    detail: Option<String>,
    extensions: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// The document as the OpenAPI descriptions show it.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct ProblemDocument {
    /// `/problems/<slug>`: stable, to be matched on.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong with this very request, where that can be said.
    pub detail: Option<String>,
    /// The trace id of the request.
    pub instance: Option<String>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident => $status:ident, $slug:literal, $title:literal;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name() -> Self {
            Self::new(StatusCode::$status, $slug, $title)
        }
    )*};
}

impl Problem {
    /// A problem of a kind that only one service knows.
    #[must_use]
    pub fn new(status: StatusCode, slug: &'static str, title: &'static str) -> Self {
        Self { status, slug, title, detail: None, extensions: Map::new(), headers: Vec::new() }
    }

    kinds! {
        /// The body, path or a header cannot be read at all.
        malformed_request => BAD_REQUEST, "malformed-request", "The request cannot be read";
        /// A cursor was not made by us for this list and this caller.
        invalid_cursor => BAD_REQUEST, "invalid-cursor", "This cursor does not belong to this list";
        /// A request that creates or finishes something has no key.
        idempotency_key_missing => BAD_REQUEST, "idempotency-key-missing", "An Idempotency-Key header is needed";
        /// Nobody is signed in.
        unauthenticated => UNAUTHORIZED, "unauthenticated", "Sign in first";
        /// A page of another origin sent the request.
        csrf_rejected => FORBIDDEN, "csrf-rejected", "The request did not come from our own pages";
        /// There is nothing here, or it belongs to somebody else.
        not_found => NOT_FOUND, "not-found", "There is nothing here";
        /// The path exists, the method does not.
        method_not_allowed => METHOD_NOT_ALLOWED, "method-not-allowed", "This method is not offered here";
        /// The caller accepts nothing we can send.
        not_acceptable => NOT_ACCEPTABLE, "not-acceptable", "The answer can only be sent as JSON";
        /// What was asked does not fit the state of the object.
        invalid_state => CONFLICT, "invalid-state", "This is not possible in the present state";
        /// The first request with this key still runs.
        request_in_progress => CONFLICT, "request-in-progress", "The same request is still running";
        /// The body is too large.
        content_too_large => PAYLOAD_TOO_LARGE, "content-too-large", "The request is too large";
        /// The body is not of a type we read.
        unsupported_media_type => UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The content type is not supported";
        /// The request can be read, but its values are not allowed.
        validation_failed => UNPROCESSABLE_ENTITY, "validation-failed", "Some values are not allowed";
        /// The key was used before with another request.
        idempotency_key_reused => UNPROCESSABLE_ENTITY, "idempotency-key-reused", "This Idempotency-Key belongs to another request";
        /// A limit is reached; it says when to come back.
        quota_exceeded => TOO_MANY_REQUESTS, "quota-exceeded", "The limit is reached";
    }

    /// A failure of ours. The cause is logged with its chain; the caller only gets the trace id.
    #[must_use]
    pub fn internal(cause: impl Error) -> Self {
        tracing::error!(error = %chain(&cause), "Request failed");
        Self::panicked()
    }

    /// A handler panicked, which is logged where it happened.
    #[must_use]
    pub fn panicked() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong on our side")
    }

    /// Something we depend on gives no answer; trying again soon may help.
    #[must_use]
    pub fn unavailable(cause: impl Error) -> Self {
        tracing::warn!(error = %chain(&cause), "Request refused: a dependency gives no answer");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "service-unavailable",
            "This part of the service is not available now",
        )
        .retry_after(Duration::from_secs(2))
    }

    /// Says what was wrong with this very request. Never put a caller's words or an inner error here.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds an extension member.
    #[must_use]
    pub fn with(mut self, member: &'static str, value: impl Into<Value>) -> Self {
        self.extensions.insert(member.to_owned(), value.into());
        self
    }

    /// Adds a response header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Says when to come back, rounded up to whole seconds.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1);
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The last part of the type.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        self.slug
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut document = self.extensions;
        document.insert("type".into(), format!("/problems/{}", self.slug).into());
        document.insert("title".into(), self.title.into());
        document.insert("status".into(), self.status.as_u16().into());
        if let Some(detail) = self.detail {
            document.insert("detail".into(), detail.into());
        }
        if let Some(trace) = telemetry::current_trace_id() {
            document.insert("instance".into(), trace.into());
        }
        let mut response = (
            self.status,
            [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")],
            Value::Object(document).to_string(),
        )
            .into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}

/// An error and all its causes on one line.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
