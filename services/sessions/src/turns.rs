//! What was said: turns on the session clock, as they were sent and as they are kept.

use crate::{
    calls::{self, Call, SentCall},
    fingerprint::Taker,
    words::{Speaker, TurnState},
};
use std::collections::HashSet;

/// More turns than any conversation has.
pub const MOST_TURNS: usize = 10_000;
/// Longer than any session runs, in milliseconds.
pub const LONGEST_MS: u32 = 4 * 60 * 60 * 1000;
/// Longest identifier of a turn, in characters.
pub const LONGEST_ITEM_ID: usize = 64;

/// A time as a browser sent it, which may be no time at all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SentTime(f64);

impl SentTime {
    /// Any number, however odd.
    #[must_use]
    pub fn new(number: f64) -> Self {
        Self(number)
    }

    /// The time, if it lies on the session clock; fractions are rounded.
    #[must_use]
    pub fn on_the_clock(self) -> Option<u32> {
        (self.0 >= 0.0 && self.0 <= f64::from(LONGEST_MS)).then(|| self.0.round() as u32)
    }

    /// The time; one off the clock is the beginning if it lies before it, otherwise the given end.
    pub(crate) fn bounded(self, end: Option<u32>) -> u32 {
        self.on_the_clock().unwrap_or_else(|| if self.0 > 0.0 { end.unwrap_or(0) } else { 0 })
    }

    pub(crate) fn number(self) -> f64 {
        self.0
    }
}

/// A turn as a browser sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct SentTurn {
    /// The provider's identifier of it.
    pub item_id: String,
    /// Who spoke.
    pub speaker: Speaker,
    /// When it began.
    pub start: SentTime,
    /// When it ended.
    pub end: SentTime,
    /// Its words, if they are known.
    pub text: Option<String>,
    /// How whole they are.
    pub state: TurnState,
    /// In which of the session's calls it was said, counted from 0.
    pub call: u32,
}

/// A turn as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The provider's identifier of it.
    pub item_id: String,
    /// Who spoke.
    pub speaker: Speaker,
    /// Milliseconds on the session clock.
    pub start_ms: u32,
    /// Milliseconds on the session clock, never before `start_ms`.
    pub end_ms: u32,
    /// Its words, if they are known.
    pub text: Option<String>,
    /// How whole they are.
    pub state: TurnState,
    /// In which of the session's calls it was said, counted from 0.
    pub call: u32,
}

/// Turns that are not accepted as a partial transcript, which can be sent again.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTurns {
    /// There are more than [`MOST_TURNS`].
    #[error("there are more than {MOST_TURNS} turns")]
    TooMany,
    /// One has no identifier, or too long a one.
    #[error("turn {at} has an identifier that is empty or longer than {LONGEST_ITEM_ID} characters")]
    ItemId {
        /// Its place, counted from 0.
        at: usize,
    },
    /// Two have the same identifier.
    #[error("turn {at} has the identifier of an earlier one")]
    Repeated {
        /// Its place, counted from 0.
        at: usize,
    },
    /// One does not lie on the session clock, or ends before it begins.
    #[error("turn {at} has times that are not on the session clock")]
    Times {
        /// Its place, counted from 0.
        at: usize,
    },
}

/// Turns of which every one can be kept exactly as it was sent.
pub fn exact(sent: Vec<SentTurn>) -> Result<Vec<Turn>, BadTurns> {
    bounded(&sent)?;
    let mut seen = HashSet::new();
    for (at, turn) in sent.iter().enumerate() {
        if !seen.insert(turn.item_id.as_str()) {
            return Err(BadTurns::Repeated { at });
        }
    }
    sent.into_iter()
        .enumerate()
        .map(|(at, turn)| match (turn.start.on_the_clock(), turn.end.on_the_clock()) {
            (Some(start), Some(end)) if start <= end => Ok(turn.kept(start, end)),
            _ => Err(BadTurns::Times { at }),
        })
        .collect()
}

/// Refuses what could not be stored at all: too many turns, or identifiers that are none.
pub fn bounded(sent: &[SentTurn]) -> Result<(), BadTurns> {
    if sent.len() > MOST_TURNS {
        return Err(BadTurns::TooMany);
    }
    match sent.iter().position(|turn| !(1..=LONGEST_ITEM_ID).contains(&turn.item_id.chars().count())) {
        Some(at) => Err(BadTurns::ItemId { at }),
        None => Ok(()),
    }
}

/// What a browser sends when a conversation is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// All turns, in the order in which they were said.
    pub turns: Vec<SentTurn>,
    /// Its calls; `None` from a sender that knows of none.
    pub calls: Option<Vec<SentCall>>,
    /// How long it was.
    pub duration: SentTime,
}

/// A conversation that is over, with times that make sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// All turns, in the order in which they were said.
    pub turns: Vec<Turn>,
    /// Its calls, in the order of their numbers; each has an end.
    pub calls: Vec<Call>,
    /// How long it was; no turn and no call ends later.
    pub duration_ms: u32,
    /// Whether a time had to be changed for that.
    pub clamped: bool,
}

impl Ending {
    /// Brings times onto the session clock and keeps every word and call: also those that were saved before and are
    /// missing here.
    #[must_use]
    pub fn kept(self, saved: Vec<Turn>, saved_calls: Vec<Call>) -> Conversation {
        let stated = self.duration.on_the_clock();
        let mut clamped = stated.is_none();
        let mut turns: Vec<Turn> = self
            .turns
            .into_iter()
            .map(|turn| {
                let (start, end) = (turn.start.on_the_clock(), turn.end.on_the_clock());
                let begins = turn.start.bounded(stated.or(end));
                // An absurd end must not stretch the session: it becomes the end of the session as it was stated.
                let ends = turn.end.bounded(stated).max(begins);
                clamped |= start != Some(begins) || end != Some(ends);
                turn.kept(begins, ends)
            })
            .collect();
        unite(&mut turns, saved);

        let (calls, mended) = calls::mended(self.calls.unwrap_or_default(), stated, saved_calls);
        clamped |= mended;

        let last = last_moment(&turns, &calls);
        let duration_ms = stated.unwrap_or(last).max(last);
        clamped |= stated != Some(duration_ms);
        let calls = calls::closed(calls, &turns, duration_ms);
        Conversation { turns, calls, duration_ms, clamped }
    }

    pub(crate) fn fingerprint(&self, taker: Taker) -> Taker {
        let taker = self.turns.iter().fold(taker.number(self.duration.0), |taker, turn| {
            let taker = taker.text(&turn.item_id).text(turn.speaker.as_str()).text(turn.state.as_str());
            let taker = taker.number(turn.start.0).number(turn.end.0).number(f64::from(turn.call));
            match &turn.text {
                Some(text) => taker.text(text),
                None => taker.absent(),
            }
        });
        // A turn begins with a text, a call with a number: the two are not mistaken for one another.
        self.calls.iter().flatten().fold(taker, |taker, call| call.fingerprint(taker))
    }
}

impl Conversation {
    /// What was saved of a conversation that nobody ended. Its learner was still there `present_ms` after it began.
    #[must_use]
    pub fn broken_off(turns: Vec<Turn>, calls: Vec<Call>, present_ms: u32) -> Self {
        let duration_ms = last_moment(&turns, &calls).max(present_ms.min(LONGEST_MS));
        let calls = calls::closed(calls, &turns, duration_ms);
        Self { turns, calls, duration_ms, clamped: false }
    }
}

/// The latest moment that turns and calls tell of.
fn last_moment(turns: &[Turn], calls: &[Call]) -> u32 {
    turns.iter().map(|turn| turn.end_ms).max().unwrap_or(0).max(calls::last_moment(calls))
}

/// Adds to `turns` what only `saved` has: whole turns in their place, and words where a turn has lost its own.
fn unite(turns: &mut Vec<Turn>, saved: Vec<Turn>) {
    for earlier in saved {
        if let Some(turn) = turns.iter_mut().find(|turn| turn.item_id == earlier.item_id) {
            if turn.text.is_none() && earlier.text.is_some() {
                turn.text = earlier.text;
                turn.state = earlier.state;
            }
        } else {
            let place = turns.iter().position(|turn| turn.start_ms > earlier.start_ms).unwrap_or(turns.len());
            turns.insert(place, earlier);
        }
    }
}

impl SentTurn {
    fn kept(self, start_ms: u32, end_ms: u32) -> Turn {
        let Self { item_id, speaker, text, state, call, .. } = self;
        Turn { item_id, speaker, start_ms, end_ms, text, state, call }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sent(item_id: &str, start: f64, end: f64) -> SentTurn {
        SentTurn {
            item_id: item_id.into(),
            speaker: Speaker::Learner,
            start: SentTime::new(start),
            end: SentTime::new(end),
            text: Some(format!("words of {item_id}")),
            state: TurnState::Complete,
            call: 0,
        }
    }

    fn ending(turns: Vec<SentTurn>, duration: f64) -> Ending {
        Ending { turns, calls: None, duration: SentTime::new(duration) }
    }

    #[test]
    fn a_plain_ending_is_kept_as_it_is() {
        let kept =
            ending(vec![sent("a", 0.0, 900.0), sent("b", 1000.0, 2000.0)], 2500.0).kept(vec![], vec![]);
        assert_eq!((kept.duration_ms, kept.clamped, kept.turns.len()), (2500, false, 2));
    }

    #[test]
    fn an_absurd_end_becomes_the_end_of_the_session() {
        let kept = ending(vec![sent("a", -5.0, f64::INFINITY)], 2500.0).kept(vec![], vec![]);
        assert_eq!((kept.turns[0].start_ms, kept.turns[0].end_ms), (0, 2500));
        assert_eq!((kept.duration_ms, kept.clamped), (2500, true));
    }

    #[test]
    fn a_session_is_as_long_as_its_last_turn() {
        let kept = ending(vec![sent("a", 0.0, 9000.0)], 2500.0).kept(vec![], vec![]);
        assert_eq!((kept.duration_ms, kept.clamped), (9000, true));
    }

    #[test]
    fn a_turn_that_was_saved_and_is_missing_stands_in_its_place() {
        let saved = exact(vec![sent("a", 0.0, 10.0), sent("lost", 20.0, 30.0)]).unwrap();
        let kept = ending(vec![sent("a", 0.0, 10.0), sent("b", 40.0, 50.0)], 60.0).kept(saved, vec![]);
        let order: Vec<_> = kept.turns.iter().map(|turn| turn.item_id.as_str()).collect();
        assert_eq!(order, ["a", "lost", "b"]);
    }

    #[test]
    fn words_that_were_saved_outlive_a_turn_without_words() {
        let saved = exact(vec![sent("a", 0.0, 10.0)]).unwrap();
        let silent = SentTurn { text: None, state: TurnState::NotTranscribed, ..sent("a", 0.0, 12.0) };
        let kept = ending(vec![silent], 12.0).kept(saved, vec![]);
        assert_eq!(kept.turns[0].text.as_deref(), Some("words of a"));
        assert_eq!((kept.turns[0].state, kept.turns[0].end_ms), (TurnState::Complete, 12));
    }

    #[test]
    fn a_session_is_as_long_as_its_last_call() {
        let call = SentCall { number: 0, start: SentTime::new(0.0), end: Some(SentTime::new(4000.0)) };
        let spoken = Ending { calls: Some(vec![call]), ..ending(vec![sent("a", 0.0, 900.0)], 2500.0) };
        let kept = spoken.kept(vec![], vec![]);
        assert_eq!((kept.duration_ms, kept.calls[0].end_ms, kept.clamped), (4000, Some(4000), true));
    }

    #[test]
    fn an_ending_says_something_else_when_its_calls_do() {
        let taken = |ending: &Ending| ending.fingerprint(Taker::default()).done();
        let call = |end| SentCall { number: 0, start: SentTime::new(0.0), end };
        let plain = ending(vec![sent("a", 0.0, 900.0)], 2500.0);
        let mut seen = vec![taken(&plain)];
        for end in [None, Some(SentTime::new(0.0)), Some(SentTime::new(1.0))] {
            seen.push(taken(&Ending { calls: Some(vec![call(end)]), ..plain.clone() }));
        }
        for (at, one) in seen.iter().enumerate() {
            assert!(!seen[at + 1..].contains(one), "{at}");
        }
    }

    #[test]
    fn a_conversation_nobody_ended_lasts_as_long_as_anybody_was_known_to_be_there() {
        let turns = exact(vec![sent("a", 0.0, 900.0)]).unwrap();
        let lasted = |present| Conversation::broken_off(turns.clone(), vec![], present).duration_ms;
        assert_eq!((lasted(0), lasted(4000), lasted(u32::MAX)), (900, 4000, LONGEST_MS));
    }

    #[test]
    fn partial_turns_with_odd_times_are_refused_by_their_place() {
        for (start, end) in [
            (10.0, 9.0),
            (-1.0, 5.0),
            (0.0, f64::NAN),
            (0.0, f64::INFINITY),
            (0.0, f64::from(LONGEST_MS) + 1.0),
        ] {
            let refused = exact(vec![sent("a", 0.0, 1.0), sent("b", start, end)]);
            assert_eq!(refused, Err(BadTurns::Times { at: 1 }), "{start} to {end}");
        }
    }

    proptest! {
        #[test]
        fn no_word_is_ever_lost_and_every_time_makes_sense(
            times in prop::collection::vec((any::<f64>(), any::<f64>()), 0..20),
            saved in prop::collection::vec((0_u32..1000, 0_u32..1000), 0..20),
            duration in any::<f64>(),
        ) {
            let saved: Vec<_> = saved
                .iter()
                .enumerate()
                .map(|(at, (start, length))| {
                    sent(&format!("{}", at * 2), f64::from(*start), f64::from(start + length))
                })
                .collect();
            let sent: Vec<_> =
                times.iter().enumerate().map(|(at, (start, end))| sent(&format!("{at}"), *start, *end)).collect();
            let saved = exact(saved).unwrap();
            let ids: HashSet<_> = sent.iter().map(|turn| turn.item_id.clone()).chain(saved.iter().map(|turn| turn.item_id.clone())).collect();
            let kept = ending(sent, duration).kept(saved, vec![]);
            prop_assert_eq!(kept.turns.iter().map(|turn| turn.item_id.clone()).collect::<HashSet<_>>(), ids);
            for turn in &kept.turns {
                prop_assert!(turn.start_ms <= turn.end_ms && turn.end_ms <= kept.duration_ms && kept.duration_ms <= LONGEST_MS);
            }
        }
    }
}
