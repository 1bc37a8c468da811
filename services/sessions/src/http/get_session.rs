//! `GET /api/sessions/{id}`: a session with transcript, recording and rating.

use super::session_view::SessionView;
use crate::Sessions;
use axum::extract::State;
use caller::Learner;
use ids::SessionId;
use problem::{Json, Path, Problem, ProblemDocument};

/// A session with transcript, recording and rating.
#[utoipa::path(
    get,
    path = "/api/sessions/{id}",
    operation_id = "get_session",
    tag = "sessions",
    params(("id" = SessionId, Path, description = "The session")),
    responses(
        (status = 200, body = SessionView),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "`unauthenticated`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "`not-found`: there is none, it is deleted, or it is somebody else's"),
    ),
)]
pub async fn get_session(
    State(sessions): State<Sessions>,
    learner: Learner,
    Path(id): Path<SessionId>,
) -> Result<Json<SessionView>, Problem> {
    Ok(Json(sessions.look(learner.id, id).await?.into()))
}
