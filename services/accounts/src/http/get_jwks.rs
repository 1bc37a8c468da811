//! `GET /.well-known/jwks.json`: what other services verify access tokens with.

use crate::{Accounts, signing_keys::JsonWebKeys};
use axum::extract::State;
use http::{HeaderName, header};
use problem::Json;

#[utoipa::path(
    get, path = "/.well-known/jwks.json", operation_id = "get_jwks", tag = "accounts",
    responses((status = 200, description = "The public keys", body = JsonWebKeys))
)]
pub(crate) async fn get_jwks(
    State(accounts): State<Accounts>,
) -> ([(HeaderName, &'static str); 1], Json<JsonWebKeys>) {
    ([(header::CACHE_CONTROL, "public, max-age=60")], Json(accounts.public_keys().clone()))
}
