//! Sessions, as far as this service asks it.

use ids::{LearnerId, SessionId};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};
use wire::sessions::v1::{
    GetSessionRequest, GetSessionResponse, GetTranscriptRequest, GetTranscriptResponse,
    session_registry_server::{SessionRegistry, SessionRegistryServer},
};

#[derive(Clone, Default)]
pub struct TestRegistry {
    port: u16,
    sessions: Arc<Mutex<HashMap<String, (LearnerId, &'static str)>>>,
    silent: Arc<AtomicBool>,
}

impl TestRegistry {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its number").port();
        let registry = Self { port, ..Self::default() };
        let service = SessionRegistryServer::new(registry.clone());
        #[expect(clippy::disallowed_methods, reason = "it lives as long as the test's runtime")]
        tokio::spawn(
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        registry
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn knows(&self, session: SessionId, owner: LearnerId, policy: &'static str) {
        self.sessions.lock().expect("no poison").insert(session.to_string(), (owner, policy));
    }

    pub fn forgets(&self, session: SessionId) {
        self.sessions.lock().expect("no poison").remove(&session.to_string());
    }

    /// From now on it gives no answer.
    pub fn falls_silent(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }
}

#[tonic::async_trait]
impl SessionRegistry for TestRegistry {
    async fn get_session(
        &self,
        request: Request<GetSessionRequest>,
    ) -> Result<Response<GetSessionResponse>, Status> {
        if self.silent.load(Ordering::SeqCst) {
            return Err(Status::unavailable("silent"));
        }
        let id = request.into_inner().session_id;
        let known = self.sessions.lock().expect("no poison").get(&id).copied();
        let (owner, policy) = known.ok_or_else(|| Status::not_found("no such session"))?;
        Ok(Response::new(GetSessionResponse {
            session_id: id,
            learner_id: owner.to_string(),
            recording_policy: policy.to_owned(),
            ..GetSessionResponse::default()
        }))
    }

    async fn get_transcript(
        &self,
        _: Request<GetTranscriptRequest>,
    ) -> Result<Response<GetTranscriptResponse>, Status> {
        Err(Status::unimplemented("upload asks for no transcript"))
    }
}
