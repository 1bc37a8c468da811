//! A learner wants to know what is left of the day before a practice is begun.

use super::{Secrets, budget};
use crate::{allowance, store};
use clock::Timestamp;
use ids::LearnerId;
use postgres::StoreError;
use tracing::instrument;

/// What is left of a learner's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minutes {
    /// Whole minutes; with none of them there is no first call.
    pub left_today: u64,
    /// When there are new ones.
    pub new_at: Timestamp,
}

/// Nobody knows what is left.
#[derive(Debug, thiserror::Error)]
pub enum MinutesError {
    /// Our own database failed.
    #[error("what learner {learner} has used today could not be read")]
    Store {
        /// Who asked.
        learner: LearnerId,
        /// Why.
        #[source]
        source: StoreError,
    },
}

impl Secrets {
    /// What is left of a learner's day. Nothing is taken and nothing locked: the mint looks again.
    #[instrument(name = "op.secrets.minutes", skip_all)]
    pub async fn minutes(&self, learner: LearnerId) -> Result<Minutes, MinutesError> {
        let store = |source| MinutesError::Store { learner, source };
        let now = self.clock.now();
        let mut connection = self.pool.acquire().await.map_err(|error| store(error.into()))?;
        let used_by_learner = store::find_learner(&mut connection, learner).await.map_err(store)?;
        let used =
            budget::used_today(&mut connection, learner, &used_by_learner, now).await.map_err(store)?;
        let (Ok((_, today)) | Err(today)) =
            allowance::minutes_left(self.limits.daily_minutes, used, now, false);
        Ok(Minutes { left_today: today.left, new_at: allowance::day_after(now) })
    }
}
