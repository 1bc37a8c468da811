//! What the coach says next. Pure: the same lesson, items, occasion and time give the same move, so a new call that is
//! fed with the turns so far goes on where the last one stopped.

mod answer;
mod history;
mod next;
#[cfg(test)]
mod tests;
mod wording;

use std::time::Duration;

pub use next::next;
pub use wording::small_talk;

/// Who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The person who practises.
    Learner,
    /// This program.
    Coach,
}

/// One turn of the conversation so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub who: Who,
    /// The words; empty for a learner whose words are not known.
    pub text: String,
    /// How long there was voice.
    pub voiced: Duration,
}

/// What gives the coach occasion to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The call has begun and the coach is asked for its first turn in it.
    Opened,
    /// It is the coach's turn.
    Turn,
    /// The learner has said nothing for a while.
    Silence,
}

/// How late it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Since the practice began, earlier calls included.
    pub elapsed: Duration,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Move {
    /// Speak.
    Say(Line),
    /// Keep quiet, and go on waiting.
    Quiet,
}

/// What to say, and what to expect afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The words.
    pub text: String,
    /// Added to the pace.
    pub speed: f32,
    /// What the learner is expected to do then.
    pub expect: Expect,
}

/// What the learner is expected to do after a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Answer.
    Answer,
    /// Speak for a minute, with pauses.
    LongTurn,
    /// Nothing: the lesson is closed.
    Nothing,
}

/// How long a learner who asked for time to think is left in peace.
pub const THINKING: Duration = Duration::from_secs(30);

/// Whether the learner has just asked for time to think.
pub fn asked_for_time(text: &str) -> bool {
    answer::control(text) == Some(answer::Control::Wait)
}

/// Whether the learner wants something of the coach rather than to answer.
pub fn is_wish(text: &str) -> bool {
    answer::control(text).is_some()
}
