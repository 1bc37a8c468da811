//! In which calls a session was spoken: stretches of the session clock between which nobody could be heard.

use crate::{
    fingerprint::Taker,
    turns::{SentTime, Turn},
};

/// More calls than any session has, however often its connection is lost.
pub const MOST_CALLS: usize = 1000;

/// A call as a browser sent it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SentCall {
    /// Which one, counted from 0.
    pub number: u32,
    /// When it was connected.
    pub start: SentTime,
    /// When it was lost or ended; `None` while it lasts.
    pub end: Option<SentTime>,
}

/// A call as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which one, counted from 0.
    pub number: u32,
    /// Milliseconds on the session clock.
    pub start_ms: u32,
    /// Milliseconds on the session clock, never before `start_ms`; `None` while it lasts.
    pub end_ms: Option<u32>,
}

/// Calls that are not accepted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCalls {
    /// There are more than [`MOST_CALLS`].
    #[error("there are more than {MOST_CALLS} calls")]
    TooMany,
    /// One has the number of an earlier one, or a lower one.
    #[error("call {at} has no higher number than the one before")]
    Number {
        /// Its place, counted from 0.
        at: usize,
    },
    /// One does not lie on the session clock, or ends before it begins.
    #[error("call {at} has times that are not on the session clock")]
    Times {
        /// Its place, counted from 0.
        at: usize,
    },
}

/// Calls of which every one can be kept exactly as it was sent.
pub fn exact(sent: &[SentCall]) -> Result<Vec<Call>, BadCalls> {
    bounded(sent)?;
    if let Some(before) = sent.windows(2).position(|pair| pair[0].number >= pair[1].number) {
        return Err(BadCalls::Number { at: before + 1 });
    }
    sent.iter().enumerate().map(|(at, call)| call.exact().ok_or(BadCalls::Times { at })).collect()
}

/// Refuses what could not be stored at all.
pub fn bounded(sent: &[SentCall]) -> Result<(), BadCalls> {
    if sent.len() > MOST_CALLS { Err(BadCalls::TooMany) } else { Ok(()) }
}

impl SentCall {
    fn exact(&self) -> Option<Call> {
        let start_ms = self.start.on_the_clock()?;
        let end_ms = match self.end {
            None => None,
            Some(end) => Some(end.on_the_clock().filter(|end| *end >= start_ms)?),
        };
        Some(Call { number: self.number, start_ms, end_ms })
    }

    pub(crate) fn fingerprint(&self, taker: Taker) -> Taker {
        let taker = taker.number(f64::from(self.number)).number(self.start.number());
        match self.end {
            Some(end) => taker.number(end.number()),
            None => taker.absent(),
        }
    }
}

/// Brings calls into the order of their numbers and onto the session clock, and adds those that only `saved` has. Says
/// whether anything that was sent had to be changed for that. `stated` is the end of the session as it was stated.
pub fn mended(sent: Vec<SentCall>, stated: Option<u32>, saved: Vec<Call>) -> (Vec<Call>, bool) {
    let mut changed = sent.windows(2).any(|pair| pair[0].number >= pair[1].number);
    let mut calls: Vec<Call> = Vec::new();
    for call in sent {
        let kept = call.exact().unwrap_or_else(|| {
            changed = true;
            let start_ms = call.start.bounded(stated);
            Call {
                number: call.number,
                start_ms,
                end_ms: call.end.map(|end| end.bounded(stated).max(start_ms)),
            }
        });
        if calls.iter().all(|earlier| earlier.number != kept.number) {
            calls.push(kept);
        }
    }
    for earlier in saved {
        if calls.iter().all(|call| call.number != earlier.number) {
            calls.push(earlier);
        }
    }
    calls.sort_by_key(|call| call.number);
    (calls, changed)
}

/// Ends every call of a session that is over. One of which nobody saw the end lasted as long as somebody was heard in it,
/// and the last one as long as the session.
pub fn closed(mut calls: Vec<Call>, turns: &[Turn], duration_ms: u32) -> Vec<Call> {
    let last = calls.len().saturating_sub(1);
    for (at, call) in calls.iter_mut().enumerate() {
        if call.end_ms.is_none() {
            let heard = turns.iter().filter(|turn| turn.call == call.number).map(|turn| turn.end_ms).max();
            let end = if at == last { duration_ms } else { heard.unwrap_or(call.start_ms) };
            call.end_ms = Some(end.max(call.start_ms));
        }
    }
    calls
}

/// The latest moment that calls tell of.
pub fn last_moment(calls: &[Call]) -> u32 {
    calls.iter().map(|call| call.end_ms.unwrap_or(call.start_ms)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Speaker, TurnState};

    fn sent(number: u32, start: f64, end: Option<f64>) -> SentCall {
        SentCall { number, start: SentTime::new(start), end: end.map(SentTime::new) }
    }

    fn call(number: u32, start_ms: u32, end_ms: Option<u32>) -> Call {
        Call { number, start_ms, end_ms }
    }

    #[test]
    fn calls_in_order_are_kept_as_they_are() {
        let calls = [sent(0, 10.4, Some(900.0)), sent(2, 2000.0, None)];
        assert_eq!(exact(&calls).unwrap(), [call(0, 10, Some(900)), call(2, 2000, None)]);
    }

    #[test]
    fn calls_out_of_order_or_off_the_clock_are_refused_by_their_place() {
        assert_eq!(exact(&[sent(1, 0.0, None), sent(1, 5.0, None)]), Err(BadCalls::Number { at: 1 }));
        for odd in [sent(1, 9.0, Some(8.0)), sent(1, -1.0, None), sent(1, 0.0, Some(f64::INFINITY))] {
            assert_eq!(exact(&[sent(0, 0.0, None), odd]), Err(BadCalls::Times { at: 1 }), "{odd:?}");
        }
        assert_eq!(exact(&vec![sent(0, 0.0, None); MOST_CALLS + 1]), Err(BadCalls::TooMany));
    }

    #[test]
    fn odd_calls_are_mended_at_the_end_and_that_is_said() {
        let odd = vec![sent(1, 3000.0, Some(f64::INFINITY)), sent(0, -4.0, Some(2000.0))];
        let (calls, changed) = mended(odd, Some(5000), vec![]);
        assert_eq!((calls, changed), (vec![call(0, 0, Some(2000)), call(1, 3000, Some(5000))], true));
    }

    #[test]
    fn a_call_that_was_saved_and_is_missing_is_kept() {
        let (calls, changed) = mended(vec![sent(1, 900.0, None)], Some(5000), vec![call(0, 0, Some(500))]);
        assert_eq!((calls, changed), (vec![call(0, 0, Some(500)), call(1, 900, None)], false));
    }

    #[test]
    fn a_call_of_which_nobody_saw_the_end_lasts_as_long_as_somebody_was_heard_in_it() {
        let turn = Turn {
            item_id: "a".into(),
            speaker: Speaker::Learner,
            start_ms: 100,
            end_ms: 700,
            text: None,
            state: TurnState::NotTranscribed,
            call: 0,
        };
        let calls = closed(vec![call(0, 0, None), call(1, 900, None), call(2, 1500, None)], &[turn], 4000);
        assert_eq!(calls, [call(0, 0, Some(700)), call(1, 900, Some(900)), call(2, 1500, Some(4000))]);
    }
}
