//! What this service tells the others.

use crate::topic::Topic;
use events::TopicChanged;

/// A topic was added or edited.
pub fn topic_changed(topic: &Topic) -> TopicChanged {
    TopicChanged { topic_id: topic.id.to_string(), version: topic.lesson.version }
}
