//! `POST /api/uploads`: a take of a session's recording begins.

use super::tus;
use crate::media::{Chunk, Intent, Media};
use axum::{
    body::{Body, HttpBody as _},
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use caller::Learner;
use futures::TryStreamExt as _;
use problem::{Problem, ProblemDocument};

/// Begins an upload, with its first bytes if they are at hand.
#[utoipa::path(
    post,
    path = "/api/uploads",
    operation_id = "create_upload",
    tag = "uploads",
    params(
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Length" = Option<u64>, Header, description = "How many bytes it will have, at most 2 GiB"),
        ("Upload-Defer-Length" = Option<String>, Header, description = "1, when that is said later"),
        ("Upload-Metadata" = String, Header, description = "session (its id), start_ms (where the take begins on the session clock) and filetype, each followed by a space and Base64, separated by commas; anything else is only handed back"),
        ("Upload-Checksum" = Option<String>, Header, description = "sha1 or sha256 of the body, and Base64"),
    ),
    request_body(description = "The first bytes, or nothing", content(([u8] = "application/offset+octet-stream"))),
    responses(
        (status = 201, description = "It is awaited", headers(
            ("Location" = String, description = "Where its bytes are sent"),
            ("Upload-Offset" = u64, description = "How many are durable"),
            ("Upload-Expires" = String, description = "Until when it may go on"),
        )),
        (status = 400, description = "A header cannot be read, or inconsistent-upload-length", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The learner has no such session", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "recording-exists, or invalid-state when nothing more is to be recorded", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 410, description = "upload-gone: the session ended more than thirty days ago", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, description = "tus-version: the request speaks another one", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "upload-too-large: more than 2 GiB", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "The body or the recording is of another type", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 460, description = "checksum-mismatch: nothing was begun", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "It could not be stored now; it can be sent again", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub async fn create_upload(
    State(media): State<Media>,
    learner: Learner,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let length = tus::length_or_deferred(&headers)?;
    let said = tus::metadata(&headers)?;
    let (announced, checksum) = (tus::announced(&headers), tus::checksum(&headers)?);
    let brings_bytes = announced != Some(0) && !body.is_end_stream();
    if brings_bytes {
        tus::has_bytes(&headers)?;
    }
    let intent = Intent { session: said.session, start: said.start, length, metadata: Some(said.text) };
    let mut take = media.begin_take(learner.id, intent).await?;
    if brings_bytes {
        let chunk = Chunk { at: 0, announced, length: None, checksum };
        let bytes = body.into_data_stream().map_err(axum::Error::into_inner);
        take = match media.write_take(learner.id, take.id, chunk, bytes).await {
            Ok(take) => take,
            Err(error) => {
                // Its sender does not know where it is.
                if let Err(error) = media.terminate_take(learner.id, take.id).await {
                    tracing::warn!(error = %problem::chain(&error), take.id = %take.id, "A take that nobody knows of expires later");
                }
                return Err(error.into());
            }
        };
    }
    let mut answer = tus::progress(&take);
    if let Ok(place) = HeaderValue::try_from(format!("/api/uploads/{}", take.id)) {
        answer.insert(header::LOCATION, place);
    }
    Ok((StatusCode::CREATED, answer).into_response())
}
