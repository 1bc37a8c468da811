//! `Ratings.GetRating`: the newest rating of a learner's session.

use crate::{
    Ratings,
    ratings::{Rated, StoredFinding},
};
use ids::{LearnerId, SessionId};
use tonic::{Request, Response, Status};
use wire::rating::v1::{
    Evidence, Finding, GetRatingRequest, GetRatingResponse, ratings_server::Ratings as Face,
};

#[tonic::async_trait]
impl Face for Ratings {
    async fn get_rating(
        &self,
        request: Request<GetRatingRequest>,
    ) -> Result<Response<GetRatingResponse>, Status> {
        let asked = request.into_inner();
        let session: SessionId =
            asked.session_id.parse().map_err(|_| Status::invalid_argument("session_id is not an id"))?;
        let learner: LearnerId =
            asked.learner_id.parse().map_err(|_| Status::invalid_argument("learner_id is not an id"))?;
        match self.find(session, learner).await {
            Ok(Some(rated)) => Ok(Response::new(answer(rated))),
            Ok(None) => Err(Status::not_found("there is no rating")),
            Err(error) => {
                tracing::error!(error = %problem::chain(&error), session.id = %session, "The rating of session {session} cannot be looked up now");
                Err(Status::unavailable("ratings cannot be looked up now"))
            }
        }
    }
}

fn answer(rated: Rated<StoredFinding>) -> GetRatingResponse {
    GetRatingResponse {
        revision: rated.revision,
        provider: rated.provider.into_owned(),
        rubric_version: rated.rubric_version.into_owned(),
        rated_at_ms: clock::millis(rated.rated_at),
        findings: rated
            .findings
            .into_iter()
            .map(|finding| Finding {
                subject: finding.subject,
                metric: finding.metric,
                value: finding.value,
                unit: finding.unit,
                definition: finding.definition,
                source: finding.source,
                evidence: finding
                    .evidence
                    .0
                    .into_iter()
                    .map(|span| Evidence { start_ms: span.start_ms, end_ms: span.end_ms })
                    .collect(),
                not_measured: finding.not_measured,
            })
            .collect(),
    }
}
