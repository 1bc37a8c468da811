//! Looking up one topic.

use super::Topics;
use crate::{store, topic::Topic};
use ids::TopicId;
use postgres::StoreError;
use tracing::instrument;

/// Why there is no topic.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// It is not offered.
    #[error("topic {topic} is not offered")]
    NotOffered {
        /// The topic.
        topic: TopicId,
    },
    /// The database failed.
    #[error("the topic could not be looked up")]
    Store(#[source] StoreError),
}

impl Topics {
    /// The topic as it is offered now, with its lesson.
    #[instrument(name = "op.topics.find", skip_all, fields(topic.id = %topic))]
    pub async fn find(&self, topic: TopicId) -> Result<Topic, FindError> {
        let mut connection = self.database.acquire().await.map_err(|error| FindError::Store(error.into()))?;
        let found = store::find(&mut connection, topic).await.map_err(FindError::Store)?;
        found.ok_or(FindError::NotOffered { topic })
    }
}
