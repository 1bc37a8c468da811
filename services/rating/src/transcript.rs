//! The transcript as rating needs it.

use crate::finding::Span;

/// What was said, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// Which version of it.
    pub revision: u32,
    /// Whether every word said is in it, so that words may be counted.
    pub verbatim: bool,
    /// Its turns.
    pub turns: Vec<Turn>,
}

/// What one of them said in one go.
#[derive(Clone)]
pub struct Turn {
    /// Whether it is the learner's.
    pub is_learner: bool,
    /// When.
    pub span: Span,
    /// The words, if they were recognised.
    pub text: Option<String>,
}

impl std::fmt::Debug for Turn {
    /// Without the words: they are the learner's and belong in no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Turn")
            .field("is_learner", &self.is_learner)
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}

impl Transcript {
    /// When the learner had the turn.
    pub fn learner_spans(&self) -> Vec<Span> {
        self.turns.iter().filter(|turn| turn.is_learner).map(|turn| turn.span).collect()
    }

    /// What the learner said, turn by turn.
    pub fn learner_texts(&self) -> impl Iterator<Item = (Span, &str)> {
        self.turns
            .iter()
            .filter(|turn| turn.is_learner)
            .filter_map(|turn| turn.text.as_deref().map(|text| (turn.span, text)))
    }

    /// Every word of the learner, in lower case.
    pub fn learner_words(&self) -> Vec<String> {
        self.learner_texts().flat_map(|(_, text)| words(text)).collect()
    }
}

/// The words of a text in lower case: letters and digits with the apostrophes and hyphens between them.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '\'' | '’' | '-')))
        .map(|word| {
            word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase().replace('’', "'")
        })
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_from_what_stands_between_them() {
        let found: Vec<String> = words("Well – it’s a \"well-known\" café, isn't it? 3 o'clock.").collect();
        assert_eq!(found, ["well", "it's", "a", "well-known", "café", "isn't", "it", "3", "o'clock"]);
    }
}
