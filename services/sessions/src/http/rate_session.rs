//! `POST /api/sessions/{id}/rating`: a learner asks for another rating.

use super::{idempotency_key::IdempotencyKey, keyed_problem, session_view::SessionView};
use crate::{Sessions, sessions::RateAgainError};
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use caller::Learner;
use ids::SessionId;
use problem::{Json, Path, Problem, ProblemDocument};

/// Asks for another rating, after a failure or on request.
#[utoipa::path(
    post,
    path = "/api/sessions/{id}/rating",
    operation_id = "rate_session",
    tag = "sessions",
    params(
        ("id" = SessionId, Path, description = "The session"),
        ("Idempotency-Key" = String, Header, description = "1 to 255 printable ASCII characters"),
    ),
    responses(
        (status = 202, body = SessionView),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json", description = "`malformed-request`, `idempotency-key-missing`"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "`unauthenticated`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "`not-found`"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "`invalid-state`: it is still open; `request-in-progress`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "`idempotency-key-reused`"),
    ),
)]
pub async fn rate_session(
    State(sessions): State<Sessions>,
    learner: Learner,
    Path(id): Path<SessionId>,
    IdempotencyKey(key): IdempotencyKey,
) -> Result<impl IntoResponse, Problem> {
    let practice = sessions.rate_again(learner.id, id, key).await?;
    Ok((StatusCode::ACCEPTED, Json(SessionView::from(practice))))
}

impl From<RateAgainError> for Problem {
    fn from(error: RateAgainError) -> Self {
        match error {
            RateAgainError::NotFound { .. } => Self::not_found(),
            RateAgainError::StillOpen { .. } => Self::invalid_state(),
            RateAgainError::Keyed(error) => keyed_problem(error),
        }
    }
}
