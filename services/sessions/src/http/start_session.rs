//! `POST /api/sessions`: a learner opens a session on a topic.

use super::{idempotency_key::IdempotencyKey, keyed_problem, session_view::SessionView};
use crate::{
    Sessions,
    sessions::{StartError, Wanted},
    words::RecordingPolicy,
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use caller::Learner;
use ids::{SessionId, TopicId};
use problem::{Json, Problem, ProblemDocument};
use serde::Deserialize;
use utoipa::ToSchema;

/// What a learner wants to practise, and how.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartSession {
    /// The topic.
    topic_id: TopicId,
    /// Whether a recording is to be kept.
    recording_policy: RecordingPolicy,
    /// A session of the same topic that is over, whose conversation is gone on with.
    continues: Option<SessionId>,
}

/// Opens a session on a topic.
///
/// The same key again answers with the session as it was when it was opened. A learner has one open session at a time.
/// One that goes on with another keeps its lesson, whatever has become of the topic.
#[utoipa::path(
    post,
    path = "/api/sessions",
    operation_id = "start_session",
    tag = "sessions",
    params(("Idempotency-Key" = String, Header, description = "1 to 255 printable ASCII characters")),
    request_body = StartSession,
    responses(
        (status = 201, body = SessionView),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json", description = "`malformed-request`, `idempotency-key-missing`"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "`unauthenticated`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "`not-found`: there is no session to go on with"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "`session-already-open` with `session_id`, `request-in-progress`"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json", description = "`validation-failed`, `topic-not-offered`, `idempotency-key-reused`"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json", description = "`service-unavailable`"),
    ),
)]
pub async fn start_session(
    State(sessions): State<Sessions>,
    learner: Learner,
    IdempotencyKey(key): IdempotencyKey,
    Json(wanted): Json<StartSession>,
) -> Result<impl IntoResponse, Problem> {
    let wanted = Wanted {
        topic: wanted.topic_id,
        recording_policy: wanted.recording_policy,
        continues: wanted.continues,
    };
    let practice = sessions.start(learner.id, wanted, key).await?;
    let location = format!("/api/sessions/{}", practice.session.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(SessionView::from(practice))))
}

impl From<StartError> for Problem {
    fn from(error: StartError) -> Self {
        match error {
            StartError::AlreadyPractising { session } => {
                Self::new(StatusCode::CONFLICT, "session-already-open", "A session is still open")
                    .with("session_id", session.to_string())
            }
            StartError::TopicNotOffered { .. } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "topic-not-offered", "This topic is not offered")
            }
            StartError::NothingToContinue { .. } | StartError::Deleted => Self::not_found(),
            StartError::AnotherTopic { .. } => {
                Self::validation_failed().detail("continues is a session on another topic")
            }
            StartError::Topics(error) => Self::unavailable(error),
            StartError::Keyed(error) => keyed_problem(error),
        }
    }
}
