//! `GET /api/sessions`: the learner's history.

use super::{cursor, session_view::SummaryView, store_problem};
use crate::{Sessions, sessions::HistoryError};
use axum::extract::State;
use caller::Learner;
use problem::{Json, Problem, ProblemDocument, Query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Sessions on a page when nothing is said about it.
const USUAL: u32 = 20;
/// Sessions on a page at most.
const MOST: u32 = 100;

/// Which page of the history.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListSessions {
    /// How many sessions at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

type Page = Query<ListSessions>;

/// A page of the history.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionList {
    /// Newest first.
    sessions: Vec<SummaryView>,
    /// Leads to older sessions, if there are any.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// The learner's sessions, newest first.
#[utoipa::path(
    get,
    path = "/api/sessions",
    operation_id = "list_sessions",
    tag = "sessions",
    params(ListSessions),
    responses(
        (status = 200, body = SessionList),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json", description = "`invalid-cursor`"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "`unauthenticated`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "`validation-failed`"),
    ),
)]
pub async fn list_sessions(
    State(sessions): State<Sessions>,
    learner: Learner,
    Query(page): Page,
) -> Result<Json<SessionList>, Problem> {
    let limit = page.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::validation_failed().detail("limit is a number from 1 to 100"));
    }
    let before = page.cursor.map(|cursor| cursor::read(learner.id, &cursor)).transpose()?;
    let history = sessions.history(learner.id, before, limit).await?;
    Ok(Json(SessionList {
        sessions: history.entries.into_iter().map(SummaryView::from).collect(),
        next_cursor: history.more_after.map(|last| cursor::after(learner.id, last)),
    }))
}

impl From<HistoryError> for Problem {
    fn from(error: HistoryError) -> Self {
        store_problem(error.0)
    }
}
