//! `PUT /api/sessions/{id}/feedback`: how it was.

use super::store_problem;
use crate::{Sessions, sessions::FeedbackError, words::Feedback};
use axum::{extract::State, http::StatusCode};
use caller::Learner;
use ids::SessionId;
use problem::{Json, Path, Problem, ProblemDocument};
use serde::Deserialize;
use utoipa::ToSchema;

/// How a session was.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeFeedback {
    /// In the learner's own view.
    feedback: Feedback,
}

/// Says how a session was, when it is over.
///
/// The first word counts. What is counted of it names neither learner nor session.
#[utoipa::path(
    put,
    path = "/api/sessions/{id}/feedback",
    operation_id = "take_feedback",
    tag = "sessions",
    params(("id" = SessionId, Path, description = "The session")),
    request_body = TakeFeedback,
    responses(
        (status = 204, description = "It is noted, now or before"),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json", description = "`malformed-request`"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "`unauthenticated`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "`not-found`"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "`invalid-state`: it is still open"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "`validation-failed`"),
    ),
)]
pub async fn take_feedback(
    State(sessions): State<Sessions>,
    learner: Learner,
    Path(id): Path<SessionId>,
    Json(taken): Json<TakeFeedback>,
) -> Result<StatusCode, Problem> {
    sessions.take_feedback(learner.id, id, taken.feedback).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<FeedbackError> for Problem {
    fn from(error: FeedbackError) -> Self {
        match error {
            FeedbackError::NotFound { .. } => Self::not_found(),
            FeedbackError::StillOpen { .. } => Self::invalid_state(),
            FeedbackError::Store(error) => store_problem(error),
        }
    }
}
