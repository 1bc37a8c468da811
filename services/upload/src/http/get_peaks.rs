//! `GET /api/sessions/{id}/audio/peaks`: the waveform of a recording.

use crate::{ffmpeg::Peaks, media::Media};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use caller::Learner;
use ids::SessionId;
use problem::{Json, Path, Problem, ProblemDocument};

/// How loud each speaker was in every stretch of time.
#[utoipa::path(
    get,
    path = "/api/sessions/{id}/audio/peaks",
    operation_id = "get_peaks",
    tag = "recordings",
    params(("id" = inline(SessionId), Path, description = "The session")),
    responses(
        (status = 200, description = "The waveform", body = Peaks),
        (status = 401, description = "Nobody is signed in", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The learner has no such recording, or it has no waveform", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub async fn get_peaks(
    State(media): State<Media>,
    learner: Learner,
    Path(session): Path<SessionId>,
) -> Result<Response, Problem> {
    let peaks = media.peaks(learner.id, session).await?;
    Ok(([(header::CACHE_CONTROL, "private, no-cache")], Json(peaks)).into_response())
}
