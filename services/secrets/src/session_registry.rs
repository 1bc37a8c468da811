//! What `sessions` says about a session, asked when it is needed: no event has to arrive before a call can be made.

use clock::Timestamp;
use ids::{LearnerId, SessionId};
use lesson::{Lesson, LessonError};
use std::time::Duration;
use tonic::{
    Code,
    transport::{Channel, Endpoint},
};
use tracing::instrument;
use wire::sessions::v1::{
    GetSessionRequest, GetSessionResponse, session_registry_client::SessionRegistryClient,
};

/// A learner waits meanwhile.
const TIMEOUT: Duration = Duration::from_secs(2);

/// A session as far as calls are concerned.
#[derive(Clone, Debug)]
pub struct Practice {
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub learner: LearnerId,
    /// Whether it is over.
    pub finalized: bool,
    /// When it was started.
    pub started_at: Timestamp,
    /// What is practised, as JSON.
    lesson_json: String,
}

impl Practice {
    /// What is practised.
    pub fn lesson(&self) -> Result<Lesson, LessonError> {
        Lesson::parse(&self.lesson_json)
    }
}

/// `sessions` could not be asked, or said what it never should.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// It gave no answer in time.
    #[error("sessions gives no answer about session {session}")]
    NoAnswer {
        /// The session.
        session: SessionId,
        /// Why.
        #[source]
        source: Box<tonic::Status>,
    },
    /// Its answer cannot be understood.
    #[error("what sessions says about session {session} cannot be understood: field {field}")]
    Garbled {
        /// The session.
        session: SessionId,
        /// The field.
        field: &'static str,
    },
}

/// The way to `sessions`.
#[derive(Clone, Debug)]
pub struct SessionRegistry {
    client: SessionRegistryClient<Channel>,
}

impl SessionRegistry {
    /// A connection that is made when it is first needed.
    #[must_use]
    pub fn at(endpoint: Endpoint) -> Self {
        Self { client: SessionRegistryClient::new(grpc::channel(endpoint)) }
    }

    /// The session, unless there is none.
    #[instrument(name = "grpc.SessionRegistry/GetSession", skip_all, fields(otel.kind = "client", session.id = %session))]
    pub async fn find(&self, session: SessionId) -> Result<Option<Practice>, LookupError> {
        let wanted = GetSessionRequest { session_id: session.to_string() };
        match grpc::ask(TIMEOUT, wanted, |request| {
            let mut client = self.client.clone();
            async move { client.get_session(request).await }
        })
        .await
        {
            Ok(answer) => understood(session, answer.into_inner()).map(Some),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(LookupError::NoAnswer { session, source: Box::new(status) }),
        }
    }
}

fn understood(session: SessionId, answer: GetSessionResponse) -> Result<Practice, LookupError> {
    let garbled = |field| LookupError::Garbled { session, field };
    Ok(Practice {
        session,
        learner: answer.learner_id.parse().map_err(|_| garbled("learner_id"))?,
        finalized: match answer.state.as_str() {
            "open" => false,
            "finalized" => true,
            _ => return Err(garbled("state")),
        },
        started_at: clock::from_millis(answer.started_at_ms),
        lesson_json: answer.lesson_json,
    })
}
