//! How often a learner may call, and for how long: pure arithmetic over what was used before.

use clock::Timestamp;
use ids::{LearnerId, SessionId};
use std::time::Duration;

/// The shortest practice worth a call: with less than this left of the day, there is no call.
const WORTH_A_CALL: Duration = Duration::from_mins(1);
/// From midnight to midnight, in UTC.
const DAY: Duration = Duration::from_hours(24);

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
    /// Calls that are the first of their session, per learner.
    FirstCalls,
    /// Later calls of one session.
    ReDials,
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
    /// How long the window is.
    pub window: Duration,
    /// How much is left of it.
    pub left: u64,
    /// When there is more.
    pub more_in: Duration,
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
        // A time ahead of ours was written by a replica whose clock is ahead; it counts as now.
        taken.retain(|&at| now - at < self.window);
        let admitted = taken.len() < self.quota as usize;
        if admitted {
            taken.push(now);
        }
        let oldest = taken.iter().min().copied().unwrap_or(now);
        let standing = Standing {
            limited: self.limited,
            quota: self.quota.into(),
            window: self.window,
            left: (self.quota as usize).saturating_sub(taken.len()) as u64,
            more_in: (oldest + self.window - now).try_into().unwrap_or(self.window),
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
        if quota.counts_today(now) {
            self.erased = self.erased_today(now) + quota.used(now);
            self.erased_on = Some(now.date());
        }
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
    /// How long one call may take; `None` until there was one.
    pub allowed: Option<Duration>,
    /// Calls it got a secret for.
    pub calls: u32,
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
    /// Practice time until now. A session somebody walked away from does not run for ever: it uses no more than
    /// its calls may take.
    #[must_use]
    pub fn used(&self, now: Timestamp) -> Duration {
        if let Some(closed) = self.closed {
            return closed.took;
        }
        let running = Duration::try_from(now - self.started_at).unwrap_or_default();
        running.min(self.allowed.unwrap_or_default() * self.calls)
    }

    /// Whether it counts for the present day: it is open, or was until some time today.
    #[must_use]
    pub fn counts_today(&self, now: Timestamp) -> bool {
        self.closed.is_none_or(|closed| closed.at >= day_of(now))
    }

    /// Whether a call of it was ever possible, so that the next one is another dial.
    #[must_use]
    pub fn was_called(&self) -> bool {
        self.calls > 0
    }
}

/// The beginning of the day, in UTC, from which minutes are counted.
#[must_use]
pub fn day_of(now: Timestamp) -> Timestamp {
    now.replace_time(time::Time::MIDNIGHT)
}

/// What is left of the day's minutes after `used`; an error when that is not worth a call.
pub fn minutes_left(
    daily_minutes: u32,
    used: Duration,
    now: Timestamp,
) -> Result<(Duration, Standing), Standing> {
    let quota = Duration::from_mins(daily_minutes.into());
    let left = quota.saturating_sub(used);
    let standing = Standing {
        limited: Limited::DailyMinutes,
        quota: daily_minutes.into(),
        window: DAY,
        left: left.as_secs() / 60,
        more_in: (day_of(now) + DAY - now).try_into().unwrap_or(DAY),
    };
    if left < WORTH_A_CALL { Err(standing) } else { Ok((left, standing)) }
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
            calls: 1,
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
        assert_eq!(LIMIT.take(&mut taken, at(30)).unwrap_err().more_in, Duration::from_secs(30));
        assert!(LIMIT.take(&mut taken, at(60)).is_ok());
        assert_eq!(taken, [at(20), at(60)], "a refused call is not counted, an old one is forgotten");
    }

    #[test]
    fn a_quota_of_none_admits_nobody() {
        let none = CallLimit { quota: 0, ..LIMIT };
        assert_eq!(none.take(&mut Vec::new(), at(0)).unwrap_err().more_in, none.window);
    }

    #[test]
    fn an_open_session_runs_until_its_calls_must_be_over() {
        assert_eq!(quota().used(at(60)), Duration::from_mins(1));
        assert_eq!(quota().used(at(36_000)), Duration::from_mins(6));
        assert_eq!(SessionQuota { calls: 2, ..quota() }.used(at(36_000)), Duration::from_mins(12));
        assert_eq!(SessionQuota { calls: 0, allowed: None, ..quota() }.used(at(60)), Duration::ZERO);
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
        let (left, standing) = minutes_left(120, Duration::from_mins(100), noon).unwrap();
        assert_eq!((left, standing.left), (Duration::from_mins(20), 20));
        let spent = minutes_left(120, Duration::from_secs(119 * 60 + 30), noon).unwrap_err();
        assert_eq!((spent.left, spent.more_in), (0, Duration::from_hours(12)));
    }
}
