//! The HTTP face, in the form of the Realtime API.

mod call;
mod error;
mod hang_up;
mod key;
mod mint;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::Response,
    routing::post,
};
use http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

pub(crate) use error::Refusal;
pub(crate) use key::Key;

use crate::app::Coach;

/// The largest request: an offer is a few kilobytes, a session's instructions are some thirty.
const LARGEST: usize = 64 * 1024;
/// A form has both in it, either as large as it may be alone.
const LARGEST_FORM: usize = 2 * LARGEST + 1024;

pub(crate) fn routes(coach: Arc<Coach>, origins: &[HeaderValue]) -> Router {
    Router::new()
        .route("/v1/realtime/client_secrets", post(mint::mint))
        .route("/v1/realtime/calls", post(call::call).layer(DefaultBodyLimit::max(LARGEST_FORM)))
        .route("/v1/realtime/calls/{id}/hangup", post(hang_up::hang_up))
        .fallback(async || Refusal::not_found())
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(middleware::from_fn_with_state(Arc::clone(&coach), slowly))
        .layer(cross_origin(origins))
        .with_state(coach)
}

fn cross_origin(origins: &[HeaderValue]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([Method::POST])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("x-openai-agents-sdk"),
        ])
        .expose_headers([header::LOCATION])
}

/// The fault `slow_ms`.
async fn slowly(State(coach): State<Arc<Coach>>, request: Request, next: Next) -> Response {
    tokio::time::sleep(coach.faults.slow).await;
    next.run(request).await
}
