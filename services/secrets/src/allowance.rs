//! How often a learner may call, and for how long: pure arithmetic over what was used before.

use clock::Timestamp;
use ids::{LearnerId, SessionId};
use std::time::Duration;

/// The shortest practice worth beginning: with less than this left of the day, there is no first call.
const WORTH_A_CALL: Duration = Duration::from_mins(1);
/// A practice that is under way may use up the rest.
const WORTH_A_RE_DIAL: Duration = Duration::from_secs(1);
/// From midnight to midnight, in UTC.
const DAY: Duration = Duration::from_hours(24);

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
    /// Calls that are the first of their session, per learner.
    FirstCalls,
    /// Later calls of one session.
    ReDials,
    /// Minutes of calls, per session.
    SessionMinutes,
    /// Minutes of practice, per learner and day.
    DailyMinutes,
}

impl Limited {
    /// Its name to a caller.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstCalls => "first-calls",
            Self::ReDials => "re-dials",
            Self::SessionMinutes => "session-minutes",
            Self::DailyMinutes => "daily-minutes",
        }
    }
}

/// How much of a limit is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Which limit.
    pub limited: Limited,
    /// How much there is in one window.
    pub quota: u64,
    /// How long the window is; `None` when there is only one.
    pub window: Option<Duration>,
    /// How much is left of it.
    pub left: u64,
    /// When there is more; `None` for never.
    pub more_in: Option<Duration>,
}

/// At most so many calls within any stretch of this length.
#[derive(Clone, Copy, Debug)]
pub struct CallLimit {
    /// What is limited.
    pub limited: Limited,
    /// How many.
    pub quota: u32,
    /// Within which time.
    pub window: Duration,
}

impl CallLimit {
    /// Takes one call. `taken` holds the times of earlier ones; what is too old to count is removed from it.
    pub fn take(&self, taken: &mut Vec<Timestamp>, now: Timestamp) -> Result<Standing, Standing> {
        // A time a little ahead of ours was written by a replica whose clock is ahead. One that is far ahead was written
        // before a clock was set back, and would count until it is there again.
        taken.retain(|&at| (now - at).abs() < self.window);
        let admitted = taken.len() < self.quota as usize;
        if admitted {
            taken.push(now);
        }
        let oldest = taken.iter().min().copied().unwrap_or(now);
        let standing = Standing {
            limited: self.limited,
            quota: self.quota.into(),
            window: Some(self.window),
            left: (self.quota as usize).saturating_sub(taken.len()) as u64,
            more_in: Some((oldest + self.window - now).try_into().unwrap_or(self.window)),
        };
        if admitted { Ok(standing) } else { Err(standing) }
    }
}

/// What a learner has used beyond the sessions that still exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LearnerAllowance {
    /// When the latest first calls were asked for.
    pub first_calls: Vec<Timestamp>,
    /// The day, in UTC, `erased` counts for.
    pub erased_on: Option<time::Date>,
    /// What sessions that counted for that day had used when they were deleted.
    pub erased: Duration,
}

impl LearnerAllowance {
    /// Used today by sessions that do not exist any more.
    #[must_use]
    pub fn erased_today(&self, now: Timestamp) -> Duration {
        if self.erased_on == Some(now.date()) { self.erased } else { Duration::ZERO }
    }

    /// Keeps what a deleted session has used, so that deleting gives no minutes back.
    pub fn erase(&mut self, quota: &SessionQuota, now: Timestamp) {
        let used = quota.used_today(now);
        if !used.is_zero() {
            self.erased = self.erased_today(now) + used;
            self.erased_on = Some(now.date());
        }
    }
}

/// One call that we made, from when it was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallTime {
    /// When it began.
    pub opened_at: Timestamp,
    /// When it is hung up at the latest.
    pub ends_by: Timestamp,
    /// When it ended; `None` while it goes on.
    pub ended_at: Option<Timestamp>,
}

impl CallTime {
    /// How much of it was after `from`.
    fn since(&self, from: Timestamp, now: Timestamp) -> Duration {
        let end = self.ended_at.unwrap_or(now).min(self.ends_by);
        (end - self.opened_at.max(from)).try_into().unwrap_or_default()
    }
}

/// What one session has used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionQuota {
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub learner: LearnerId,
    /// When it was started.
    pub started_at: Timestamp,
    /// How long one direct call may take; `None` until there was one.
    pub allowed: Option<Duration>,
    /// Direct calls it got a secret for.
    pub direct_calls: u32,
    /// Calls that we made for it.
    pub relayed: Vec<CallTime>,
    /// When the latest calls after the first were asked for.
    pub re_dials: Vec<Timestamp>,
    /// How it ended; `None` while it is open.
    pub closed: Option<Closed>,
}

/// The end of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// When it was finalized.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
}

impl SessionQuota {
    /// Practice time until now: what its calls took where we made them ourselves.
    ///
    /// Of a direct call nobody knows when it ended, so the whole session counts; but one that somebody walked away
    /// from does not run for ever: it uses no more than its calls may take.
    #[must_use]
    pub fn used(&self, now: Timestamp) -> Duration {
        if self.direct_calls == 0 {
            return self.relayed.iter().map(|call| call.since(call.opened_at, now)).sum();
        }
        if let Some(closed) = self.closed {
            return closed.took;
        }
        let running = Duration::try_from(now - self.started_at).unwrap_or_default();
        running.min(self.allowed.unwrap_or_default() * self.direct_calls)
    }

    /// As much of [`Self::used`] as counts for the present day. A session with direct calls counts whole while it is
    /// open, and on the day it was finalized.
    #[must_use]
    pub fn used_today(&self, now: Timestamp) -> Duration {
        if self.direct_calls == 0 {
            return self.relayed.iter().map(|call| call.since(day_of(now), now)).sum();
        }
        if self.closed.is_none_or(|closed| closed.at >= day_of(now)) {
            self.used(now)
        } else {
            Duration::ZERO
        }
    }

    /// Whether it ever had a call, so that the next one is another dial.
    #[must_use]
    pub fn was_called(&self) -> bool {
        self.direct_calls > 0 || !self.relayed.is_empty()
    }
}

/// The beginning of the day, in UTC, from which minutes are counted.
#[must_use]
pub fn day_of(now: Timestamp) -> Timestamp {
    now.replace_time(time::Time::MIDNIGHT)
}

/// When the next day begins, and with it new minutes.
#[must_use]
pub fn day_after(now: Timestamp) -> Timestamp {
    day_of(now) + DAY
}

/// What is left of the day's minutes after `used`; an error when that is not worth a call.
pub fn minutes_left(
    daily_minutes: u32,
    used: Duration,
    now: Timestamp,
    re_dial: bool,
) -> Result<(Duration, Standing), Standing> {
    let quota = Duration::from_mins(daily_minutes.into());
    let left = quota.saturating_sub(used);
    let standing = Standing {
        limited: Limited::DailyMinutes,
        quota: daily_minutes.into(),
        window: Some(DAY),
        left: left.as_secs() / 60,
        more_in: Some((day_after(now) - now).try_into().unwrap_or(DAY)),
    };
    let worth = if re_dial { WORTH_A_RE_DIAL } else { WORTH_A_CALL };
    if left < worth { Err(standing) } else { Ok((left, standing)) }
}

/// What is left of a session's own time; an error when there is nothing.
pub fn session_left(limit: Duration, used: Duration) -> Result<Duration, Standing> {
    let left = limit.saturating_sub(used);
    if left >= WORTH_A_RE_DIAL {
        return Ok(left);
    }
    Err(Standing {
        limited: Limited::SessionMinutes,
        quota: limit.as_secs() / 60,
        window: None,
        left: 0,
        more_in: None,
    })
}

/// How long a call of a lesson may take: a fifth longer than planned, because learners take their time.
#[must_use]
pub fn call_length(lesson_minutes: u32) -> Duration {
    Duration::from_secs(u64::from(lesson_minutes) * 72)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clock::from_millis;
    use ids::Ids;

    const LIMIT: CallLimit =
        CallLimit { limited: Limited::FirstCalls, quota: 2, window: Duration::from_mins(1) };

    fn at(seconds: i64) -> Timestamp {
        from_millis(1_795_190_400_000 + seconds * 1000)
    }

    fn quota() -> SessionQuota {
        SessionQuota {
            session: Ids.mint(),
            learner: Ids.mint(),
            started_at: at(0),
            allowed: Some(call_length(5)),
            direct_calls: 1,
            relayed: Vec::new(),
            re_dials: Vec::new(),
            closed: None,
        }
    }

    fn closed(after_s: i64, took: Duration) -> SessionQuota {
        SessionQuota { closed: Some(Closed { at: at(after_s), took }), ..quota() }
    }

    #[test]
    fn a_limit_is_full_until_its_oldest_call_is_a_window_old() {
        let mut taken = Vec::new();
        assert_eq!(LIMIT.take(&mut taken, at(0)).unwrap().left, 1);
        assert_eq!(LIMIT.take(&mut taken, at(20)).unwrap().left, 0);
        assert_eq!(LIMIT.take(&mut taken, at(30)).unwrap_err().more_in, Some(Duration::from_secs(30)));
        assert!(LIMIT.take(&mut taken, at(60)).is_ok());
        assert_eq!(taken, [at(20), at(60)], "a refused call is not counted, an old one is forgotten");
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_out_until_it_is_there_again() {
        let mut taken = vec![at(3600), at(3610)];
        assert_eq!(LIMIT.take(&mut taken, at(20)).unwrap().left, 1);
        let mut ahead = vec![at(40), at(50)];
        assert!(LIMIT.take(&mut ahead, at(20)).is_err(), "of a replica whose clock is ahead");
    }

    #[test]
    fn a_quota_of_none_admits_nobody() {
        let none = CallLimit { quota: 0, ..LIMIT };
        assert_eq!(none.take(&mut Vec::new(), at(0)).unwrap_err().more_in, Some(none.window));
    }

    #[test]
    fn an_open_session_runs_until_its_calls_must_be_over() {
        assert_eq!(quota().used(at(60)), Duration::from_mins(1));
        assert_eq!(quota().used(at(36_000)), Duration::from_mins(6));
        assert_eq!(SessionQuota { direct_calls: 2, ..quota() }.used(at(36_000)), Duration::from_mins(12));
        assert_eq!(SessionQuota { direct_calls: 0, allowed: None, ..quota() }.used(at(60)), Duration::ZERO);
    }

    #[test]
    fn a_finished_session_used_what_it_took() {
        let finished = closed(300, Duration::from_secs(200));
        assert_eq!(finished.used(at(36_000)), Duration::from_secs(200));
    }

    #[test]
    fn a_session_from_the_future_used_nothing_yet() {
        assert_eq!(quota().used(at(-5)), Duration::ZERO);
    }

    #[test]
    fn deleting_a_session_gives_no_minutes_back_until_tomorrow() {
        let mut allowance = LearnerAllowance::default();
        allowance.erase(&quota(), at(60));
        allowance.erase(&closed(65, Duration::from_mins(3)), at(70));
        assert_eq!(allowance.erased_today(at(80)), Duration::from_mins(4));
        assert_eq!(allowance.erased_today(at(86_400)), Duration::ZERO);
        allowance.erase(&closed(65, Duration::from_mins(3)), at(86_400));
        assert_eq!(allowance.erased_today(at(86_400)), Duration::ZERO, "yesterday's session is not today's");
    }

    #[test]
    fn a_day_ends_at_midnight() {
        let noon = day_of(at(0)) + Duration::from_hours(12);
        let (left, standing) = minutes_left(120, Duration::from_mins(100), noon, false).unwrap();
        assert_eq!((left, standing.left), (Duration::from_mins(20), 20));
        let nearly = Duration::from_secs(119 * 60 + 30);
        let spent = minutes_left(120, nearly, noon, false).unwrap_err();
        assert_eq!((spent.left, spent.more_in), (0, Some(Duration::from_hours(12))));
        assert!(minutes_left(120, nearly, noon, true).is_ok(), "who was cut off may say goodbye");
        assert!(minutes_left(120, Duration::from_hours(2), noon, true).is_err());
    }

    fn relayed(calls: &[(i64, i64, Option<i64>)]) -> SessionQuota {
        let call = |&(opened, ends_by, ended): &(i64, i64, Option<i64>)| CallTime {
            opened_at: at(opened),
            ends_by: at(ends_by),
            ended_at: ended.map(at),
        };
        SessionQuota { direct_calls: 0, allowed: None, relayed: calls.iter().map(call).collect(), ..quota() }
    }

    #[test]
    fn a_session_of_relayed_calls_used_what_these_took() {
        let session = relayed(&[(10, 370, Some(40)), (100, 460, None)]);
        assert_eq!(session.used(at(90)), Duration::from_secs(30));
        assert_eq!(session.used(at(120)), Duration::from_secs(50));
        assert_eq!(session.used(at(36_000)), Duration::from_secs(30 + 360), "no call outlives its leash");
        let closed = SessionQuota {
            closed: Some(Closed { at: at(50), took: Duration::from_hours(1) }),
            ..relayed(&[(10, 370, Some(40))])
        };
        assert_eq!(closed.used(at(60)), Duration::from_secs(30), "what the browser says changes nothing");
        assert_eq!(relayed(&[]).used(at(60)), Duration::ZERO);
    }

    #[test]
    fn a_call_over_midnight_counts_for_both_days() {
        let midnight = clock::millis(day_of(at(0))) / 1000 - clock::millis(at(0)) / 1000 + 86_400;
        let session = relayed(&[(midnight - 30, midnight + 330, Some(midnight + 20))]);
        assert_eq!(session.used_today(at(midnight + 60)), Duration::from_secs(20));
        assert_eq!(session.used(at(midnight + 60)), Duration::from_secs(50));
    }

    #[test]
    fn a_session_has_an_end_however_often_it_is_dialled() {
        let limit = Duration::from_mins(30);
        assert_eq!(session_left(limit, Duration::from_mins(29)), Ok(Duration::from_mins(1)));
        let spent = session_left(limit, limit).unwrap_err();
        assert_eq!((spent.limited.as_str(), spent.left, spent.more_in), ("session-minutes", 0, None));
    }
}
