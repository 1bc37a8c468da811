//! The face for other services.

use crate::{Topics, topic::Topic, topics::FindError};
use ids::TopicId;
use lifecycle::Lifecycle;
use postgres::StoreError;
use std::net::SocketAddr;
use tonic::{Request, Response, Status, service::Routes};
use wire::topics::v1::{
    GetTopicRequest, GetTopicResponse,
    topic_catalog_server::{TopicCatalog, TopicCatalogServer},
};

/// Answers other services about topics.
#[derive(Clone, Debug)]
struct Catalog {
    topics: Topics,
}

#[tonic::async_trait]
impl TopicCatalog for Catalog {
    async fn get_topic(
        &self,
        request: Request<GetTopicRequest>,
    ) -> Result<Response<GetTopicResponse>, Status> {
        // What is no identifier names nothing.
        let wanted: TopicId = request.into_inner().topic_id.parse().map_err(|_| not_offered())?;
        self.topics.find(wanted).await.map(|topic| Response::new(answer(topic))).map_err(Status::from)
    }
}

fn answer(topic: Topic) -> GetTopicResponse {
    let lesson_json =
        serde_json::to_string(&topic.lesson).expect("a lesson is plain data and always encodes");
    GetTopicResponse {
        topic_id: topic.id.to_string(),
        title: topic.title,
        level: topic.lesson.level.to_string(),
        kind: topic.kind.to_string(),
        situation: topic.situation,
        phrases: topic.lesson.phrases,
        minutes: topic.lesson.minutes,
        version: topic.lesson.version,
        lesson_json,
    }
}

fn not_offered() -> Status {
    Status::not_found("there is no such topic")
}

impl From<FindError> for Status {
    fn from(error: FindError) -> Self {
        match &error {
            FindError::NotOffered { .. } => not_offered(),
            FindError::Store(StoreError::Unreachable(_)) => {
                tracing::warn!(error = %problem::chain(&error), "A topic cannot be looked up now");
                Self::unavailable("the topic cannot be looked up now")
            }
            FindError::Store(StoreError::Refused(_) | StoreError::Inconsistent { .. }) => {
                tracing::error!(error = %problem::chain(&error), "A topic could not be looked up");
                Self::internal("the topic could not be looked up")
            }
        }
    }
}

/// Answers other services until the process stops. Says where it listens.
pub async fn serve(
    address: SocketAddr,
    topics: Topics,
    lifecycle: &Lifecycle,
) -> std::io::Result<SocketAddr> {
    let catalog = TopicCatalogServer::new(Catalog { topics });
    ::grpc::serve(address, Routes::new(catalog), lifecycle).await
}
