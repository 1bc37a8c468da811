//! The lesson: what one practice is about, its limits, and the text that carries it to whoever coaches.

#[cfg(test)]
mod example;
mod instructions;
mod kind;
mod level;
mod limits;

use serde::{Deserialize, Serialize};

pub use instructions::{extract, render_instructions};
pub use kind::{Kind, UnknownKind};
pub use level::{Eagerness, Level, UnknownLevel};
pub use limits::{LessonError, MAX_BYTES, Rule};

/// One practice, from the opening to the goodbye.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// A short stable name, such as `weekend`.
    pub id: String,
    /// Raised with every edit; a session keeps the version it was started with.
    pub version: u32,
    /// How much the learner can follow and say.
    pub level: Level,
    /// How long the practice should take.
    pub minutes: u32,
    /// What the learner will have done at the end.
    pub goal: String,
    /// What the coach says first.
    pub opening: String,
    /// Beginnings of sentences the learner may lean on.
    #[serde(default)]
    pub phrases: Vec<String>,
    /// What the coach asks, in this order.
    pub questions: Vec<Question>,
    /// One stretch in which the learner speaks alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_turn: Option<LongTurn>,
    /// What the coach says when the time is up.
    pub closing: String,
}

/// One question with its ladder of help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Unique within the lesson.
    pub id: String,
    /// The question as it is first asked.
    pub ask: String,
    /// The same question in easier words.
    pub simpler: String,
    /// The same question with two answers to choose from.
    pub choice: String,
    /// An answer to imitate.
    pub sample: String,
    /// Words worth listening for.
    #[serde(default)]
    pub slots: Vec<Slot>,
    /// Invitations to say more that fit any answer.
    pub extend: Vec<String>,
}

/// A group of words that call for the same follow-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// What the words have in common, such as `place`.
    pub name: String,
    /// Lower-case words.
    pub words: Vec<String>,
    /// Questions about the word; `{word}` stands for it.
    pub follow_up: Vec<String>,
}

/// The stretch in which the learner speaks alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongTurn {
    /// The invitation.
    pub ask: String,
    /// What the learner may mention.
    pub points: Vec<String>,
}

impl Lesson {
    /// Reads a lesson and holds it against the limits.
    pub fn parse(json: &str) -> Result<Self, LessonError> {
        if json.len() > MAX_BYTES {
            return Err(LessonError::TooLarge { bytes: json.len() });
        }
        let lesson: Self = serde_json::from_str(json).map_err(LessonError::Malformed)?;
        lesson.check()?;
        Ok(lesson)
    }

    /// Holds a lesson that was built in code against the same limits.
    pub fn check(&self) -> Result<(), LessonError> {
        limits::check(self)
    }
}
