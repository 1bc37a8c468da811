//! `POST /api/auth/refresh`: a browser that is signed in gets a new access token.

use super::{
    cookies::{Cookies, SetCookies},
    user::User,
};
use crate::{Accounts, accounts::RefreshError};
use axum::extract::State;
use http::HeaderMap;
use postgres::StoreError;
use problem::{Json, Problem, ProblemDocument};

#[utoipa::path(
    post, path = "/api/auth/refresh", operation_id = "refresh", tag = "accounts",
    responses(
        (status = 200, description = "Still signed in; a new access cookie is set", body = User),
        (status = 401, description = "`unauthenticated`: both cookies are cleared", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn refresh(
    State(accounts): State<Accounts>,
    State(cookies): State<Cookies>,
    headers: HeaderMap,
) -> Result<(SetCookies, Json<User>), Problem> {
    let signed_out = || {
        cookies
            .cleared()
            .into_iter()
            .fold(Problem::unauthenticated(), |problem, (name, line)| problem.header(name, line))
    };
    let [secret] = &cookies.login_secrets(&headers)[..] else { return Err(signed_out()) };
    match accounts.refresh(secret).await {
        Ok(refreshed) => Ok((cookies.refreshed(&refreshed.access), Json(refreshed.account.into()))),
        Err(RefreshError::NoLogin) => Err(signed_out()),
        Err(error @ RefreshError::Store(StoreError::Unreachable(_))) => Err(Problem::unavailable(error)),
        Err(
            error @ (RefreshError::Sign(_)
            | RefreshError::Store(StoreError::Refused(_) | StoreError::Inconsistent { .. })),
        ) => Err(Problem::internal(error)),
    }
}
