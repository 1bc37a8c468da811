//! `PATCH /api/uploads/{id}`: bytes of a take.

use super::tus;
use crate::media::{Chunk, Media};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use caller::Learner;
use futures::TryStreamExt as _;
use ids::TakeId;
use problem::{Path, Problem, ProblemDocument};

/// Sends the next bytes. When they break off, what came is kept; with a checksum, all of them count or none.
#[utoipa::path(
    patch,
    path = "/api/uploads/{id}",
    operation_id = "append_to_upload",
    tag = "uploads",
    params(
        ("id" = inline(TakeId), Path, description = "The upload"),
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Offset" = u64, Header, description = "Where the bytes begin: where the upload ends"),
        ("Upload-Length" = Option<u64>, Header, description = "How many bytes it will have, if that was to be said later"),
        ("Upload-Checksum" = Option<String>, Header, description = "sha1 or sha256 of the body, and Base64"),
    ),
    request_body(description = "The bytes", content(([u8] = "application/offset+octet-stream"))),
    responses(
        (status = 204, description = "They are durable", headers(
            ("Upload-Offset" = u64, description = "How many bytes are durable"),
            ("Upload-Expires" = String, description = "Until when it may go on"),
        )),
        (status = 400, description = "A header or the checksum's algorithm cannot be read, upload-exceeds-length or inconsistent-upload-length", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The learner has no such upload", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "mismatching-upload-offset with expected-offset and provided-offset, or upload-complete", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 410, description = "upload-gone: it was ended, or expired", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, description = "tus-version: the request speaks another one", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "upload-too-large: more than 2 GiB", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "The body is of another type", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 423, description = "upload-locked: another request sends it, for two seconds after its last byte", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 460, description = "checksum-mismatch: none of the bytes counts", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "They could not be stored now; they can be sent again", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub async fn append_to_upload(
    State(media): State<Media>,
    learner: Learner,
    Path(id): Path<TakeId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    tus::has_bytes(&headers)?;
    let chunk = Chunk {
        at: tus::offset(&headers)?,
        announced: tus::announced(&headers),
        length: tus::length(&headers)?,
        checksum: tus::checksum(&headers)?,
    };
    let bytes = body.into_data_stream().map_err(axum::Error::into_inner);
    let take = media.write_take(learner.id, id, chunk, bytes).await?;
    Ok((StatusCode::NO_CONTENT, tus::progress(&take)).into_response())
}
