//! `OPTIONS /api/uploads`: what this tus server can do.

use super::tus;
use axum::{http::StatusCode, response::IntoResponse};

/// Says which version of tus is spoken, with which extensions.
#[utoipa::path(
    options,
    path = "/api/uploads",
    operation_id = "describe_uploads",
    tag = "uploads",
    responses((status = 204, description = "What is offered", headers(
        ("Tus-Version" = String, description = "1.0.0"),
        ("Tus-Extension" = String, description = "Extensions of the protocol"),
        ("Tus-Max-Size" = u64, description = "Bytes that one upload may have"),
        ("Tus-Checksum-Algorithm" = String, description = "Algorithms that Upload-Checksum may name"),
    ))),
)]
pub async fn describe_uploads() -> impl IntoResponse {
    (StatusCode::NO_CONTENT, tus::abilities())
}
