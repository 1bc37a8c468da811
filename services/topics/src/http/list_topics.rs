//! `GET /api/topics`: what can be practised.

use super::{cursor, topic_view::TopicSummary};
use crate::{
    Topics,
    list::{Filter, LONGEST_PAGE, Search, SearchTooLong},
    topics::ListError,
};
use axum::extract::State;
use lesson::{Kind, Level};
use postgres::StoreError;
use problem::{Json, Problem, ProblemDocument, Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const ORDINARY_PAGE: u32 = 20;

/// Which part of the catalogue is wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Of this level only.
    #[param(value_type = Option<super::topic_view::Level>)]
    level: Option<Level>,
    /// Of this kind only.
    #[param(value_type = Option<super::topic_view::Kind>)]
    kind: Option<Kind>,
    /// With all these words, in any order.
    #[param(max_length = 200)]
    q: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// `next_cursor` of the page before, with the same filters.
    cursor: Option<String>,
}

/// A part of the catalogue, by level and title.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicPage {
    /// The topics.
    topics: Vec<TopicSummary>,
    /// Where the next page begins; null at the end.
    #[schema(required)]
    next_cursor: Option<String>,
}

#[utoipa::path(
    get, path = "/api/topics", operation_id = "list_topics", tag = "topics", params(Wanted),
    responses(
        (status = 200, description = "A page of the catalogue", body = TopicPage),
        (status = 400, description = "`invalid-cursor`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "`validation-failed`", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_topics(
    State(topics): State<Topics>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<TopicPage>, Problem> {
    let limit = wanted.limit.unwrap_or(ORDINARY_PAGE);
    if !(1..=LONGEST_PAGE).contains(&limit) {
        return Err(Problem::validation_failed().with("field", "limit").detail("A page has 1 to 100 topics"));
    }
    let search = Search::parse(wanted.q.as_deref().unwrap_or_default())?;
    let filter = Filter { level: wanted.level, kind: wanted.kind, search };
    let after = wanted.cursor.map(|text| cursor::read(&text, &filter)).transpose()?;
    let page = topics.list(&filter, limit, after.as_ref()).await?;
    Ok(Json(TopicPage {
        topics: page.topics.into_iter().map(TopicSummary::from).collect(),
        next_cursor: page.next.map(|place| cursor::write(&place, &filter)),
    }))
}

impl From<SearchTooLong> for Problem {
    fn from(error: SearchTooLong) -> Self {
        Self::validation_failed().with("field", "q").detail(error.to_string())
    }
}

impl From<cursor::NotOurs> for Problem {
    fn from(_: cursor::NotOurs) -> Self {
        Self::invalid_cursor()
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        match &error {
            ListError::Store(StoreError::Unreachable(_)) => Self::unavailable(error),
            ListError::Store(StoreError::Refused(_) | StoreError::Inconsistent { .. }) => {
                Self::internal(error)
            }
        }
    }
}
