//! Something that can be practised.

use ids::TopicId;
use lesson::{Kind, Lesson, Level};

/// Something that can be practised, with its lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// The topic.
    pub id: TopicId,
    /// What it is called.
    pub title: String,
    /// What one does in it, in a sentence.
    pub summary: String,
    /// What part of life it is for.
    pub kind: Kind,
    /// Where the learner is to imagine themselves.
    pub situation: String,
    /// What the coach asks, and everything that goes with it: level, minutes, goal, phrases and version.
    pub lesson: Lesson,
}

/// What a list shows of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
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

impl Topic {
    /// Everything a search looks at, in lower case.
    pub fn search_text(&self) -> String {
        let lesson = &self.lesson;
        let parts = [&self.title, &self.summary, &self.situation, &lesson.goal];
        let all: Vec<&str> = parts.into_iter().chain(&lesson.phrases).map(String::as_str).collect();
        all.join("\n").to_lowercase()
    }
}
