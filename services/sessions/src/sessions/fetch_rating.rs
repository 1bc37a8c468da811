//! Fetching a rating, so that a copy of it shows while rating is away.

use super::Sessions;
use crate::ratings_client::Ratings;
use ids::SessionId;
use jobs::{FinishError, Lease, Setback, Work};
use postgres::StoreError;
use std::{sync::Arc, time::Duration};
use tracing::instrument;

/// Rating may be away for long, but a learner who waits should see its return within seconds.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Fetches ratings.
#[derive(Clone, Debug)]
pub struct FetchRating {
    sessions: Arc<Sessions>,
    ratings: Ratings,
}

impl FetchRating {
    /// Fetches with the given client into the given sessions.
    #[must_use]
    pub fn new(sessions: Sessions, ratings: Ratings) -> Self {
        Self { sessions: Arc::new(sessions), ratings }
    }
}

impl Work for FetchRating {
    const KIND: &'static str = "fetch_rating";

    #[instrument(name = "op.sessions.fetch_rating", skip_all, fields(session.id = lease.subject))]
    async fn work(&self, lease: &Lease) -> Result<(), Setback> {
        let later = |reason| {
            move |error: StoreError| {
                tracing::warn!(session.id = lease.subject, error = %problem::chain(&error), "A rating is fetched later");
                Setback::Again { after: pause(lease.attempt), reason }
            }
        };
        let sessions = &self.sessions;
        let practice = match lease.subject.parse::<SessionId>() {
            Ok(session) => {
                let mut connection = sessions
                    .pool
                    .acquire()
                    .await
                    .map_err(|error| later("database_unavailable")(error.into()))?;
                crate::store::find(&mut connection, session, None)
                    .await
                    .map_err(later("database_unavailable"))?
            }
            Err(_) => None,
        };
        // Asked outside any transaction: none stays open while rating thinks.
        let fetched = match practice {
            None => None,
            Some(practice) => {
                let (id, learner) = (practice.session.id, practice.session.learner);
                let copy = self.ratings.newest(id, learner).await.map_err(|error| {
                    tracing::warn!(session.id = %id, error = %problem::chain(&error), "The rating of session {id} is fetched later");
                    Setback::Again { after: pause(lease.attempt), reason: "rating_unavailable" }
                })?;
                copy.map(|copy| (id, copy))
            }
        };
        let mut tx = sessions.begin().await.map_err(later("database_unavailable"))?;
        if let Some((session, copy)) = fetched {
            sessions
                .with_rating(&mut tx, session, |rating| rating.rated(copy))
                .await
                .map_err(later("database_unavailable"))?;
        }
        jobs::complete(&mut tx, lease).await?;
        Ok(super::commit(tx).await.map_err(FinishError::Store)?)
    }
}

/// Half a second, doubled with each attempt.
fn pause(attempt: u32) -> Duration {
    Duration::from_millis(500).saturating_mul(1 << attempt.clamp(1, 8).saturating_sub(1)).min(LONGEST_PAUSE)
}
