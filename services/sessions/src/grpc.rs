//! The face for other services.

use crate::{Sessions, session::Practice, sessions::LookError, turns::Turn};
use clock::millis;
use ids::SessionId;
use lifecycle::Lifecycle;
use std::net::SocketAddr;
use tonic::{Request, Response, Status, service::Routes};
use wire::sessions::v1::{
    GetSessionRequest, GetSessionResponse, GetTranscriptRequest, GetTranscriptResponse, Turn as WireTurn,
    session_registry_server::{SessionRegistry, SessionRegistryServer},
};

/// Answers other services about sessions.
#[derive(Clone, Debug)]
pub struct Registry {
    sessions: Sessions,
}

impl Registry {
    /// Answers from the given sessions.
    #[must_use]
    pub fn new(sessions: Sessions) -> Self {
        Self { sessions }
    }

    async fn practice(&self, id: &str) -> Result<Practice, Status> {
        // What is no identifier names nothing.
        let id: SessionId = id.parse().map_err(|_| absent())?;
        self.sessions.look_up(id).await.map_err(|error| match error {
            LookError::NotFound { .. } => absent(),
            LookError::Store(_) => {
                tracing::warn!(error = %problem::chain(&error), session.id = %id, "Session {id} cannot be looked up now");
                Status::unavailable("the session cannot be looked up now")
            }
        })
    }
}

fn absent() -> Status {
    Status::not_found("there is no such session")
}

#[tonic::async_trait]
impl SessionRegistry for Registry {
    async fn get_session(
        &self,
        request: Request<GetSessionRequest>,
    ) -> Result<Response<GetSessionResponse>, Status> {
        let practice = self.practice(&request.into_inner().session_id).await?;
        let session = practice.session;
        let sealed = session.sealed();
        Ok(Response::new(GetSessionResponse {
            session_id: session.id.to_string(),
            learner_id: session.learner.to_string(),
            state: if sealed.is_some() { "finalized" } else { "open" }.to_owned(),
            recording_policy: session.recording_policy.as_str().to_owned(),
            started_at_ms: millis(session.started_at),
            duration_ms: sealed.map_or(0, |sealed| sealed.duration_ms),
            level: session.topic.level,
            minutes: session.topic.minutes,
            lesson_json: session.topic.lesson_json,
            traceparent: session.traceparent.unwrap_or_default(),
        }))
    }

    async fn get_transcript(
        &self,
        request: Request<GetTranscriptRequest>,
    ) -> Result<Response<GetTranscriptResponse>, Status> {
        let session = self.practice(&request.into_inner().session_id).await?.session;
        let sealed =
            session.sealed().ok_or_else(|| Status::failed_precondition("the session is still open"))?;
        Ok(Response::new(GetTranscriptResponse {
            revision: sealed.transcript.revision,
            source: "live".to_owned(),
            verbatim: session.verbatim,
            turns: sealed.transcript.turns.iter().map(wire_turn).collect(),
            duration_ms: sealed.duration_ms,
            learner_id: session.learner.to_string(),
        }))
    }
}

fn wire_turn(turn: &Turn) -> WireTurn {
    WireTurn {
        item_id: turn.item_id.clone(),
        speaker: turn.speaker.as_str().to_owned(),
        start_ms: turn.start_ms,
        end_ms: turn.end_ms,
        text: turn.text.clone(),
    }
}

/// Answers other services until the process stops. Says where it listens.
pub async fn serve(
    address: SocketAddr,
    sessions: Sessions,
    lifecycle: &Lifecycle,
) -> std::io::Result<SocketAddr> {
    let registry = SessionRegistryServer::new(Registry::new(sessions));
    ::grpc::serve(address, Routes::new(registry), lifecycle).await
}
