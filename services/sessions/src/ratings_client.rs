//! What `rating` found, fetched after it said that it is done.

use crate::rating::{Evidence, Finding, RatingCopy};
use ids::{LearnerId, SessionId};
use std::time::Duration;
use tonic::{
    Code, Status,
    transport::{Channel, Endpoint},
};
use tracing::instrument;
use wire::rating::v1::{GetRatingRequest, GetRatingResponse, ratings_client::RatingsClient};

/// Nobody waits, but a job's lease is held meanwhile.
const TIMEOUT: Duration = Duration::from_secs(5);

/// `rating` could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("rating gives no answer about session {session}")]
pub struct RatingsError {
    /// The session.
    session: SessionId,
    /// Why.
    #[source]
    source: Box<Status>,
}

/// The way to `rating`.
#[derive(Clone, Debug)]
pub struct Ratings {
    client: RatingsClient<Channel>,
}

impl Ratings {
    /// A connection that is made when it is first needed.
    #[must_use]
    pub fn at(endpoint: Endpoint) -> Self {
        Self { client: RatingsClient::new(grpc::channel(endpoint)) }
    }

    /// The newest rating of the learner's session, unless there is none.
    #[instrument(name = "grpc.Ratings/GetRating", skip_all, fields(otel.kind = "client", session.id = %session))]
    pub async fn newest(
        &self,
        session: SessionId,
        learner: LearnerId,
    ) -> Result<Option<RatingCopy>, RatingsError> {
        let wanted = GetRatingRequest { session_id: session.to_string(), learner_id: learner.to_string() };
        match grpc::ask(TIMEOUT, wanted, |request| {
            let mut client = self.client.clone();
            async move { client.get_rating(request).await }
        })
        .await
        {
            Ok(answer) => Ok(Some(understood(answer.into_inner()))),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(RatingsError { session, source: Box::new(status) }),
        }
    }
}

fn understood(answer: GetRatingResponse) -> RatingCopy {
    let findings = answer.findings.into_iter().map(|finding| Finding {
        subject: finding.subject,
        metric: finding.metric,
        // Not every number of protobuf is one of JSON.
        value: finding.value.filter(|value| value.is_finite()),
        unit: finding.unit,
        definition: finding.definition,
        source: finding.source,
        evidence: finding
            .evidence
            .into_iter()
            .map(|shown| Evidence { start_ms: shown.start_ms, end_ms: shown.end_ms })
            .collect(),
        not_measured: finding.not_measured,
    });
    RatingCopy {
        revision: answer.revision,
        rated_at: clock::from_millis(answer.rated_at_ms),
        findings: findings.collect(),
    }
}
