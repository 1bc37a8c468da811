//! The catalogue as it is written by hand.

use crate::topic::Topic;
use ids::TopicId;
use lesson::{Kind, Lesson, LessonError};
use serde::Deserialize;

/// The fixture cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FixtureError {
    /// It is not JSON, or not the JSON of topics.
    #[error("the fixture is not a list of topics")]
    Malformed(#[source] serde_json::Error),
    /// A lesson is outside its limits.
    #[error("the lesson of topic {topic} cannot be used")]
    Lesson {
        /// The topic.
        topic: TopicId,
        /// What is wrong with its lesson.
        #[source]
        source: LessonError,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    topics: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: TopicId,
    title: String,
    summary: String,
    kind: Kind,
    situation: String,
    lesson: Lesson,
}

/// The topics that come with this service.
pub fn topics() -> Result<Vec<Topic>, FixtureError> {
    read(include_str!("../fixtures/topics.json"))
}

fn read(json: &str) -> Result<Vec<Topic>, FixtureError> {
    let file: File = serde_json::from_str(json).map_err(FixtureError::Malformed)?;
    let checked = |entry: Entry| {
        entry.lesson.check().map_err(|source| FixtureError::Lesson { topic: entry.id, source })?;
        let Entry { id, title, summary, kind, situation, lesson } = entry;
        Ok(Topic { id, title, summary, kind, situation, lesson })
    };
    file.topics.into_iter().map(checked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lesson::{Level, Question};
    use std::collections::HashSet;

    fn catalogue() -> Vec<Topic> {
        topics().unwrap()
    }

    /// Everything the coach may say of a question, the sample apart.
    fn asked(question: &Question) -> impl Iterator<Item = &String> {
        let follow_ups = question.slots.iter().flat_map(|slot| &slot.follow_up);
        [&question.ask, &question.simpler, &question.choice]
            .into_iter()
            .chain(follow_ups)
            .chain(&question.extend)
    }

    fn sentences(text: &str) -> Vec<&str> {
        let ends = |c: char| matches!(c, '.' | '?' | '!' | ':' | ';');
        text.split(ends).map(str::trim).filter(|sentence| !sentence.is_empty()).collect()
    }

    #[test]
    fn there_is_something_for_every_level_and_every_part_of_life() {
        let topics = catalogue();
        assert!(topics.len() >= 14);
        for level in Level::ALL {
            let kinds: HashSet<_> =
                topics.iter().filter(|topic| topic.lesson.level == level).map(|topic| topic.kind).collect();
            assert_eq!(kinds.len(), Kind::ALL.len(), "{level}");
        }
        for kind in Kind::ALL {
            assert!(topics.iter().filter(|topic| topic.kind == kind).count() >= 4, "{kind}");
        }
    }

    #[test]
    fn no_two_topics_share_an_id_a_name_or_a_title() {
        let topics = catalogue();
        let ids: HashSet<_> = topics.iter().map(|topic| topic.id).collect();
        let names: HashSet<_> = topics.iter().map(|topic| &topic.lesson.id).collect();
        let titles: HashSet<_> = topics.iter().map(|topic| &topic.title).collect();
        assert_eq!((ids.len(), names.len(), titles.len()), (topics.len(), topics.len(), topics.len()));
        assert!(ids.iter().all(|id| id.as_uuid().get_version_num() == 7));
    }

    #[test]
    fn the_coach_never_says_a_sentence_too_long_for_the_level() {
        for topic in catalogue() {
            let lesson = &topic.lesson;
            let turns = [&lesson.opening, &lesson.closing, &lesson.long_turn.as_ref().unwrap().ask];
            let questions = lesson.questions.iter();
            let said = turns
                .into_iter()
                .chain(questions.flat_map(|question| asked(question).chain([&question.sample])));
            for turn in said {
                assert!(sentences(turn).len() <= lesson.level.sentences_per_turn(), "{}: {turn}", lesson.id);
                for sentence in sentences(turn) {
                    let words = sentence.split_whitespace().count();
                    assert!(
                        words <= lesson.level.words_per_sentence(),
                        "{}: {words} words: {sentence}",
                        lesson.id
                    );
                }
            }
        }
    }

    #[test]
    fn every_question_is_a_question_with_its_whole_ladder_of_help() {
        for topic in catalogue() {
            let questions = &topic.lesson.questions;
            assert!((3..=4).contains(&questions.len()), "{}", topic.title);
            assert!(topic.lesson.phrases.len() >= 3, "{}", topic.title);
            for question in questions {
                assert!(asked(question).all(|text| text.ends_with('?')), "{}: {}", topic.title, question.id);
                assert!(question.sample.starts_with("For example: "), "{}", question.sample);
                assert!(!question.slots.is_empty() && question.extend.len() >= 2, "{}", question.ask);
            }
        }
    }

    #[test]
    fn nothing_is_asked_twice_in_a_lesson() {
        for topic in catalogue() {
            let mut heard = HashSet::new();
            for text in topic.lesson.questions.iter().flat_map(asked) {
                assert!(heard.insert(text.to_lowercase()), "{}: {text}", topic.title);
            }
        }
    }

    #[test]
    fn a_lesson_outside_its_limits_is_refused_by_its_topic() {
        let json = include_str!("../fixtures/topics.json").replacen("\"minutes\": 5", "\"minutes\": 0", 1);
        let error = read(&json).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the lesson of topic 019aa300-0000-7000-8000-000000000001 cannot be used"
        );
    }
}
