//! What a topic looks like from outside.

use crate::topic::{Summary, Topic};
use ids::TopicId;
use serde::Serialize;
use utoipa::ToSchema;

/// How much a learner can follow and say, on the scale of the Common European Framework.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub enum Level {
    /// Beginner.
    A1,
    /// Elementary.
    A2,
    /// Intermediate.
    B1,
    /// Upper intermediate.
    B2,
    /// Advanced.
    C1,
}

impl From<lesson::Level> for Level {
    fn from(level: lesson::Level) -> Self {
        match level {
            lesson::Level::A1 => Self::A1,
            lesson::Level::A2 => Self::A2,
            lesson::Level::B1 => Self::B1,
            lesson::Level::B2 => Self::B2,
            lesson::Level::C1 => Self::C1,
        }
    }
}

/// What part of life a topic is for.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Talk among people who live side by side.
    Everyday,
    /// Talk among people who work together.
    Work,
    /// Talk with someone who decides.
    Interview,
}

impl From<lesson::Kind> for Kind {
    fn from(kind: lesson::Kind) -> Self {
        match kind {
            lesson::Kind::Everyday => Self::Everyday,
            lesson::Kind::Work => Self::Work,
            lesson::Kind::Interview => Self::Interview,
        }
    }
}

/// What a list shows of a topic.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicSummary {
    /// The topic.
    pub id: TopicId,
    /// What it is called.
    pub title: String,
    /// What one does in it, in a sentence.
    pub summary: String,
    /// How much the learner can follow and say.
    pub level: Level,
    /// What part of life it is for.
    pub kind: Kind,
    /// How long the practice should take.
    pub minutes: u32,
    /// What the learner will have done at the end.
    pub goal: String,
}

impl From<Summary> for TopicSummary {
    fn from(topic: Summary) -> Self {
        Self {
            id: topic.id,
            title: topic.title,
            summary: topic.summary,
            level: topic.level.into(),
            kind: topic.kind.into(),
            minutes: topic.minutes,
            goal: topic.goal,
        }
    }
}

/// A topic as a learner reads it before starting.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Topic)]
pub struct TopicView {
    /// The topic.
    pub id: TopicId,
    /// What it is called.
    pub title: String,
    /// What one does in it, in a sentence.
    pub summary: String,
    /// How much the learner can follow and say.
    pub level: Level,
    /// What part of life it is for.
    pub kind: Kind,
    /// How long the practice should take.
    pub minutes: u32,
    /// What the learner will have done at the end.
    pub goal: String,
    /// Where the learner is to imagine themselves.
    pub situation: String,
    /// Beginnings of sentences to lean on.
    pub phrases: Vec<String>,
    /// Raised with every edit.
    pub version: u32,
}

impl From<Topic> for TopicView {
    fn from(topic: Topic) -> Self {
        Self {
            id: topic.id,
            title: topic.title,
            summary: topic.summary,
            level: topic.lesson.level.into(),
            kind: topic.kind.into(),
            minutes: topic.lesson.minutes,
            goal: topic.lesson.goal,
            situation: topic.situation,
            phrases: topic.lesson.phrases,
            version: topic.lesson.version,
        }
    }
}
