//! How long the next call of a session may take: one rule for the mint and for the call.

use super::{Secrets, denial::Denial};
use crate::{
    allowance::{self, LearnerAllowance, SessionQuota, Standing},
    session_registry::Practice,
    store,
};
use clock::Timestamp;
use lesson::Lesson;
use sqlx::PgConnection;
use std::time::Duration;

/// What is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// Until the next call must be over.
    pub(super) for_a_call: Duration,
    /// Of the learner's day.
    pub(super) today: Standing,
}

impl Secrets {
    /// A session of this learner's that is open, with its lesson: asked of `sessions`, because events may be late.
    pub(super) async fn open_practice(
        &self,
        learner: ids::LearnerId,
        session: ids::SessionId,
    ) -> Result<(Practice, Lesson), Denial> {
        let practice = self
            .sessions
            .find(session)
            .await
            .map_err(Denial::Lookup)?
            .filter(|practice| practice.learner == learner)
            .ok_or(Denial::NoSession { learner, session })?;
        if practice.finalized {
            return Err(Denial::Finalized { session });
        }
        let lesson = practice.lesson().map_err(|source| Denial::Lesson { session, source })?;
        Ok((practice, lesson))
    }

    /// What is left for the next call, with the learner's row locked: the lesson's time or what is left of the
    /// session's or of the day's, whichever is shortest.
    pub(super) async fn budget(
        &self,
        tx: &mut PgConnection,
        quota: &SessionQuota,
        used_by_learner: &LearnerAllowance,
        lesson: &Lesson,
        now: Timestamp,
    ) -> Result<Budget, Denial> {
        let (learner, session) = (quota.learner, quota.session);
        let reached = |standing| Denial::LimitReached { learner, standing };
        let today = store::quotas_since(tx, learner, allowance::day_of(now))
            .await
            .map_err(|source| Denial::Store { session, source })?;
        let used = today.iter().map(|quota| quota.used_today(now)).sum::<Duration>()
            + used_by_learner.erased_today(now);
        let re_dial = quota.was_called();
        let (of_the_day, today) =
            allowance::minutes_left(self.limits.daily_minutes, used, now, re_dial).map_err(reached)?;
        let of_the_session =
            allowance::session_left(self.limits.session, quota.used(now)).map_err(reached)?;
        let for_a_call = allowance::call_length(lesson.minutes).min(of_the_session).min(of_the_day);
        Ok(Budget { for_a_call, today })
    }
}
