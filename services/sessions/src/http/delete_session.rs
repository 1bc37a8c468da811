//! `DELETE /api/sessions/{id}`: the session is gone at once.

use super::store_problem;
use crate::{Sessions, sessions::DeleteError};
use axum::{extract::State, http::StatusCode};
use caller::Learner;
use ids::SessionId;
use problem::{Path, Problem, ProblemDocument};

/// Deletes a session: it is gone at once, and erased everywhere soon after.
#[utoipa::path(
    delete,
    path = "/api/sessions/{id}",
    operation_id = "delete_session",
    tag = "sessions",
    params(("id" = SessionId, Path, description = "The session")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "`unauthenticated`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "`not-found`"),
    ),
)]
pub async fn delete_session(
    State(sessions): State<Sessions>,
    learner: Learner,
    Path(id): Path<SessionId>,
) -> Result<StatusCode, Problem> {
    sessions.delete(learner.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<DeleteError> for Problem {
    fn from(error: DeleteError) -> Self {
        match error {
            DeleteError::NotFound { .. } => Self::not_found(),
            DeleteError::Store(error) => store_problem(error),
        }
    }
}
