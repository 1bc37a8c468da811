//! `POST /api/auth/register`: a learner gets an account.

use crate::{
    Accounts,
    account::{DisplayName, Email, NotAName, NotAnEmail},
    accounts::{NewAccount, RegisterError},
    password::{NewPassword, PasswordError},
    password_hashes::HashError,
};
use axum::extract::State;
use http::StatusCode;
use postgres::StoreError;
use problem::{Json, Problem, ProblemDocument};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody who registers gives.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// The address to sign in with.
    #[schema(max_length = 254)]
    email: String,
    /// The password: at least 8 characters, at most 1024 bytes, and none of those that are guessed first.
    #[serde(deserialize_with = "super::secret::read")]
    #[schema(value_type = String, min_length = 8)]
    password: SecretString,
    /// What the learner is called: 1 to 80 characters as a reader counts.
    #[schema(min_length = 1)]
    display_name: String,
}

/// Nothing: the answer does not say whether the address was known.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registered {}

#[utoipa::path(
    post, path = "/api/auth/register", operation_id = "register", tag = "accounts",
    responses(
        (status = 202, description = "The address has an account, now or already", body = Registered),
        (status = 422, description = "`validation-failed`, `weak-password`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn register(
    State(accounts): State<Accounts>,
    Json(given): Json<Registration>,
) -> Result<(StatusCode, Json<Registered>), Problem> {
    accounts.register(NewAccount::try_from(given)?).await?;
    Ok((StatusCode::ACCEPTED, Json(Registered {})))
}

impl TryFrom<Registration> for NewAccount {
    type Error = Problem;

    fn try_from(given: Registration) -> Result<Self, Problem> {
        let email = Email::parse(&given.email)?;
        let display_name = DisplayName::parse(&given.display_name)?;
        let password = NewPassword::parse(given.password, &email)?;
        Ok(Self { email, password, display_name })
    }
}

impl From<NotAnEmail> for Problem {
    fn from(error: NotAnEmail) -> Self {
        Self::validation_failed().with("field", "email").detail(error.to_string())
    }
}

impl From<NotAName> for Problem {
    fn from(error: NotAName) -> Self {
        Self::validation_failed().with("field", "display_name").detail(error.to_string())
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        let weak = || Self::new(StatusCode::UNPROCESSABLE_ENTITY, "weak-password", "Choose another password");
        let problem = match error {
            PasswordError::TooShort => weak().with("reason", "too_short"),
            PasswordError::Common => weak().with("reason", "common"),
            PasswordError::TooLong => Self::validation_failed(),
        };
        problem.with("field", "password").detail(error.to_string())
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match &error {
            RegisterError::Hash(HashError::Busy) | RegisterError::Store(StoreError::Unreachable(_)) => {
                Self::unavailable(error)
            }
            RegisterError::Hash(HashError::Failed(_) | HashError::Interrupted(_))
            | RegisterError::Store(StoreError::Refused(_) | StoreError::Inconsistent { .. }) => {
                Self::internal(error)
            }
        }
    }
}
