//! `GET /api/sessions/{id}/events`: the browser watches a session change.

use super::session_view::StateView;
use crate::{
    Sessions,
    sessions::Seen,
    words::{RatingState, RecordingState},
};
use axum::{
    extract::State,
    response::sse::{Event, Sse},
};
use caller::Learner;
use futures::{Stream, StreamExt as _};
use ids::SessionId;
use problem::{Path, Problem, ProblemDocument};
use serde::Serialize;
use utoipa::ToSchema;

/// How a session stands: the data of the event `changed`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionChanged {
    state: StateView,
    recording_state: RecordingState,
    rating_state: RatingState,
}

/// Tells how the session stands, now and whenever that changes.
///
/// Events are `changed`, with how it stands, and `deleted`, after which nothing follows. A comment every 20 seconds says
/// that the connection lives.
#[utoipa::path(
    get,
    path = "/api/sessions/{id}/events",
    operation_id = "watch_session",
    tag = "sessions",
    params(("id" = SessionId, Path, description = "The session")),
    responses(
        (status = 200, body = SessionChanged, content_type = "text/event-stream"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json", description = "`unauthenticated`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json", description = "`not-found`"),
    ),
)]
pub async fn watch_session(
    State(sessions): State<Sessions>,
    learner: Learner,
    Path(id): Path<SessionId>,
) -> Result<Sse<impl Stream<Item = Result<Event, axum::Error>>>, Problem> {
    Ok(Sse::new(sessions.watch(learner.id, id).await?.seen().map(event)))
}

fn event(seen: Seen) -> Result<Event, axum::Error> {
    match seen {
        Seen::Standing(standing) => Event::default().event("changed").json_data(SessionChanged {
            state: StateView::of(standing.finalized),
            recording_state: standing.recording,
            rating_state: standing.rating,
        }),
        // A browser hands an event without data to nobody.
        Seen::Deleted => Ok(Event::default().event("deleted").data("{}")),
        Seen::Nothing => Ok(Event::default().comment("still here")),
    }
}
