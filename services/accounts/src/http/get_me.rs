//! `GET /api/users/me`: the learner who is signed in.

use super::user::User;
use crate::{Accounts, accounts::FindError};
use axum::extract::State;
use caller::Learner;
use postgres::StoreError;
use problem::{Json, Problem, ProblemDocument};

#[utoipa::path(
    get, path = "/api/users/me", operation_id = "get_me", tag = "accounts",
    responses(
        (status = 200, description = "The learner who is signed in", body = User),
        (status = 401, description = "`unauthenticated`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_me(
    State(accounts): State<Accounts>,
    learner: Learner,
) -> Result<Json<User>, Problem> {
    Ok(Json(accounts.find(learner.id).await?.into()))
}

impl From<FindError> for Problem {
    fn from(error: FindError) -> Self {
        match &error {
            // A token outlives its account by minutes; whoever shows it is nobody any more.
            FindError::Gone { .. } => Self::unauthenticated(),
            FindError::Store(StoreError::Unreachable(_)) => Self::unavailable(error),
            FindError::Store(StoreError::Refused(_) | StoreError::Inconsistent { .. }) => {
                Self::internal(error)
            }
        }
    }
}
