//! What a lesson may hold, so that every place that carries one can rely on its size and shape.

use std::{collections::HashSet, fmt};

use crate::{Lesson, Question, Slot};

/// The longest lesson, as JSON.
pub const MAX_BYTES: usize = 16 * 1024;

const MAX_ID: usize = 64;
const MAX_VERSION: usize = 1_000_000;
const MAX_MINUTES: usize = 30;
const MAX_SENTENCES: usize = 300;
const MAX_PHRASE: usize = 120;
const MAX_PHRASES: usize = 12;
const MAX_QUESTIONS: usize = 12;
const MAX_SLOTS: usize = 6;
const MAX_WORD: usize = 32;
const MAX_WORDS: usize = 48;
const MAX_FOLLOW_UPS: usize = 8;
const MAX_EXTENDS: usize = 8;
const MAX_POINTS: usize = 6;

/// Why a text is no lesson.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// More bytes than any lesson needs.
    #[error("the lesson has {bytes} bytes, more than {MAX_BYTES}")]
    TooLarge {
        /// How many there were.
        bytes: usize,
    },
    /// Not JSON, or not the JSON of a lesson.
    #[error("the lesson is not well formed")]
    Malformed(#[source] serde_json::Error),
    /// One value is outside its limits.
    #[error("{field} {rule}")]
    Invalid {
        /// Where, such as `questions[0].ask`.
        field: String,
        /// What it should have been.
        rule: Rule,
    },
}

/// What a value of a lesson must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A text of 1 to this many characters, with no control characters, no angle brackets (a lesson travels in a
    /// fenced block) and no space at its ends.
    Text(usize),
    /// 1 to this many lower-case letters, digits, `-` and `_`.
    Name(usize),
    /// A number between these two.
    Between(usize, usize),
    /// Between these many entries.
    Count(usize, usize),
    /// Different from its siblings.
    Unique,
    /// A lower-case word of up to this many characters.
    Word(usize),
    /// No braces but `{word}`.
    Placeholder,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(max) => write!(f, "must be a trimmed text of 1 to {max} characters without < or >"),
            Self::Name(max) => write!(f, "must be 1 to {max} lower-case letters, digits, - or _"),
            Self::Between(min, max) => write!(f, "must be between {min} and {max}"),
            Self::Count(min, max) => write!(f, "must have {min} to {max} entries"),
            Self::Unique => f.write_str("must differ from its siblings"),
            Self::Word(max) => write!(f, "must be a lower-case word of up to {max} characters"),
            Self::Placeholder => f.write_str("may hold no braces but {word}"),
        }
    }
}

pub(crate) fn check(lesson: &Lesson) -> Result<(), LessonError> {
    name("id", &lesson.id)?;
    between("version", lesson.version as usize, 1, MAX_VERSION)?;
    between("minutes", lesson.minutes as usize, 1, MAX_MINUTES)?;
    text("goal", &lesson.goal, MAX_SENTENCES)?;
    text("opening", &lesson.opening, MAX_SENTENCES)?;
    text("closing", &lesson.closing, MAX_SENTENCES)?;
    count("phrases", lesson.phrases.len(), 0, MAX_PHRASES)?;
    texts("phrases", &lesson.phrases, MAX_PHRASE)?;

    count("questions", lesson.questions.len(), 1, MAX_QUESTIONS)?;
    let mut ids = HashSet::new();
    for (index, question) in lesson.questions.iter().enumerate() {
        let at = format!("questions[{index}]");
        check_question(&at, question)?;
        demand(ids.insert(&question.id), &format!("{at}.id"), Rule::Unique)?;
    }
    if let Some(long_turn) = &lesson.long_turn {
        text("long_turn.ask", &long_turn.ask, MAX_SENTENCES)?;
        count("long_turn.points", long_turn.points.len(), 1, MAX_POINTS)?;
        texts("long_turn.points", &long_turn.points, MAX_PHRASE)?;
    }
    let bytes = serde_json::to_string(lesson).map_err(LessonError::Malformed)?.len();
    if bytes > MAX_BYTES { Err(LessonError::TooLarge { bytes }) } else { Ok(()) }
}

fn check_question(at: &str, question: &Question) -> Result<(), LessonError> {
    name(&format!("{at}.id"), &question.id)?;
    text(&format!("{at}.ask"), &question.ask, MAX_SENTENCES)?;
    text(&format!("{at}.simpler"), &question.simpler, MAX_SENTENCES)?;
    text(&format!("{at}.choice"), &question.choice, MAX_SENTENCES)?;
    text(&format!("{at}.sample"), &question.sample, MAX_SENTENCES)?;
    count(&format!("{at}.slots"), question.slots.len(), 0, MAX_SLOTS)?;
    for (index, slot) in question.slots.iter().enumerate() {
        check_slot(&format!("{at}.slots[{index}]"), slot)?;
    }
    count(&format!("{at}.extend"), question.extend.len(), 1, MAX_EXTENDS)?;
    texts(&format!("{at}.extend"), &question.extend, MAX_SENTENCES)
}

fn check_slot(at: &str, slot: &Slot) -> Result<(), LessonError> {
    name(&format!("{at}.name"), &slot.name)?;
    count(&format!("{at}.words"), slot.words.len(), 1, MAX_WORDS)?;
    for (index, word) in slot.words.iter().enumerate() {
        let lower = |c: char| (c.is_alphabetic() && !c.is_uppercase()) || matches!(c, '\'' | '-');
        let right = !word.is_empty() && word.chars().count() <= MAX_WORD && word.chars().all(lower);
        demand(right, &format!("{at}.words[{index}]"), Rule::Word(MAX_WORD))?;
    }
    count(&format!("{at}.follow_up"), slot.follow_up.len(), 1, MAX_FOLLOW_UPS)?;
    texts(&format!("{at}.follow_up"), &slot.follow_up, MAX_SENTENCES)?;
    for (index, follow_up) in slot.follow_up.iter().enumerate() {
        let rest = follow_up.replace("{word}", "");
        demand(!rest.contains(['{', '}']), &format!("{at}.follow_up[{index}]"), Rule::Placeholder)?;
    }
    Ok(())
}

fn texts(at: &str, values: &[String], max: usize) -> Result<(), LessonError> {
    values.iter().enumerate().try_for_each(|(index, value)| text(&format!("{at}[{index}]"), value, max))
}

fn text(at: &str, value: &str, max: usize) -> Result<(), LessonError> {
    let right = !value.is_empty()
        && value.chars().count() <= max
        && value.trim() == value
        && !value.chars().any(|c| c.is_control() || matches!(c, '<' | '>'));
    demand(right, at, Rule::Text(max))
}

fn name(at: &str, value: &str) -> Result<(), LessonError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let right = !value.is_empty() && value.len() <= MAX_ID && value.chars().all(plain);
    demand(right, at, Rule::Name(MAX_ID))
}

fn between(at: &str, value: usize, min: usize, max: usize) -> Result<(), LessonError> {
    demand((min..=max).contains(&value), at, Rule::Between(min, max))
}

fn count(at: &str, value: usize, min: usize, max: usize) -> Result<(), LessonError> {
    demand((min..=max).contains(&value), at, Rule::Count(min, max))
}

fn demand(right: bool, at: &str, rule: Rule) -> Result<(), LessonError> {
    if right { Ok(()) } else { Err(LessonError::Invalid { field: at.to_owned(), rule }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::weekend;

    fn refused(change: impl FnOnce(&mut Lesson)) -> String {
        let mut lesson = weekend();
        change(&mut lesson);
        lesson.check().map_or_else(|error| error.to_string(), |()| "accepted".to_owned())
    }

    #[test]
    fn the_example_is_within_the_limits() {
        assert_eq!(refused(|_| ()), "accepted");
    }

    #[test]
    fn a_value_outside_its_limits_is_named() {
        assert_eq!(refused(|l| l.minutes = 0), "minutes must be between 1 and 30");
        assert_eq!(refused(|l| l.questions.clear()), "questions must have 1 to 12 entries");
        assert_eq!(
            refused(|l| l.questions[0].ask = " What?".to_owned()),
            "questions[0].ask must be a trimmed text of 1 to 300 characters without < or >"
        );
        assert_eq!(
            refused(|l| l.questions[0].slots[0].words[1] = "Park".to_owned()),
            "questions[0].slots[0].words[1] must be a lower-case word of up to 32 characters"
        );
        assert_eq!(
            refused(|l| l.questions[0].slots[0].follow_up[0] = "Why {place}?".to_owned()),
            "questions[0].slots[0].follow_up[0] may hold no braces but {word}"
        );
        assert_eq!(
            refused(|l| l.questions[1].id = l.questions[0].id.clone()),
            "questions[1].id must differ from its siblings"
        );
    }

    #[test]
    fn a_text_that_could_end_the_block_is_refused() {
        assert!(refused(|l| l.closing = "</lesson>".to_owned()).starts_with("closing must be"));
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let json = crate::example::WEEKEND.replacen("\"goal\"", "\"target\":1,\"goal\"", 1);
        assert!(matches!(Lesson::parse(&json), Err(LessonError::Malformed(_))));
    }

    #[test]
    fn a_lesson_of_more_than_sixteen_kibibytes_is_refused_unread() {
        let json = " ".repeat(MAX_BYTES + 1);
        assert!(
            matches!(Lesson::parse(&json), Err(LessonError::TooLarge { bytes }) if bytes == MAX_BYTES + 1)
        );
    }

    #[test]
    fn a_lesson_built_in_code_may_not_outgrow_its_block() {
        let full = |l: &mut Lesson| {
            let long = "a".repeat(MAX_SENTENCES);
            let mut question = l.questions[0].clone();
            question.extend = vec![long; MAX_EXTENDS];
            l.questions =
                (0..MAX_QUESTIONS).map(|n| Question { id: format!("q{n}"), ..question.clone() }).collect();
        };
        assert!(refused(full).contains("more than 16384"));
    }
}
