//! Learners of several kinds practise every lesson of the catalogue, without sound.

use std::{collections::HashSet, time::Duration};

use coach::dialogue::{Clock, Expect, Heard, Move, Said, Who, next};
use lesson::Lesson;
use serde_json::Value;

/// What a learner of one kind says to the coach's n-th line, and for how long; `None` is silence.
type Answer = Option<(String, f32)>;

struct Practice {
    items: Vec<Said>,
    closed_after: Option<f32>,
}

fn catalogue() -> Vec<Lesson> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../topics/fixtures/topics.json");
    let text = std::fs::read_to_string(path).expect("the catalogue is there");
    let catalogue: Value = serde_json::from_str(&text).expect("the catalogue is JSON");
    let topics = catalogue["topics"].as_array().expect("the catalogue lists topics");
    topics.iter().map(|topic| Lesson::parse(&topic["lesson"].to_string()).expect("a lesson")).collect()
}

/// Five kinds of learner: one says the lesson's words, one says yes, one is silent, one is not understood, one asks for help.
fn answer(kind: usize, lesson: &Lesson, turn: usize) -> Answer {
    let words: Vec<&String> =
        lesson.questions.iter().flat_map(|q| &q.slots).flat_map(|slot| &slot.words).collect();
    let word = words.get(turn * 7 % words.len().max(1)).map_or("nothing", |word| word.as_str());
    match kind {
        0 => Some((format!("well i think it was the {word} that we talked about yesterday evening"), 7.0)),
        1 => Some(("yes".to_owned(), 0.6)),
        2 => None,
        3 => Some((String::new(), 9.0)),
        _ => Some((
            if turn.is_multiple_of(3) { "help" } else { "it was very nice and quiet there" }.to_owned(),
            3.0,
        )),
    }
}

fn practise(lesson: &Lesson, kind: usize) -> Practice {
    let mut practice = Practice { items: Vec::new(), closed_after: None };
    let (mut elapsed, mut heard) = (0.0, Heard::Opened);
    for turn in 0..400 {
        let clock = Clock { elapsed: Duration::from_secs_f32(elapsed) };
        let Move::Say(line) = next(lesson, &practice.items, heard, clock) else {
            elapsed += 10.0;
            heard = Heard::Silence;
            continue;
        };
        elapsed += line.text.split_whitespace().count() as f32 * 0.4 / lesson.level.speed();
        practice.items.push(Said { who: Who::Coach, text: line.text, voiced: Duration::ZERO });
        if line.expect == Expect::Nothing {
            practice.closed_after = Some(elapsed);
            break;
        }
        let long = if line.expect == Expect::LongTurn { 30.0 } else { 0.0 };
        if let Some((text, voiced)) = answer(kind, lesson, turn) {
            let voiced = if voiced > 5.0 { voiced + long } else { voiced };
            elapsed += voiced + 2.5;
            practice.items.push(Said { who: Who::Learner, text, voiced: Duration::from_secs_f32(voiced) });
            heard = Heard::Turn;
        } else {
            elapsed += 10.0;
            heard = Heard::Silence;
        }
    }
    practice
}

#[test]
fn every_lesson_closes_in_time_with_every_learner() {
    for lesson in catalogue() {
        for kind in 0..5 {
            let closed = practise(&lesson, kind).closed_after;
            let part = closed.map(|closed| closed / (lesson.minutes as f32 * 60.0));
            assert!(
                part.is_some_and(|part| (0.75..=1.25).contains(&part)),
                "{} with learner {kind}: {part:?}",
                lesson.id
            );
        }
    }
}

#[test]
fn no_sentence_is_said_twice_unless_it_is_asked_for() {
    for lesson in catalogue() {
        for kind in 0..5 {
            let mut said = HashSet::new();
            for turn in practise(&lesson, kind).items.iter().filter(|item| item.who == Who::Coach) {
                for sentence in turn.text.split_inclusive(['.', '?', '!']).map(str::trim) {
                    let new = said.insert(sentence.to_owned());
                    assert!(new || sentence.len() < 12, "{} with learner {kind}: {sentence}", lesson.id);
                }
            }
        }
    }
}

#[test]
fn every_word_the_coach_says_it_heard_was_said() {
    for lesson in catalogue() {
        let words: HashSet<&String> =
            lesson.questions.iter().flat_map(|q| &q.slots).flat_map(|slot| &slot.words).collect();
        let practice = practise(&lesson, 0);
        for (n, item) in practice.items.iter().enumerate().filter(|(_, item)| item.who == Who::Coach) {
            let Some((frame, _)) = item.text.split_once(". ") else { continue };
            if !frame.contains("word") {
                continue;
            }
            let echoed = frame.split([' ', ':']).map(str::to_lowercase).find(|word| words.contains(word));
            let echoed = echoed.unwrap_or_else(|| panic!("{}: {frame}", lesson.id));
            let heard = practice.items[..n].iter().rev().find(|item| item.who == Who::Learner);
            assert!(heard.is_some_and(|item| item.text.contains(&echoed)), "{}: {}", lesson.id, item.text);
        }
    }
}
