//! What `topics` says about a topic, asked when a session begins.

use crate::session::Topic;
use ids::TopicId;
use std::time::Duration;
use tonic::{
    Code, Status,
    transport::{Channel, Endpoint},
};
use tracing::instrument;
use wire::topics::v1::{GetTopicRequest, GetTopicResponse, topic_catalog_client::TopicCatalogClient};

/// A learner waits meanwhile.
const TIMEOUT: Duration = Duration::from_secs(2);

/// `topics` could not be asked, or said what it never should.
#[derive(Debug, thiserror::Error)]
pub enum TopicsError {
    /// It gave no answer.
    #[error("topics gives no answer about topic {topic}")]
    NoAnswer {
        /// The topic.
        topic: TopicId,
        /// Why.
        #[source]
        source: Box<Status>,
    },
    /// Its answer is about another topic.
    #[error("what topics says about topic {topic} cannot be understood")]
    Garbled {
        /// The topic.
        topic: TopicId,
    },
}

/// The way to `topics`.
#[derive(Clone, Debug)]
pub struct TopicCatalog {
    client: TopicCatalogClient<Channel>,
}

impl TopicCatalog {
    /// A connection that is made when it is first needed.
    #[must_use]
    pub fn at(endpoint: Endpoint) -> Self {
        Self { client: TopicCatalogClient::new(grpc::channel(endpoint)) }
    }

    /// The topic as it is offered now, unless it is not.
    #[instrument(name = "grpc.TopicCatalog/GetTopic", skip_all, fields(otel.kind = "client", topic.id = %topic))]
    pub async fn find(&self, topic: TopicId) -> Result<Option<Topic>, TopicsError> {
        let wanted = GetTopicRequest { topic_id: topic.to_string() };
        match grpc::ask(TIMEOUT, wanted, |request| {
            let mut client = self.client.clone();
            async move { client.get_topic(request).await }
        })
        .await
        {
            Ok(answer) => understood(topic, answer.into_inner()).map(Some),
            Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => Ok(None),
            Err(status) => Err(TopicsError::NoAnswer { topic, source: Box::new(status) }),
        }
    }
}

fn understood(topic: TopicId, answer: GetTopicResponse) -> Result<Topic, TopicsError> {
    if answer.topic_id.parse() != Ok(topic) {
        return Err(TopicsError::Garbled { topic });
    }
    Ok(Topic {
        id: topic,
        title: answer.title,
        level: answer.level,
        kind: answer.kind,
        minutes: answer.minutes,
        situation: answer.situation,
        phrases: answer.phrases,
        lesson_json: answer.lesson_json,
    })
}
