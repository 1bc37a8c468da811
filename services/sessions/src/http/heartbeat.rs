//! `POST /api/sessions/{id}/heartbeat`: the learner is still there.

use super::store_problem;
use crate::{Sessions, sessions::HeartbeatError};
use axum::{extract::State, http::StatusCode};
use caller::Learner;
use ids::SessionId;
use problem::{Path, Problem, ProblemDocument};

/// Says that the learner is still there.
///
/// A session of which nothing is heard for ten minutes, neither this nor words, is sealed with what was saved of it
/// (`end_reason` is `interrupted`).
#[utoipa::path(
    post,
    path = "/api/sessions/{id}/heartbeat",
    operation_id = "heartbeat",
    tag = "sessions",
    params(("id" = SessionId, Path, description = "The session")),
    responses(
        (status = 204, description = "It stays open"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "`unauthenticated`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "`not-found`"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "`invalid-state`: it is over"),
    ),
)]
pub async fn heartbeat(
    State(sessions): State<Sessions>,
    learner: Learner,
    Path(id): Path<SessionId>,
) -> Result<StatusCode, Problem> {
    sessions.heartbeat(learner.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<HeartbeatError> for Problem {
    fn from(error: HeartbeatError) -> Self {
        match error {
            HeartbeatError::NotFound { .. } => Self::not_found(),
            HeartbeatError::Over { .. } => {
                Self::new(StatusCode::CONFLICT, "invalid-state", "The session is over")
            }
            HeartbeatError::Store(error) => store_problem(error),
        }
    }
}
