//! How long the next call of a session may take: one rule for the mint and for the call.

use super::{Secrets, denial::Denial};
use crate::{
    allowance::{self, LearnerAllowance, SessionQuota, Standing},
    session_registry::Practice,
    store,
};
use clock::Timestamp;
use ids::LearnerId;
use lesson::Lesson;
use postgres::StoreError;
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

/// Practice time of the present day, of sessions that exist and of deleted ones.
pub(super) async fn used_today(
    connection: &mut PgConnection,
    learner: LearnerId,
    used_by_learner: &LearnerAllowance,
    now: Timestamp,
) -> Result<Duration, StoreError> {
    let today = store::quotas_since(connection, learner, allowance::day_of(now)).await?;
    let by_sessions: Duration = today.iter().map(|quota| quota.used_today(now)).sum();
    Ok(by_sessions + used_by_learner.erased_today(now))
}

impl Secrets {
    /// A session of this learner's that is open, with its lesson: asked of `sessions`, because events may be late.
    pub(super) async fn open_practice(
        &self,
        learner: LearnerId,
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
        let used = used_today(tx, learner, used_by_learner, now)
            .await
            .map_err(|source| Denial::Store { session, source })?;
        let re_dial = quota.was_called();
        let (of_the_day, today) =
            allowance::minutes_left(self.limits.daily_minutes, used, now, re_dial).map_err(reached)?;
        let of_the_session =
            allowance::session_left(self.limits.session, quota.used(now)).map_err(reached)?;
        let for_a_call = allowance::call_length(lesson.minutes).min(of_the_session).min(of_the_day);
        Ok(Budget { for_a_call, today })
    }
}
