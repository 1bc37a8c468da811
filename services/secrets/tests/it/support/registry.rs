//! A tiny `sessions`.

use clock::Timestamp;
use ids::{Ids, LearnerId, SessionId};
use lifecycle::Lifecycle;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};
use wire::sessions::v1::{
    GetSessionRequest, GetSessionResponse, GetTranscriptRequest, GetTranscriptResponse,
    session_registry_server::{SessionRegistry, SessionRegistryServer},
};

/// Knows the sessions of a test.
#[derive(Clone)]
pub struct FakeSessions {
    pub url: String,
    known: Arc<Known>,
}

#[derive(Default)]
struct Known {
    sessions: Mutex<HashMap<String, GetSessionResponse>>,
    silent: AtomicBool,
    broken: AtomicBool,
}

impl FakeSessions {
    pub async fn start(lifecycle: &Lifecycle) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let known = Arc::<Known>::default();
        let server = SessionRegistryServer::new(Face(known.clone()));
        lifecycle.spawn(async move {
            Server::builder().add_service(server).serve_with_incoming(TcpListenerStream::new(listener)).await
        });
        Self { url, known }
    }

    /// A learner starts a session of a lesson of five minutes at level A2.
    pub fn start_one(&self, learner: LearnerId, at: Timestamp) -> SessionId {
        self.start_with(learner, at, &lesson(5))
    }

    pub fn start_with(&self, learner: LearnerId, at: Timestamp, lesson: &Value) -> SessionId {
        let session: SessionId = Ids.mint();
        let answer = GetSessionResponse {
            session_id: session.to_string(),
            learner_id: learner.to_string(),
            state: "open".to_owned(),
            recording_policy: "keep".to_owned(),
            started_at_ms: clock::millis(at),
            level: "A2".to_owned(),
            minutes: 5,
            lesson_json: lesson.to_string(),
            traceparent: String::new(),
            duration_ms: 0,
        };
        self.known.sessions.lock().unwrap().insert(session.to_string(), answer);
        session
    }

    pub fn finalize(&self, session: SessionId) {
        let mut sessions = self.known.sessions.lock().unwrap();
        "finalized"
            .clone_into(&mut sessions.get_mut(&session.to_string()).expect("the session exists").state);
    }

    /// From now on no question is answered.
    pub fn fall_silent(&self) {
        self.known.silent.store(true, Ordering::Relaxed);
    }

    /// From now on every question fails.
    pub fn break_down(&self) {
        self.known.broken.store(true, Ordering::Relaxed);
    }
}

struct Face(Arc<Known>);

#[tonic::async_trait]
impl SessionRegistry for Face {
    async fn get_session(
        &self,
        request: Request<GetSessionRequest>,
    ) -> Result<Response<GetSessionResponse>, Status> {
        if self.0.silent.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        if self.0.broken.load(Ordering::Relaxed) {
            return Err(Status::unavailable("out of order"));
        }
        let id = request.into_inner().session_id;
        let found = self.0.sessions.lock().unwrap().get(&id).cloned();
        found.map(Response::new).ok_or_else(|| Status::not_found("no such session"))
    }

    async fn get_transcript(
        &self,
        _: Request<GetTranscriptRequest>,
    ) -> Result<Response<GetTranscriptResponse>, Status> {
        Err(Status::unimplemented("secrets never asks for a transcript"))
    }
}

/// A lesson of that many minutes.
pub fn lesson(minutes: u32) -> Value {
    json!({
        "id": "weekend", "version": 1, "level": "A2", "minutes": minutes,
        "goal": "Talk about what you did and give one reason",
        "opening": "Hi, I'm Mira. Let's talk about your weekend.",
        "questions": [{
            "id": "q1", "ask": "What did you do last weekend?", "simpler": "Where were you on Saturday?",
            "choice": "Did you stay at home, or did you go out?",
            "sample": "For example: On Saturday I went to the market.",
            "extend": ["What happened next?"]
        }],
        "closing": "Thanks for talking with me."
    })
}
