//! The face for learners' browsers.

mod call_view;
mod cursor;
mod delete_session;
mod finalize_session;
mod get_session;
mod heartbeat;
mod idempotency_key;
mod list_sessions;
mod rate_session;
mod save_transcript;
mod session_view;
mod start_session;
mod take_feedback;
mod take_measurements;
mod turn_view;
mod watch_session;

use crate::{
    Sessions,
    sessions::{KeyedError, LookError},
};
use axum::{Router, extract::FromRef};
use caller::Verifier;
use postgres::StoreError;
use problem::Problem;
use std::time::Duration;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What every handler may ask for.
#[derive(Clone, Debug, FromRef)]
pub struct Faced {
    /// The service.
    pub sessions: Sessions,
    /// Who may ask.
    pub verifier: Verifier,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "sessions", description = "Practice sessions: starting, saving, finalizing, reading, watching, deleting."),
    tags(
        (name = "sessions", description = "A learner's practice sessions"),
        (name = "telemetry", description = "What a page measured")
    )
)]
struct Document;

fn table() -> OpenApiRouter<Faced> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(start_session::start_session, list_sessions::list_sessions))
        .routes(routes!(get_session::get_session, delete_session::delete_session))
        .routes(routes!(save_transcript::save_transcript))
        .routes(routes!(heartbeat::heartbeat))
        .routes(routes!(finalize_session::finalize_session))
        .routes(routes!(watch_session::watch_session))
        .routes(routes!(rate_session::rate_session))
        .routes(routes!(take_feedback::take_feedback))
        .routes(routes!(take_measurements::take_measurements))
}

/// Every route of this service.
pub fn routes(state: Faced) -> Router {
    table().with_state(state).into()
}

/// The description of every route.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    table().into_openapi()
}

fn store_problem(error: StoreError) -> Problem {
    match error {
        StoreError::Unreachable(_) => Problem::unavailable(error),
        StoreError::Refused(_) | StoreError::Inconsistent { .. } => Problem::internal(error),
    }
}

fn keyed_problem(error: KeyedError) -> Problem {
    match error {
        KeyedError::Reused => Problem::idempotency_key_reused(),
        KeyedError::InProgress => Problem::request_in_progress().retry_after(Duration::from_secs(1)),
        KeyedError::Store(error) => store_problem(error),
    }
}

impl From<LookError> for Problem {
    fn from(error: LookError) -> Self {
        match error {
            LookError::NotFound { .. } => Self::not_found(),
            LookError::Store(error) => store_problem(error),
        }
    }
}
