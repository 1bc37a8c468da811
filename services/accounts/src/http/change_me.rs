//! `PATCH /api/users/me`: a learner changes what belongs to their account.

use super::user::User;
use crate::{
    Accounts,
    practice::{CoachSpeed, NotASpeed, Patience, PracticeChange},
};
use axum::extract::State;
use caller::Learner;
use problem::{Json, Object, Problem, ProblemDocument};
use serde::Deserialize;
use utoipa::ToSchema;

/// What changes; everything else stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMe {
    /// How the learner likes to practise.
    #[schema(value_type = ChangePractice)]
    practice: Object<ChangePractice>,
}

/// What changes about practising; what is not named stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePractice {
    /// How long the coach waits.
    #[serde(default)]
    patience: Option<Patience>,
    /// Whether the learner says by hand when they speak.
    #[serde(default)]
    push_to_talk: Option<bool>,
    /// How fast the coach speaks, as a factor of the pace of the topic's level; hundredths count.
    #[serde(default)]
    #[schema(minimum = 0.7, maximum = 1.3)]
    coach_speed: Option<f64>,
}

#[utoipa::path(
    patch, path = "/api/users/me", operation_id = "change_me", tag = "accounts",
    responses(
        (status = 200, description = "The learner after the change", body = User),
        (status = 401, description = "`unauthenticated`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "`validation-failed`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_me(
    State(accounts): State<Accounts>,
    learner: Learner,
    Json(wanted): Json<ChangeMe>,
) -> Result<Json<User>, Problem> {
    let change = wanted.practice.0.try_into()?;
    Ok(Json(accounts.change_practice(learner.id, change).await?.into()))
}

impl TryFrom<ChangePractice> for PracticeChange {
    type Error = NotASpeed;

    fn try_from(wanted: ChangePractice) -> Result<Self, NotASpeed> {
        let coach_speed = wanted.coach_speed.map(CoachSpeed::parse).transpose()?;
        Ok(Self { patience: wanted.patience, push_to_talk: wanted.push_to_talk, coach_speed })
    }
}

impl From<NotASpeed> for Problem {
    fn from(error: NotASpeed) -> Self {
        Self::validation_failed().with("field", "practice.coach_speed").detail(error.to_string())
    }
}
