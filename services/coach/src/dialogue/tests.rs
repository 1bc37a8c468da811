//! Learners of several kinds hold a whole practice with the coach, without sound.

use std::{collections::HashSet, time::Duration};

use lesson::Lesson;

use super::{Clock, Expect, Heard, Move, Said, Who, next, small_talk};

/// What a learner says to a line of the coach, and for how long.
type Learner = Box<dyn Fn(usize, &str) -> Option<(String, f32)>>;

struct Practice {
    items: Vec<Said>,
    elapsed: f32,
    closed_at: Option<f32>,
}

fn seconds(s: f32) -> Duration {
    Duration::from_secs_f32(s)
}

fn practise(lesson: &Lesson, learner: &Learner) -> Practice {
    let mut practice = Practice { items: Vec::new(), elapsed: 0.0, closed_at: None };
    let mut heard = Heard::Opened;
    for turn in 0..200 {
        let clock = Clock { elapsed: seconds(practice.elapsed) };
        if let Move::Say(line) = next(lesson, &practice.items, heard, clock) {
            practice.elapsed += line.text.split_whitespace().count() as f32 * 0.4;
            practice.items.push(Said { who: Who::Coach, text: line.text.clone(), voiced: Duration::ZERO });
            if line.expect == Expect::Nothing {
                practice.closed_at = Some(practice.elapsed);
                return practice;
            }
            if let Some((text, voiced)) = learner(turn, &line.text) {
                practice.elapsed += 2.0 + voiced;
                practice.items.push(Said { who: Who::Learner, text, voiced: seconds(voiced) });
                heard = Heard::Turn;
            } else {
                practice.elapsed += 10.0;
                heard = Heard::Silence;
            }
        } else {
            practice.elapsed += 10.0;
            heard = Heard::Silence;
        }
    }
    practice
}

fn coach(practice: &Practice) -> Vec<&str> {
    practice.items.iter().filter(|item| item.who == Who::Coach).map(|item| item.text.as_str()).collect()
}

fn fluent(turn: usize) -> (String, f32) {
    let texts = [
        "I went to work by train",
        "we live near the river",
        "I play football with my brother",
        "it was nice",
    ];
    (texts[turn % 4].to_owned(), 9.0)
}

fn learners() -> [Learner; 4] {
    [
        Box::new(|turn, _| Some(fluent(turn))),
        Box::new(|_, _| Some(("yes".to_owned(), 0.6))),
        Box::new(|_, _| Some((String::new(), 5.0))),
        Box::new(|_, _| None),
    ]
}

fn say(text: &str) -> Said {
    Said { who: Who::Learner, text: text.to_owned(), voiced: seconds(4.0) }
}

fn told(line: Move) -> String {
    match line {
        Move::Say(line) => line.text,
        Move::Quiet => "(quiet)".to_owned(),
    }
}

fn opened(lesson: &Lesson) -> Vec<Said> {
    let clock = Clock { elapsed: Duration::ZERO };
    vec![Said {
        who: Who::Coach,
        text: told(next(lesson, &[], Heard::Opened, clock)),
        voiced: Duration::ZERO,
    }]
}

fn after(lesson: &Lesson, answers: &[&str]) -> (Vec<Said>, String) {
    let mut items = opened(lesson);
    let mut last = String::new();
    for answer in answers {
        items.push(say(answer));
        last = told(next(lesson, &items, Heard::Turn, Clock { elapsed: seconds(30.0) }));
        items.push(Said { who: Who::Coach, text: last.clone(), voiced: Duration::ZERO });
    }
    (items, last)
}

#[test]
fn the_coach_opens_with_who_it_is_and_one_question() {
    let lesson = small_talk();
    let opening = &opened(lesson)[0].text;
    assert!(opening.starts_with("Hi, I'm Mira"));
    assert!(opening.ends_with(&lesson.questions[0].ask));
}

#[test]
fn nothing_is_said_twice_to_learners_who_do_not_ask_for_it() {
    for learner in &learners() {
        let practice = practise(small_talk(), learner);
        let mut said = HashSet::new();
        for turn in coach(&practice) {
            for sentence in turn.split_inclusive(['.', '?', '!']).map(str::trim) {
                let counts = sentence.len() > 1 && !sentence.starts_with("Hi, I'm Mira");
                assert!(!counts || said.insert(sentence.to_owned()), "twice: {sentence}");
            }
        }
    }
}

#[test]
fn a_talking_learner_is_asked_every_question_once_and_gets_a_long_turn() {
    let lesson = small_talk();
    let practice = practise(lesson, &learners()[2]);
    let turns = coach(&practice);
    let asked = |text: &str| turns.iter().filter(|turn| turn.contains(text)).count();
    for question in &lesson.questions {
        assert!(asked(&question.ask) <= 1, "{} was asked twice", question.ask);
    }
    assert_eq!(asked(&lesson.long_turn.as_ref().expect("small talk has one").ask), 1);
    assert_eq!(asked(&lesson.questions[0].ask), 1);
}

#[test]
fn every_practice_closes_within_a_fifth_of_its_time() {
    let lesson = small_talk();
    for learner in &learners() {
        let practice = practise(lesson, learner);
        let closed = practice.closed_at.expect("closed");
        assert!((240.0 * 0.95..=360.0).contains(&closed), "closed after {closed} s");
    }
}

#[test]
fn every_turn_but_the_last_ends_in_a_question_or_an_invitation() {
    let practice = practise(small_talk(), &learners()[0]);
    let turns = coach(&practice);
    let long = &small_talk().long_turn.as_ref().expect("small talk has one").ask;
    for turn in &turns[..turns.len() - 1] {
        assert!(turn.ends_with('?') || turn.ends_with(long.as_str()), "{turn}");
    }
}

#[test]
fn two_learners_who_say_different_words_get_different_turns() {
    let lesson = small_talk();
    let (_, one) = after(lesson, &["I had a meeting"]);
    let (_, other) = after(lesson, &["I had lunch with a friend"]);
    assert!(one.contains("meeting"), "{one}");
    assert!(other.contains("lunch"), "{other}");
    assert_ne!(one, other);
}

#[test]
fn a_word_that_is_not_in_the_lesson_is_never_echoed() {
    let (_, turn) = after(small_talk(), &["I saw a rhinoceros"]);
    assert!(!turn.contains("rhinoceros"));
}

#[test]
fn repeat_repeats_the_very_same_question() {
    let lesson = small_talk();
    let (_, turn) = after(lesson, &["could you repeat that"]);
    assert!(turn.ends_with(&lesson.questions[0].ask), "{turn}");
    let (_, turn) = after(lesson, &["could you repeat that", "again please"]);
    assert!(turn.ends_with(&lesson.questions[0].ask), "{turn}");
}

#[test]
fn help_comes_in_steps_and_then_the_coach_goes_on() {
    let lesson = small_talk();
    let question = &lesson.questions[0];
    assert!(after(lesson, &["help"]).1.contains(&question.simpler));
    assert!(after(lesson, &["help", "help"]).1.contains(&question.choice));
    assert!(after(lesson, &["help", "help", "help"]).1.contains(&question.sample));
    assert!(after(lesson, &["help", "help", "help", "help"]).1.contains(&lesson.questions[1].ask));
    assert!(after(lesson, &["I don't know"]).1.contains(&question.choice));
    assert!(after(lesson, &["next question please"]).1.contains(&lesson.questions[1].ask));
}

#[test]
fn slower_lowers_the_pace_from_then_on() {
    let lesson = small_talk();
    let (mut items, _) = after(lesson, &["slower please"]);
    items.push(say("it was fine"));
    let Move::Say(line) = next(lesson, &items, Heard::Turn, Clock { elapsed: seconds(40.0) }) else {
        panic!("the coach replies");
    };
    assert!((line.speed + 0.1).abs() < f32::EPSILON);
}

#[test]
fn silence_is_met_with_a_phrase_a_choice_and_then_peace() {
    let lesson = small_talk();
    let mut items = opened(lesson);
    let mut turns = Vec::new();
    for _ in 0..4 {
        let turn = told(next(lesson, &items, Heard::Silence, Clock { elapsed: seconds(30.0) }));
        items.push(Said { who: Who::Coach, text: turn.clone(), voiced: Duration::ZERO });
        turns.push(turn);
    }
    assert!(lesson.phrases.iter().any(|phrase| turns[0].contains(phrase)));
    assert!(turns[1].contains(&lesson.questions[0].choice));
    assert!(turns[2].starts_with("Take your time."));
    assert_eq!(turns[3], "(quiet)");
}

#[test]
fn a_learner_who_wants_to_stop_may_and_is_greeted_once_more() {
    let lesson = small_talk();
    let (_, turn) = after(lesson, &["I had lunch", "I want to stop"]);
    assert!(turn.contains("lunch") && turn.ends_with(&lesson.closing), "{turn}");
    assert!(after(lesson, &["stop", "one more thing I wanted"]).1.starts_with("Goodbye"));
    assert_eq!(after(lesson, &["stop", "one more", "and more"]).1, "(quiet)");
}

#[test]
fn sad_news_is_met_with_thanks_and_a_choice() {
    assert!(after(small_talk(), &["my dog died yesterday"]).1.starts_with("Thank you for telling me."));
}

#[test]
fn a_new_call_fed_with_the_same_turns_makes_the_same_move() {
    let lesson = small_talk();
    let (items, _) = after(lesson, &["I had lunch", "at home", "help"]);
    let mut replayed = items.clone();
    replayed.push(say("I live in a small town"));
    let clock = Clock { elapsed: seconds(60.0) };
    let first = next(lesson, &replayed, Heard::Turn, clock);
    assert_eq!(first, next(lesson, &replayed.clone(), Heard::Opened, clock));
    let resumed = told(next(lesson, &items, Heard::Opened, clock));
    assert!(resumed.ends_with(&lesson.questions[1].simpler), "{resumed}");
}
