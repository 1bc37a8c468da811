//! `POST /api/uploads/{id}`: for senders that can only POST, which name the method in a header.

use super::{Face, append_to_upload::append_to_upload, terminate_upload::terminate_upload};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use caller::Learner;
use ids::TakeId;
use problem::{Path, Problem, ProblemDocument};

/// Does what `X-HTTP-Method-Override` says: PATCH or DELETE.
#[utoipa::path(
    post,
    path = "/api/uploads/{id}",
    operation_id = "overridden_upload",
    tag = "uploads",
    params(
        ("id" = inline(TakeId), Path, description = "The upload"),
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("X-HTTP-Method-Override" = String, Header, description = "PATCH or DELETE; all else is as there"),
    ),
    request_body(description = "The bytes", content(([u8] = "application/offset+octet-stream"))),
    responses(
        (status = 204, description = "It is done"),
        (status = 405, description = "It is no method of an upload", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub async fn overridden_upload(
    State(face): State<Face>,
    learner: Learner,
    id: Path<TakeId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    match headers
        .get("x-http-method-override")
        .map(|method| method.as_bytes().to_ascii_uppercase())
        .as_deref()
    {
        Some(b"PATCH") => append_to_upload(State(face.media), learner, id, headers, body).await,
        Some(b"DELETE") => Ok(terminate_upload(State(face.media), learner, id).await?.into_response()),
        _ => {
            let allowed = HeaderValue::from_static("HEAD, PATCH, DELETE");
            Err(Problem::method_not_allowed().header(header::ALLOW, allowed))
        }
    }
}
