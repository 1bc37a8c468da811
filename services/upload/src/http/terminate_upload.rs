//! `DELETE /api/uploads/{id}`: a take is taken back.

use crate::media::Media;
use axum::{extract::State, http::StatusCode};
use caller::Learner;
use ids::TakeId;
use problem::{Path, Problem, ProblemDocument};

/// Ends an upload that has not all its bytes. What is complete belongs to the recording and is deleted with its session.
#[utoipa::path(
    delete,
    path = "/api/uploads/{id}",
    operation_id = "terminate_upload",
    tag = "uploads",
    params(
        ("id" = inline(TakeId), Path, description = "The upload"),
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, description = "Nobody is signed in", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The learner has no such upload", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "upload-complete", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 410, description = "upload-gone: it was ended, or expired", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, description = "tus-version: the request speaks another one", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub async fn terminate_upload(
    State(media): State<Media>,
    learner: Learner,
    Path(id): Path<TakeId>,
) -> Result<StatusCode, Problem> {
    media.terminate_take(learner.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
