//! What browsers ask of this service.

mod mint_client_secret;

use crate::secrets::Secrets;
use axum::extract::FromRef;
use caller::Verifier;
use std::sync::Arc;
use utoipa::openapi::{Info, OpenApi, OpenApiBuilder};
use utoipa_axum::{router::OpenApiRouter, routes};

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
        .routes(routes!(mint_client_secret::mint_client_secret))
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
