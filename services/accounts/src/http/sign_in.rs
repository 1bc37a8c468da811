//! `POST /api/auth/sign-in`: a learner signs in on a browser.

use super::{
    client_address::ClientAddress,
    cookies::{Cookies, SetCookies},
    user::User,
};
use crate::{
    Accounts,
    account::Email,
    accounts::SignInError,
    password_hashes::HashError,
    throttle::{TooManyFailures, WINDOW},
};
use axum::extract::State;
use http::{HeaderName, HeaderValue, StatusCode};
use postgres::StoreError;
use problem::{Json, Problem, ProblemDocument};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

/// What somebody who signs in gives.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The address of the account.
    email: String,
    /// Its password.
    #[serde(deserialize_with = "super::secret::read")]
    #[schema(value_type = String)]
    password: SecretString,
}

#[utoipa::path(
    post, path = "/api/auth/sign-in", operation_id = "sign_in", tag = "accounts",
    responses(
        (status = 200, description = "Signed in; two cookies are set", body = User),
        (status = 401, description = "`invalid-credentials`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "`validation-failed`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 429, description = "`quota-exceeded`: too many sign-ins failed", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn sign_in(
    State(accounts): State<Accounts>,
    State(cookies): State<Cookies>,
    ClientAddress(from): ClientAddress,
    Json(given): Json<Credentials>,
) -> Result<(SetCookies, Json<User>), Problem> {
    let signed_in = accounts.sign_in(Email::parse(&given.email).ok(), &given.password, from).await?;
    Ok((cookies.signed_in(&signed_in.secret, &signed_in.access), Json(signed_in.account.into())))
}

impl From<TooManyFailures> for Problem {
    fn from(error: TooManyFailures) -> Self {
        let header = |text: String| HeaderValue::from_str(&text).expect("words and numbers are plain ASCII");
        let wait = error.wait.as_millis().div_ceil(1000).max(1);
        Self::quota_exceeded()
            .detail("Too many sign-ins failed")
            .header(HeaderName::from_static("ratelimit"), header(format!(r#""sign-in";r=0;t={wait}"#)))
            .header(
                HeaderName::from_static("ratelimit-policy"),
                header(format!(r#""sign-in";q={};w={}"#, error.allowed, WINDOW.as_secs())),
            )
            .retry_after(error.wait)
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::InvalidCredentials => Self::new(
                StatusCode::UNAUTHORIZED,
                "invalid-credentials",
                "The address and the password do not belong together",
            ),
            SignInError::TooManyFailures(failures) => failures.into(),
            SignInError::Hash(HashError::Busy) | SignInError::Store(StoreError::Unreachable(_)) => {
                Self::unavailable(error)
            }
            SignInError::Hash(HashError::Failed(_) | HashError::Interrupted(_))
            | SignInError::Sign(_)
            | SignInError::Store(StoreError::Refused(_) | StoreError::Inconsistent { .. }) => {
                Self::internal(error)
            }
        }
    }
}
