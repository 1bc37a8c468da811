//! Where the conversation stands, read from what was said.

use std::time::Duration;

use lesson::{Lesson, Question};

use super::{
    Said, Who,
    answer::{self, Control},
    wording,
};

/// An answer below this is short.
pub(super) const SHORT: Duration = Duration::from_millis(2500);

/// What the coach has asked last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Running {
    /// Nothing yet.
    Nothing,
    /// A question of the lesson.
    Question(usize),
    /// A question for when the lesson has none left.
    More,
    /// The long turn.
    LongTurn,
}

/// How far down the ladder of help a question is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Asked,
    Simpler,
    Choice,
    Sample,
}

/// Where the conversation stands.
#[derive(Debug)]
pub(super) struct History<'a> {
    /// Every turn of the coach.
    pub(super) said: Vec<&'a str>,
    /// What was asked last.
    pub(super) running: Running,
    /// The last question of the lesson that was asked.
    pub(super) question: Option<usize>,
    /// How much help it took.
    pub(super) step: Step,
    /// How often the coach has asked more about it.
    pub(super) follow_ups: usize,
    /// Whether the coach's last turn asked for more without a reason of its own.
    pub(super) extended: bool,
    /// Whether the long turn was given.
    pub(super) long_turn: bool,
    /// Whether the lesson was closed.
    pub(super) closed: bool,
    /// Coach turns since the learner's last.
    pub(super) unanswered: usize,
    /// The learner's last answer, if the coach has not replied to it.
    pub(super) answer: Option<Answer>,
    /// Whether the two answers before were short.
    pub(super) tired: bool,
    /// How often the learner asked for a slower pace.
    pub(super) slower: usize,
}

/// What the learner said last.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) voiced: Duration,
}

impl<'a> History<'a> {
    pub(super) fn read(lesson: &Lesson, items: &'a [Said]) -> Self {
        let mut history = Self {
            said: Vec::new(),
            running: Running::Nothing,
            question: None,
            step: Step::Asked,
            follow_ups: 0,
            extended: false,
            long_turn: false,
            closed: false,
            unanswered: 0,
            answer: None,
            tired: false,
            slower: 0,
        };
        let mut answers: Vec<Duration> = Vec::new();
        for item in items {
            match item.who {
                Who::Coach => {
                    answers.extend(history.answer.take().map(|answer| answer.voiced));
                    history.unanswered += 1;
                    history.hear_coach(lesson, &item.text);
                    history.said.push(&item.text);
                }
                Who::Learner => {
                    history.unanswered = 0;
                    history.slower += usize::from(answer::control(&item.text) == Some(Control::Slower));
                    let answer = history.answer.get_or_insert_default();
                    answer.voiced += item.voiced;
                    if !answer.text.is_empty() && !item.text.is_empty() {
                        answer.text.push(' ');
                    }
                    answer.text.push_str(&item.text);
                }
            }
        }
        history.tired = answers.len() >= 2 && answers.iter().rev().take(2).all(|voiced| *voiced < SHORT);
        history
    }

    fn hear_coach(&mut self, lesson: &Lesson, text: &str) {
        self.extended = false;
        self.closed |= text.contains(&lesson.closing);
        if lesson.long_turn.as_ref().is_some_and(|long| text.contains(&long.ask)) {
            self.long_turn = true;
            self.running = Running::LongTurn;
            return;
        }
        let begins = self.question.map_or(0, |last| last + 1);
        let asked = lesson.questions.iter().skip(begins).position(|question| text.contains(&question.ask));
        if let Some(offset) = asked {
            self.question = Some(begins + offset);
            self.running = Running::Question(begins + offset);
            self.step = Step::Asked;
            self.follow_ups = 0;
            return;
        }
        if any_in(wording::variants("more"), text) {
            self.running = Running::More;
            self.follow_ups = 0;
            return;
        }
        let Some(question) = self.question.and_then(|index| lesson.questions.get(index)) else { return };
        if text.contains(&question.sample) {
            self.step = self.step.max(Step::Sample);
        } else if text.contains(&question.choice) {
            self.step = self.step.max(Step::Choice);
        } else if text.contains(&question.simpler) {
            self.step = self.step.max(Step::Simpler);
        } else if any_in(&question.extend, text) || any_in(wording::variants("one_more"), text) {
            self.extended = true;
            self.follow_ups += 1;
        } else if follow_ups(question).any(|asked| text.contains(&asked)) {
            self.follow_ups += 1;
        }
    }

    /// Whether the coach has said this.
    pub(super) fn has_said(&self, text: &str) -> bool {
        self.said.iter().any(|turn| turn.contains(text))
    }
}

fn any_in(sentences: &[String], text: &str) -> bool {
    sentences.iter().any(|sentence| text.contains(sentence.as_str()))
}

/// Every follow-up of a question with every word it may be asked about.
fn follow_ups(question: &Question) -> impl Iterator<Item = String> {
    question.slots.iter().flat_map(|slot| {
        slot.follow_up
            .iter()
            .flat_map(|asked| slot.words.iter().map(move |word| asked.replace("{word}", word)))
    })
}
