//! `PUT /api/sessions/{id}/transcript`: the browser saves the words so far.

use super::{call_view::NewCall, store_problem, turn_view::NewTurn};
use crate::{
    Sessions,
    sessions::{DraftError, SentDraft},
};
use axum::{extract::State, http::StatusCode};
use caller::Learner;
use ids::SessionId;
use problem::{Json, Object, Path, Problem, ProblemDocument};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Higher than any browser counts.
const LAST_REVISION: u32 = 1_000_000_000;

/// The words so far.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveTranscript {
    /// Higher than that of all words saved before.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    revision: u32,
    /// All turns so far, in the order in which they were said.
    #[schema(max_items = 10_000, value_type = Vec<NewTurn>)]
    turns: Vec<Object<NewTurn>>,
    /// All calls so far, in the order of their numbers. Without them those that are known stay.
    #[schema(max_items = 1000, value_type = Option<Vec<NewCall>>)]
    calls: Option<Vec<Object<NewCall>>>,
}

/// What is saved.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedTranscript {
    /// The revision it is saved under.
    revision: u32,
}

/// Saves the words so far.
#[utoipa::path(
    put,
    path = "/api/sessions/{id}/transcript",
    operation_id = "save_transcript",
    tag = "sessions",
    params(("id" = SessionId, Path, description = "The session")),
    request_body = SaveTranscript,
    responses(
        (status = 200, body = SavedTranscript),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "`unauthenticated`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "`not-found`"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "`transcript-finalized`; `stale-revision` with the saved `revision`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "`validation-failed`"),
    ),
)]
pub async fn save_transcript(
    State(sessions): State<Sessions>,
    learner: Learner,
    Path(id): Path<SessionId>,
    Json(words): Json<SaveTranscript>,
) -> Result<Json<SavedTranscript>, Problem> {
    if !(1..=LAST_REVISION).contains(&words.revision) {
        return Err(Problem::validation_failed().detail("revision is a number from 1 to 1000000000"));
    }
    let sent = SentDraft {
        revision: words.revision,
        turns: words.turns.into_iter().map(|Object(turn)| turn.into()).collect(),
        calls: words.calls.map(|calls| calls.into_iter().map(|Object(call)| call.into()).collect()),
    };
    let revision = sessions.save_draft(learner.id, id, sent).await?;
    Ok(Json(SavedTranscript { revision }))
}

impl From<DraftError> for Problem {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::Turns(bad) => Self::validation_failed().detail(bad.to_string()),
            DraftError::Calls(bad) => Self::validation_failed().detail(bad.to_string()),
            DraftError::NotFound { .. } => Self::not_found(),
            DraftError::Sealed { .. } => {
                Self::new(StatusCode::CONFLICT, "transcript-finalized", "The transcript is sealed")
            }
            DraftError::Stale { saved, .. } => {
                Self::new(StatusCode::CONFLICT, "stale-revision", "Later words are saved already")
                    .with("revision", saved)
            }
            DraftError::Store(error) => store_problem(error),
        }
    }
}
