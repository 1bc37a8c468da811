//! Transcripts, from `sessions`.

use super::{ANSWER, Breaker, Unavailable, call, channel};
use crate::{
    finding::Span,
    transcript::{Transcript, Turn},
};
use ids::{LearnerId, SessionId};
use std::sync::Arc;
use tonic::{Code, transport::Channel};
use url::Url;
use wire::sessions::v1::{
    GetTranscriptRequest, GetTranscriptResponse, session_registry_client::SessionRegistryClient,
};

/// Who has the transcripts.
#[derive(Clone, Debug)]
pub struct Registry {
    client: SessionRegistryClient<Channel>,
    breaker: Arc<Breaker>,
}

/// There is no transcript to be had.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// There is no such session, or it is another learner's.
    #[error("there is no session {0} of this learner")]
    NoSuchSession(SessionId),
    /// Not now.
    #[error("the transcript of session {session} is not to be had now")]
    Unavailable {
        /// Which session's.
        session: SessionId,
        /// Why.
        #[source]
        why: Unavailable,
    },
}

impl Registry {
    /// Asks at that address, once there is something to ask.
    pub fn at(url: &Url) -> Result<Self, tonic::transport::Error> {
        Ok(Self {
            client: SessionRegistryClient::new(channel(url)?),
            breaker: Arc::new(Breaker::new("sessions")),
        })
    }

    /// The sealed transcript of a learner's session.
    pub async fn transcript(
        &self,
        session: SessionId,
        learner: LearnerId,
    ) -> Result<Transcript, RegistryError> {
        let wanted = GetTranscriptRequest { session_id: session.to_string() };
        let answer = call(&self.breaker, "SessionRegistry/GetTranscript", ANSWER, wanted, |request| {
            let mut client = self.client.clone();
            async move { client.get_transcript(request).await }
        })
        .await;
        match answer {
            Ok(Ok(answer)) => {
                let answer = answer.into_inner();
                if answer.learner_id == learner.to_string() {
                    Ok(read(answer))
                } else {
                    Err(RegistryError::NoSuchSession(session))
                }
            }
            Ok(Err(Code::NotFound)) => Err(RegistryError::NoSuchSession(session)),
            Ok(Err(code)) => Err(RegistryError::Unavailable { session, why: Unavailable::Failed { code } }),
            Err(why) => Err(RegistryError::Unavailable { session, why }),
        }
    }
}

fn read(answer: GetTranscriptResponse) -> Transcript {
    let turns = answer
        .turns
        .into_iter()
        .map(|turn| Turn {
            is_learner: turn.speaker == "learner",
            span: Span { start_ms: turn.start_ms, end_ms: turn.end_ms.max(turn.start_ms) },
            text: turn.text,
        })
        .collect();
    Transcript { revision: answer.revision, verbatim: answer.verbatim, turns }
}
