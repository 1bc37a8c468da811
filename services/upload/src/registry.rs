//! Asking sessions about a session.

use ids::{LearnerId, SessionId};
use std::time::Duration;
use tonic::{
    Code,
    transport::{Channel, Endpoint},
};
use tracing::{Instrument as _, info_span};
use url::Url;
use wire::sessions::v1::{GetSessionRequest, session_registry_client::SessionRegistryClient};

/// A learner waits while we ask.
const LIMIT: Duration = Duration::from_secs(2);

/// What sessions says about a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It exists.
    Exists {
        /// Whose it is.
        owner: LearnerId,
        /// "keep" or "never".
        policy: String,
    },
    /// It never was, or was deleted.
    Gone,
}

/// Sessions gave no answer.
#[derive(Debug, thiserror::Error)]
#[error("sessions gives no answer")]
pub struct NoAnswer(#[source] Box<dyn std::error::Error + Send + Sync>);

/// The owner of sessions.
#[derive(Clone, Debug)]
pub struct Registry {
    client: SessionRegistryClient<Channel>,
}

impl Registry {
    /// Connects when it is first asked.
    pub fn at(url: &Url) -> Result<Self, tonic::transport::Error> {
        let channel = grpc::channel(Endpoint::from_shared(url.to_string())?);
        Ok(Self { client: SessionRegistryClient::new(channel) })
    }

    /// Whether a session exists, whose it is, and whether it may be recorded.
    pub async fn standing(&self, session: SessionId) -> Result<Standing, NoAnswer> {
        let span = info_span!(
            "grpc",
            otel.name = "grpc.SessionRegistry/GetSession",
            otel.kind = "client",
            session.id = %session
        );
        async {
            let wanted = GetSessionRequest { session_id: session.to_string() };
            match grpc::ask(LIMIT, wanted, |request| {
                let mut client = self.client.clone();
                async move { client.get_session(request).await }
            })
            .await
            {
                Ok(answer) => {
                    let answer = answer.into_inner();
                    let owner = answer.learner_id.parse().map_err(|error| NoAnswer(Box::new(error)))?;
                    Ok(Standing::Exists { owner, policy: answer.recording_policy })
                }
                Err(status) if status.code() == Code::NotFound => Ok(Standing::Gone),
                Err(status) => Err(NoAnswer(Box::new(status))),
            }
        }
        .instrument(span)
        .await
    }
}
