//! Which topics a list shows, and where a page of it begins.

use ids::TopicId;
use lesson::{Kind, Level};

/// The most topics of one page.
pub const LONGEST_PAGE: u32 = 100;
const LONGEST_SEARCH_CHARS: usize = 200;

/// Which topics are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this level only.
    pub level: Option<Level>,
    /// Of this kind only.
    pub kind: Option<Kind>,
    /// With all these words.
    pub search: Search,
}

/// Words that a topic must have, in any order, each at least as part of a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    words: Vec<String>,
}

/// The search is longer than anything a person types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a search has at most 200 characters")]
pub struct SearchTooLong;

impl Search {
    /// Reads what somebody typed. Any character is only a character.
    pub fn parse(text: &str) -> Result<Self, SearchTooLong> {
        if text.chars().count() > LONGEST_SEARCH_CHARS {
            return Err(SearchTooLong);
        }
        Ok(Self { words: text.to_lowercase().split_whitespace().map(str::to_owned).collect() })
    }

    /// The words.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The words as patterns for `like`, with its own signs taken literally.
    pub fn patterns(&self) -> Vec<String> {
        let escaped = |word: &String| word.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
        self.words.iter().map(|word| format!("%{}%", escaped(word))).collect()
    }
}

/// The last topic of a page: the next one begins after it. Lists are ordered by level, then title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its level.
    pub level: Level,
    /// Its title.
    pub title: String,
    /// The topic.
    pub id: TopicId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_words_and_nothing_else() {
        let search = Search::parse("  Foo & | ! (  ").unwrap();
        assert_eq!(search.words(), ["foo", "&", "|", "!", "("]);
        assert_eq!(Search::parse("   ").unwrap(), Search::default());
    }

    #[test]
    fn the_signs_of_patterns_are_taken_literally() {
        assert_eq!(Search::parse(r"100%_\").unwrap().patterns(), [r"%100\%\_\\%"]);
    }

    #[test]
    fn a_search_of_two_hundred_characters_is_the_longest() {
        assert!(Search::parse(&"ж".repeat(200)).is_ok());
        assert_eq!(Search::parse(&"ж".repeat(201)), Err(SearchTooLong));
    }
}
