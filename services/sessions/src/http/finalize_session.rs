//! `POST /api/sessions/{id}/finalize`: the conversation is over.

use super::{
    call_view::NewCall,
    idempotency_key::IdempotencyKey,
    keyed_problem,
    session_view::SessionView,
    turn_view::{NewTurn, any_number},
};
use crate::{
    Sessions,
    sessions::{Ended, FinalizeError},
    turns::{Ending, SentTime},
    words::StatedReason,
};
use axum::{extract::State, http::StatusCode};
use caller::Learner;
use ids::SessionId;
use problem::{Json, Object, Path, Problem, ProblemDocument};
use serde::Deserialize;
use utoipa::ToSchema;

/// How a conversation ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinalizeSession {
    /// All turns, in the order in which they were said.
    #[schema(max_items = 10_000, value_type = Vec<NewTurn>)]
    turns: Vec<Object<NewTurn>>,
    /// All calls, in the order of their numbers; those that were saved before are kept in any case.
    #[schema(max_items = 1000, value_type = Option<Vec<NewCall>>)]
    calls: Option<Vec<Object<NewCall>>>,
    /// How long it was.
    #[serde(deserialize_with = "any_number")]
    #[schema(value_type = u32)]
    duration_ms: SentTime,
    /// Why it ended.
    end_reason: StatedReason,
}

/// Seals the transcript and ends the session.
///
/// Whoever asks for the same, under this or another key, gets the same answer: the session as sealing it left it. Times
/// that make no sense are mended (`warnings` says `times_clamped`); words that were saved before and are missing are kept.
/// A session that was sealed because nobody came back to it is finalized with other words, whatever they are.
#[utoipa::path(
    post,
    path = "/api/sessions/{id}/finalize",
    operation_id = "finalize_session",
    tag = "sessions",
    params(
        ("id" = SessionId, Path, description = "The session"),
        ("Idempotency-Key" = String, Header, description = "1 to 255 printable ASCII characters"),
    ),
    request_body = FinalizeSession,
    responses(
        (status = 200, body = SessionView),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json", description = "`malformed-request`, `idempotency-key-missing`"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "`unauthenticated`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "`not-found`"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "`already-finalized` with the sealed `revision`, `request-in-progress`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "`validation-failed`, `idempotency-key-reused`"),
    ),
)]
pub async fn finalize_session(
    State(sessions): State<Sessions>,
    learner: Learner,
    Path(id): Path<SessionId>,
    IdempotencyKey(key): IdempotencyKey,
    Json(ending): Json<FinalizeSession>,
) -> Result<Json<SessionView>, Problem> {
    let turns = ending.turns.into_iter().map(|Object(turn)| turn.into()).collect();
    let calls = ending.calls.map(|calls| calls.into_iter().map(|Object(call)| call.into()).collect());
    let said = Ending { turns, calls, duration: ending.duration_ms };
    let ended = Ended { said, reason: ending.end_reason };
    Ok(Json(sessions.finalize(learner.id, id, ended, key).await?.into()))
}

impl From<FinalizeError> for Problem {
    fn from(error: FinalizeError) -> Self {
        match error {
            FinalizeError::Turns(bad) => Self::validation_failed().detail(bad.to_string()),
            FinalizeError::Calls(bad) => Self::validation_failed().detail(bad.to_string()),
            FinalizeError::NotFound { .. } => Self::not_found(),
            FinalizeError::AlreadyFinalized { revision, .. } => Self::new(
                StatusCode::CONFLICT,
                "already-finalized",
                "The session is finalized with other words",
            )
            .with("revision", revision),
            FinalizeError::Keyed(error) => keyed_problem(error),
        }
    }
}
