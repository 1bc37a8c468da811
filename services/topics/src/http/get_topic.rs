//! `GET /api/topics/{id}`: a topic as a learner reads it before starting.

use super::topic_view::TopicView;
use crate::{Topics, topics::FindError};
use axum::extract::State;
use ids::TopicId;
use postgres::StoreError;
use problem::{Json, Path, Problem, ProblemDocument};

#[utoipa::path(
    get, path = "/api/topics/{id}", operation_id = "get_topic", tag = "topics",
    params(("id" = TopicId, Path, description = "The topic")),
    responses(
        (status = 200, description = "The topic", body = TopicView),
        (status = 404, description = "`not-found`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_topic(
    State(topics): State<Topics>,
    Path(id): Path<TopicId>,
) -> Result<Json<TopicView>, Problem> {
    Ok(Json(topics.find(id).await?.into()))
}

impl From<FindError> for Problem {
    fn from(error: FindError) -> Self {
        match &error {
            FindError::NotOffered { .. } => Self::not_found(),
            FindError::Store(StoreError::Unreachable(_)) => Self::unavailable(error),
            FindError::Store(StoreError::Refused(_) | StoreError::Inconsistent { .. }) => {
                Self::internal(error)
            }
        }
    }
}
