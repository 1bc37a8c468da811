//! `GET /api/realtime/minutes`: how much of the day is left to the learner.

use crate::secrets::{
    Secrets,
    minutes::{Minutes, MinutesError},
};
use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, header},
};
use caller::Learner;
use postgres::StoreError;
use problem::{Json, Problem, ProblemDocument};
use serde::Serialize;
use std::sync::Arc;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// What is left of a learner's day.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"minutes_left_today": 118, "new_minutes_at": "2026-11-22T00:00:00Z"}))]
pub struct MinutesView {
    /// Whole minutes that are left of the learner's day. With none of them no practice can be begun.
    minutes_left_today: u64,
    /// When the next day begins, and with it new minutes.
    #[serde(with = "time::serde::rfc3339")]
    new_minutes_at: OffsetDateTime,
}

impl From<Minutes> for MinutesView {
    fn from(minutes: Minutes) -> Self {
        Self { minutes_left_today: minutes.left_today, new_minutes_at: minutes.new_at }
    }
}

/// See how much of the day is left
///
/// Asking takes nothing. A call that goes on uses up minutes while it does.
#[utoipa::path(
    get,
    path = "/api/realtime/minutes",
    operation_id = "get_minutes",
    tag = "realtime",
    responses(
        (status = 200, description = "What is left", body = MinutesView, headers(
            ("Cache-Control" = String, description = "Always `no-store`"),
        )),
        (status = 401, description = "`unauthenticated`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "`service-unavailable`: come back after `Retry-After`", body = ProblemDocument,
            content_type = "application/problem+json"),
    ),
)]
pub async fn get_minutes(
    State(secrets): State<Arc<Secrets>>,
    learner: Learner,
) -> Result<([(HeaderName, HeaderValue); 1], Json<MinutesView>), Problem> {
    let minutes = secrets.minutes(learner.id).await?;
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(minutes.into())))
}

impl From<MinutesError> for Problem {
    fn from(error: MinutesError) -> Self {
        match &error {
            MinutesError::Store { source: StoreError::Unreachable(_), .. } => Self::unavailable(error),
            MinutesError::Store {
                source: StoreError::Refused(_) | StoreError::Inconsistent { .. }, ..
            } => Self::internal(error),
        }
    }
}
