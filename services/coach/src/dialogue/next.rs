//! The coach's next move.

use std::time::Duration;

use lesson::{Lesson, Question};

use super::{
    Clock, Expect, Heard, Line, Move, Said, Who,
    answer::{self, Control},
    history::{Answer, History, Running, SHORT, Step},
    wording,
};

/// An answer from here on is long.
const LONG: Duration = Duration::from_secs(8);
/// From this part of the time on, no new question is begun.
const LAST_QUESTION: f32 = 0.8;
/// From this part of the time on, nothing more is asked about the last one.
const LAST_WORD: f32 = 0.95;
/// From this part of the time on, the long turn comes before any further question.
const LONG_TURN: f32 = 0.5;
/// How often the coach asks more about one question.
const MOST_FOLLOW_UPS: usize = 2;

/// Decides what the coach does, from the lesson, what was said so far, what gives occasion, and the time.
pub fn next(lesson: &Lesson, items: &[Said], heard: Heard, clock: Clock) -> Move {
    let history = History::read(lesson, items);
    let part = clock.elapsed.as_secs_f32() / (lesson.minutes as f32 * 60.0);
    let seed = wording::seed(&lesson.id, history.said.len());
    Turn { lesson, items, history, part, seed }.decide(heard)
}

struct Turn<'a> {
    lesson: &'a Lesson,
    items: &'a [Said],
    history: History<'a>,
    /// How much of the time is gone.
    part: f32,
    seed: u64,
}

impl Turn<'_> {
    fn decide(&self, heard: Heard) -> Move {
        if self.history.said.is_empty() && self.history.answer.is_none() {
            return if heard == Heard::Silence { Move::Quiet } else { self.open() };
        }
        if self.history.closed {
            return self.after_the_end(heard);
        }
        match (heard, &self.history.answer) {
            (Heard::Silence, _) => self.prompt(),
            (Heard::Opened, None) => self.ask_again("resume", 0.0),
            (Heard::Turn, None) => self.ask_again("repeat", 0.0),
            (_, Some(answer)) => self.reply(answer),
        }
    }

    fn open(&self) -> Move {
        let help = wording::draw_any("help_offer", &[], self.seed, str::to_owned);
        let ask = self.lesson.questions.first().map_or("", |question| &question.ask);
        self.say(&[&self.lesson.opening, &help, ask])
    }

    /// A closed lesson answers anything further with one goodbye.
    fn after_the_end(&self, heard: Heard) -> Move {
        let goodbye = wording::draw_any("goodbye", &[], self.seed, str::to_owned);
        if heard == Heard::Silence || self.history.has_said(&goodbye) {
            return Move::Quiet;
        }
        self.line(goodbye, 0.0, Expect::Nothing)
    }

    /// The first rule that fits, in the order of the page.
    fn reply(&self, answer: &Answer) -> Move {
        if let Some(control) = answer::control(&answer.text) {
            return self.obey(control);
        }
        if self.part >= 1.0 {
            return self.close();
        }
        if answer::is_sensitive(&answer.text) && !self.history.has_said(&wording::variants("sensitive")[0]) {
            return self.say(&[&wording::variants("sensitive")[0]]);
        }
        if self.history.running == Running::LongTurn {
            return self.onward("after_long_turn");
        }
        if self.history.running == Running::Nothing {
            return self.onward("extend");
        }
        let most = if self.history.tired { 1 } else { MOST_FOLLOW_UPS };
        let may_ask_more = self.history.follow_ups < most && self.part < LAST_WORD;
        if may_ask_more {
            if let Some(follow_up) = self.follow_up(answer) {
                return follow_up;
            }
            if answer.voiced < SHORT
                && !self.history.extended
                && let Some(more) = self.extend("extend")
            {
                return more;
            }
            if answer.voiced >= LONG
                && let Some(more) = self.extend("long")
            {
                return more;
            }
        }
        self.onward("onward")
    }

    fn obey(&self, control: Control) -> Move {
        match control {
            Control::Repeat => self.ask_again("repeat", 0.0),
            Control::Slower => self.ask_again("slower", 0.0),
            Control::Help => self.help(Step::Asked),
            Control::DontKnow => self.help(Step::Simpler),
            Control::Wait => Move::Quiet,
            Control::Skip => self.onward("skip"),
            Control::NotSaid => self.say(&[&wording::variants("sorry")[0]]),
            Control::Stop => self.close(),
        }
    }

    /// One step down the ladder, not above `from`.
    fn help(&self, from: Step) -> Move {
        let Running::Question(_) = self.history.running else { return self.help_without_ladder() };
        let Some(question) = self.question() else { return self.onward("skip") };
        match self.history.step.max(from) {
            Step::Asked => self.lead("simpler", &question.simpler),
            Step::Simpler => self.lead("choice", &question.choice),
            Step::Choice => {
                let turn = wording::draw_any("sample", &self.history.said, self.seed, str::to_owned);
                self.say(&[&question.sample, &turn])
            }
            Step::Sample => self.onward("skip"),
        }
    }

    fn help_without_ladder(&self) -> Move {
        match (&self.lesson.long_turn, self.history.running) {
            (Some(long), Running::LongTurn) => {
                let points = listed(&long.points);
                let fill = |text: &str| text.replace("{points}", &points);
                match wording::draw("points", &self.history.said, self.seed, fill) {
                    Some(points) => self.line(points, 0.0, Expect::LongTurn),
                    None => self.onward("skip"),
                }
            }
            _ => self.onward("skip"),
        }
    }

    /// Echoes a slot word nobody has echoed yet, in a frame that survives a mishearing, and asks about it.
    fn follow_up(&self, answer: &Answer) -> Option<Move> {
        let heard = answer::words(&answer.text);
        let question = self.question().filter(|_| matches!(self.history.running, Running::Question(_)))?;
        let said: Vec<String> = self.history.said.iter().flat_map(|turn| answer::words(turn)).collect();
        for slot in &question.slots {
            let fresh = |word: &&String| slot.words.contains(*word) && !said.contains(*word);
            let Some(word) = heard.iter().find(fresh) else { continue };
            let asked = slot.follow_up.iter().map(|text| text.replace("{word}", word));
            let Some(asked) = asked.into_iter().find(|text| !self.history.has_said(text)) else { continue };
            let fill = |text: &str| text.replace("{word}", word);
            let echo = wording::draw_any("echo", &self.history.said, self.seed, fill);
            return Some(self.say(&[&echo, &asked]));
        }
        None
    }

    /// Asks for more, without a reason of its own.
    fn extend(&self, reaction: &str) -> Option<Move> {
        let own = self.question().map(|question| question.extend.as_slice()).unwrap_or_default();
        let own = if matches!(self.history.running, Running::Question(_)) { own } else { &[] };
        let mut asked = own.iter().filter(|text| !self.history.has_said(text)).cloned();
        let asked = asked
            .next()
            .or_else(|| wording::draw("one_more", &self.history.said, self.seed, str::to_owned))?;
        Some(self.react(reaction, &asked, Expect::Answer))
    }

    /// The next question, the long turn or the end.
    fn onward(&self, reaction: &str) -> Move {
        if self.part >= LAST_QUESTION {
            return self.close();
        }
        let upcoming = self.lesson.questions.get(self.history.question.map_or(0, |last| last + 1));
        if let Some(long) = &self.lesson.long_turn
            && !self.history.long_turn
            && (self.part >= LONG_TURN || upcoming.is_none())
        {
            return self.react("long_turn", &long.ask, Expect::LongTurn);
        }
        if let Some(question) = upcoming {
            return self.react(reaction, &question.ask, Expect::Answer);
        }
        match wording::draw("more", &self.history.said, self.seed, str::to_owned) {
            Some(more) => self.react(reaction, &more, Expect::Answer),
            None => self.close(),
        }
    }

    fn close(&self) -> Move {
        let mut words: Vec<String> = Vec::new();
        let slots = self.lesson.questions.iter().flat_map(|question| &question.slots);
        let slot_words: Vec<&String> = slots.flat_map(|slot| &slot.words).collect();
        for item in self.items.iter().filter(|item| item.who == Who::Learner) {
            for word in answer::words(&item.text) {
                if slot_words.contains(&&word) && !words.contains(&word) && words.len() < 2 {
                    words.push(word);
                }
            }
        }
        if words.is_empty() {
            return self.line(self.lesson.closing.clone(), 0.0, Expect::Nothing);
        }
        let listed = listed(&words);
        let recap = wording::draw_any("recap", &self.history.said, self.seed, |text| {
            text.replace("{words}", &listed)
        });
        self.line(format!("{recap} {}", self.lesson.closing), 0.0, Expect::Nothing)
    }

    /// Silence: a way to begin, then a choice, then an end to prompting.
    fn prompt(&self) -> Move {
        if self.part >= 1.0 {
            return self.close();
        }
        let expect =
            if self.history.running == Running::LongTurn { Expect::LongTurn } else { Expect::Answer };
        match self.history.unanswered {
            1 => {
                let index = self.seed as usize;
                let phrase =
                    index.checked_rem(self.lesson.phrases.len()).and_then(|i| self.lesson.phrases.get(i));
                let text = match phrase {
                    Some(phrase) => wording::draw_any("encourage", &self.history.said, self.seed, |text| {
                        text.replace("{phrase}", phrase)
                    }),
                    None => {
                        wording::draw_any("encourage_plain", &self.history.said, self.seed, str::to_owned)
                    }
                };
                self.line(text, 0.0, expect)
            }
            2 => match (self.history.running, self.question()) {
                (Running::Question(_), Some(question)) if self.history.step < Step::Choice => {
                    self.lead("choice", &question.choice)
                }
                _ => {
                    let text =
                        wording::draw_any("encourage_plain", &self.history.said, self.seed, str::to_owned);
                    self.line(text, 0.0, expect)
                }
            },
            3 => self.line(wording::variants("take_your_time")[0].clone(), 0.0, expect),
            _ => Move::Quiet,
        }
    }

    /// The very same question again.
    fn ask_again(&self, reaction: &str, speed: f32) -> Move {
        let asked = self.asked_last();
        let expect =
            if self.history.running == Running::LongTurn { Expect::LongTurn } else { Expect::Answer };
        let lead = wording::draw(reaction, &self.history.said, self.seed, str::to_owned);
        self.line(joined(&[lead.as_deref().unwrap_or_default(), &asked]), speed, expect)
    }

    /// The question the learner is answering, in the words in which it was asked.
    fn asked_last(&self) -> String {
        let repeats = wording::variants("repeat").iter().chain(wording::variants("slower"));
        let leads: Vec<&String> = repeats.chain(wording::variants("resume")).collect();
        let prompts = wording::variants("take_your_time");
        let is_own = |turn: &&&str| {
            !leads.iter().any(|lead| turn.starts_with(lead.as_str()))
                && !prompts.iter().any(|p| turn.contains(p.as_str()))
        };
        let last = self.history.said.iter().rev().find(is_own).copied().unwrap_or_default();
        let long = self.lesson.long_turn.as_ref().map(|long| &long.ask);
        let questions = self.lesson.questions.iter().flat_map(|q| [&q.ask, &q.simpler, &q.choice]);
        let known = questions.chain(long).find(|text| last.contains(text.as_str()));
        known.map_or_else(|| last.to_owned(), String::clone)
    }

    fn question(&self) -> Option<&Question> {
        self.history.question.and_then(|index| self.lesson.questions.get(index))
    }

    fn lead(&self, reaction: &str, asked: &str) -> Move {
        self.react(reaction, asked, Expect::Answer)
    }

    fn react(&self, reaction: &str, asked: &str, expect: Expect) -> Move {
        let reaction = wording::draw(reaction, &self.history.said, self.seed, str::to_owned);
        self.line(joined(&[reaction.as_deref().unwrap_or_default(), asked]), 0.0, expect)
    }

    fn say(&self, parts: &[&str]) -> Move {
        self.line(joined(parts), 0.0, Expect::Answer)
    }

    fn line(&self, text: String, speed: f32, expect: Expect) -> Move {
        Move::Say(Line { text, speed: speed - 0.1 * self.history.slower as f32, expect })
    }
}

fn joined(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

fn listed(words: &[String]) -> String {
    match words {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => words.concat(),
    }
}
