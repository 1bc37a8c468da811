//! A span, a trace id and a duration for every request.

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use problem::Problem;
use std::time::Instant;
use tracing::Instrument as _;

/// Which operation a request asks for: the span's name. Put on a route's responses by nothing but its own layer.
const TRACE_ID: HeaderName = HeaderName::from_static("trace-id");

pub(crate) async fn request(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!(
        "http",
        otel.name = format!("http.{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
    );
    let caller = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    if let Some(caller) = caller.and_then(|text| text.parse().ok()) {
        telemetry::continue_from(&span, caller);
    }
    let mut response = async {
        let mut response = next.run(request).await;
        if let Some(trace) = telemetry::current_trace_id().and_then(|id| HeaderValue::from_str(&id).ok()) {
            response.headers_mut().insert(TRACE_ID, trace);
        }
        response
    }
    .instrument(span.clone())
    .await;
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    // The problem says no-store itself; every other answer about a learner must not be kept by anybody either.
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-store"));
    metrics::histogram!(
        "http_request_seconds",
        "method" => method, "route" => route, "status" => status.as_u16().to_string(),
    )
    .record(begun.elapsed());
    response
}

/// A method may be any word that a caller makes up, and each would be a series and stand in spans.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// axum's own answer to a wrong method has the `Allow` header and no body: give it one.
pub(crate) async fn method_not_allowed(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status() != StatusCode::METHOD_NOT_ALLOWED || response.headers().contains_key("content-type")
    {
        return response;
    }
    let mut problem = Problem::method_not_allowed().into_response();
    if let Some(allow) = response.headers().get("allow") {
        problem.headers_mut().insert("allow", allow.clone());
    }
    problem
}
