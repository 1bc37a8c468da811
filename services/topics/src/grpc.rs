//! The face for other services.

use crate::{Topics, topic::Topic, topics::FindError};
use ids::TopicId;
use lifecycle::Lifecycle;
use postgres::StoreError;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};
use tracing::{Instrument as _, Span};
use wire::topics::v1::{
    GetTopicRequest, GetTopicResponse,
    topic_catalog_server::{TopicCatalog, TopicCatalogServer},
};

/// Metadata with the caller's place in the trace.
const TRACEPARENT: &str = "traceparent";

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
        let span = tracing::info_span!("grpc.TopicCatalog/GetTopic", otel.kind = "server");
        continue_from(&span, &request);
        // What is no identifier names nothing.
        let wanted: TopicId = request.into_inner().topic_id.parse().map_err(|_| not_offered())?;
        async {
            self.topics.find(wanted).await.map(|topic| Response::new(answer(topic))).map_err(Status::from)
        }
        .instrument(span)
        .await
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

fn continue_from<T>(span: &Span, request: &Request<T>) {
    let caller = request.metadata().get(TRACEPARENT).and_then(|value| value.to_str().ok());
    if let Some(caller) = caller.and_then(|text| text.parse().ok()) {
        telemetry::continue_from(span, caller);
    }
}

/// Answers other services until the process stops. Says where it listens.
pub async fn serve(
    address: SocketAddr,
    topics: Topics,
    lifecycle: &Lifecycle,
) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    tracing::info!(grpc.address = %address, "Listening for gRPC on {address}");
    let life = lifecycle.clone();
    lifecycle.spawn(async move {
        let served = Server::builder()
            .add_service(TopicCatalogServer::new(Catalog { topics }))
            .serve_with_incoming_shutdown(TcpListenerStream::new(listener), life.stopping())
            .await;
        if let Err(error) = served {
            tracing::error!(error = %problem::chain(&error), "The gRPC listener broke");
        }
    });
    Ok(address)
}
