//! The HTTP face, read as a table of contents.

mod change_me;
mod client_address;
mod cookies;
mod get_jwks;
mod get_me;
mod refresh;
mod register;
mod secret;
mod sign_in;
mod sign_out;
mod user;

pub use cookies::Cookies;

use crate::Accounts;
use axum::{Router, extract::FromRef};
use caller::Verifier;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the handlers share.
#[derive(Clone, Debug, FromRef)]
pub struct Faces {
    /// The service.
    pub accounts: Accounts,
    /// Who is asking.
    pub verifier: Verifier,
    /// How cookies are written.
    pub cookies: Cookies,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Accounts", description = "Who a learner is: registering, signing in and out."),
    tags((name = "accounts", description = "Registering, signing in and out"))
)]
struct Document;

fn table() -> OpenApiRouter<Faces> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(register::register))
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(refresh::refresh))
        .routes(routes!(sign_out::sign_out))
        .routes(routes!(get_me::get_me, change_me::change_me))
        .routes(routes!(get_jwks::get_jwks))
}

/// The routes over a running service.
pub fn routes(faces: Faces) -> Router {
    table().with_state(faces).into()
}

/// The description of the routes.
pub fn document() -> utoipa::openapi::OpenApi {
    table().into_openapi()
}
