//! `POST /api/auth/sign-out`: a learner signs out on this browser.

use super::cookies::{Cookies, SetCookies};
use crate::{Accounts, accounts::SignOutError};
use axum::{extract::State, response::AppendHeaders};
use caller::Verifier;
use http::{HeaderMap, StatusCode};
use postgres::StoreError;
use problem::{Problem, ProblemDocument};

#[utoipa::path(
    post, path = "/api/auth/sign-out", operation_id = "sign_out", tag = "accounts",
    responses(
        (status = 204, description = "Signed out, now or already; both cookies are cleared"),
        (status = 403, description = "`csrf-rejected`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn sign_out(
    State(accounts): State<Accounts>,
    State(verifier): State<Verifier>,
    State(cookies): State<Cookies>,
    headers: HeaderMap,
) -> Result<(StatusCode, SetCookies), Problem> {
    for secret in cookies.login_secrets(&headers) {
        // Other replicas hear it within a second; this one knows already.
        if let Some(login) = accounts.sign_out(&secret).await? {
            verifier.revoke(login);
        }
    }
    Ok((StatusCode::NO_CONTENT, AppendHeaders(cookies.cleared().into())))
}

impl From<SignOutError> for Problem {
    fn from(error: SignOutError) -> Self {
        match &error {
            SignOutError::Store(StoreError::Unreachable(_))
            | SignOutError::Outbox(StoreError::Unreachable(_)) => Self::unavailable(error),
            SignOutError::Store(StoreError::Refused(_) | StoreError::Inconsistent { .. })
            | SignOutError::Outbox(StoreError::Refused(_) | StoreError::Inconsistent { .. }) => {
                Self::internal(error)
            }
        }
    }
}
