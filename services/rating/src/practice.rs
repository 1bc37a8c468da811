//! What rating has heard about a session, and what that asks of it.

use clock::Timestamp;
use ids::{LearnerId, SessionId};
use std::time::Duration;

/// A session as rating knows it. Its facts come in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Practice {
    /// Which session.
    pub session: SessionId,
    /// Whose.
    pub learner: LearnerId,
    /// Known once it is over.
    pub finalized: Option<Finalized>,
    /// The newest recording, 0 while there is none.
    pub recording_revision: u32,
    /// How often the learner asked for another rating.
    pub requests: i64,
    /// The newest revision given to an outcome.
    pub rating_revision: u32,
    /// What the newest outcome took into account.
    pub answered: Option<Answered>,
    /// Whether the learner deleted it.
    pub deleted: bool,
}

/// The end of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finalized {
    /// When.
    pub at: Timestamp,
    /// Whether a recording may come.
    pub keeps_recording: bool,
}

/// What an outcome took into account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The recording it heard, 0 for none.
    pub recording_revision: u32,
    /// The requests before it.
    pub requests: i64,
}

impl Practice {
    /// A session nothing is known of.
    pub const fn unheard_of(session: SessionId, learner: LearnerId) -> Self {
        Self {
            session,
            learner,
            finalized: None,
            recording_revision: 0,
            requests: 0,
            rating_revision: 0,
            answered: None,
            deleted: false,
        }
    }

    /// How long to wait before it is rated; `None` when there is nothing to rate now.
    pub fn due_in(&self, now: Timestamp, patience: Duration) -> Option<Duration> {
        let finalized = self.finalized.filter(|_| !self.deleted && !self.is_answered())?;
        if self.recording_revision > 0 || !finalized.keeps_recording {
            return Some(Duration::ZERO);
        }
        let until = finalized.at + patience;
        // By a clock that is behind it would be longer.
        Some(Duration::try_from(until - now).unwrap_or(Duration::ZERO).min(patience))
    }

    fn is_answered(&self) -> bool {
        self.answered.is_some_and(|answered| {
            answered.recording_revision >= self.recording_revision && answered.requests >= self.requests
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ids::Ids;

    const PATIENCE: Duration = Duration::from_mins(10);

    fn over(keeps_recording: bool) -> Practice {
        Practice {
            finalized: Some(Finalized { at: Timestamp::UNIX_EPOCH, keeps_recording }),
            ..Practice::unheard_of(Ids.mint(), Ids.mint())
        }
    }

    fn after(seconds: u64) -> Timestamp {
        Timestamp::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_session_waits_for_its_recording_but_not_for_ever() {
        assert_eq!(over(true).due_in(after(60), PATIENCE), Some(Duration::from_mins(9)));
        assert_eq!(over(true).due_in(after(6000), PATIENCE), Some(Duration::ZERO));
        let behind = Timestamp::UNIX_EPOCH - Duration::from_hours(1);
        assert_eq!(over(true).due_in(behind, PATIENCE), Some(PATIENCE));
        assert_eq!(over(false).due_in(after(60), PATIENCE), Some(Duration::ZERO));
        let recorded = Practice { recording_revision: 1, ..over(true) };
        assert_eq!(recorded.due_in(after(60), PATIENCE), Some(Duration::ZERO));
    }

    #[test]
    fn a_session_that_still_runs_is_not_rated() {
        let open = Practice { recording_revision: 1, requests: 1, finalized: None, ..over(true) };
        assert_eq!(open.due_in(after(0), PATIENCE), None);
    }

    #[test]
    fn a_rated_session_is_rated_again_only_for_a_reason() {
        let answered = Some(Answered { recording_revision: 1, requests: 0 });
        let rated = Practice { recording_revision: 1, answered, ..over(true) };
        assert_eq!(rated.due_in(after(0), PATIENCE), None);
        assert!(Practice { recording_revision: 2, ..rated.clone() }.due_in(after(0), PATIENCE).is_some());
        assert!(Practice { requests: 1, ..rated.clone() }.due_in(after(0), PATIENCE).is_some());
        assert_eq!(Practice { requests: 1, deleted: true, ..rated }.due_in(after(0), PATIENCE), None);
    }
}
