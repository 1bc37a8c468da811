//! The HTTP face, read as a table of contents.

mod cursor;
mod get_topic;
mod list_topics;
mod topic_view;

use crate::Topics;
use axum::Router;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(OpenApi)]
#[openapi(
    info(title = "Topics", description = "What can be practised."),
    tags((name = "topics", description = "The catalogue"))
)]
struct Document;

fn table() -> OpenApiRouter<Topics> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(list_topics::list_topics))
        .routes(routes!(get_topic::get_topic))
}

/// The routes over a running service.
pub fn routes(topics: Topics) -> Router {
    table().with_state(topics).into()
}

/// The description of the routes.
pub fn document() -> utoipa::openapi::OpenApi {
    table().into_openapi()
}
