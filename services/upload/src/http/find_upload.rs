//! `HEAD /api/uploads/{id}`: how far a take has come.

use super::tus;
use crate::media::Media;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use caller::Learner;
use ids::TakeId;
use problem::{Path, Problem};

/// Says where an upload goes on.
#[utoipa::path(
    head,
    path = "/api/uploads/{id}",
    operation_id = "find_upload",
    tag = "uploads",
    params(
        ("id" = inline(TakeId), Path, description = "The upload"),
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
    ),
    responses(
        (status = 200, description = "It is known", headers(
            ("Upload-Offset" = u64, description = "How many bytes are durable"),
            ("Upload-Length" = Option<u64>, description = "How many bytes it will have"),
            ("Upload-Defer-Length" = Option<String>, description = "1, when that is said later"),
            ("Upload-Metadata" = Option<String>, description = "What its sender said of it"),
            ("Upload-Expires" = String, description = "Until when it may go on"),
        )),
        (status = 401, description = "Nobody is signed in"),
        (status = 404, description = "The learner has no such upload"),
        (status = 410, description = "It was ended, or expired"),
        (status = 412, description = "The request speaks another version"),
    ),
)]
pub async fn find_upload(
    State(media): State<Media>,
    learner: Learner,
    Path(id): Path<TakeId>,
) -> Result<Response, Problem> {
    let take = media.find_settled_take(learner.id, id).await?;
    Ok((StatusCode::OK, tus::standing(&take)).into_response())
}
