//! What browsers ask of this service.

mod denial;
mod get_minutes;
mod mint_client_secret;
mod open_call;

use crate::{offer, secrets::Secrets};
use axum::extract::{DefaultBodyLimit, FromRef};
use caller::Verifier;
use std::sync::Arc;
use utoipa::openapi::{Info, OpenApi, OpenApiBuilder};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Where a browser posts its offer in the relay exchange.
pub const CALLS: &str = "/api/realtime/calls";

/// What handlers work with.
#[derive(Clone, Debug, FromRef)]
pub struct Face {
    secrets: Arc<Secrets>,
    verifier: Verifier,
}

impl Face {
    /// The service and how its callers are known.
    pub fn new(secrets: Arc<Secrets>, verifier: Verifier) -> Self {
        Self { secrets, verifier }
    }
}

fn router() -> OpenApiRouter<Face> {
    let info =
        Info::builder().title("secrets").version("1").description(Some("Keys to realtime calls")).build();
    OpenApiRouter::with_openapi(OpenApiBuilder::new().info(info).build())
        .routes(routes!(open_call::open_call))
        .layer(DefaultBodyLimit::max(offer::LONGEST))
        .routes(routes!(mint_client_secret::mint_client_secret))
        .routes(routes!(get_minutes::get_minutes))
}

/// The routes.
pub fn routes(face: Face) -> axum::Router {
    router().with_state(face).into()
}

/// Their description.
#[must_use]
pub fn openapi() -> OpenApi {
    router().into_openapi()
}
