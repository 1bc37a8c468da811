//! The learner's sessions, newest first.

use super::Sessions;
use crate::store::{self, Entry};
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use tracing::instrument;

/// A page of the history.
#[derive(Clone, Debug)]
pub struct History {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// The last of them, if older ones follow.
    pub more_after: Option<SessionId>,
}

/// The history could not be shown.
#[derive(Debug, thiserror::Error)]
#[error("the history could not be read")]
pub struct HistoryError(#[source] pub StoreError);

impl Sessions {
    /// A page of at most `limit` sessions, from before the given one on.
    #[instrument(name = "op.sessions.history", skip_all)]
    pub async fn history(
        &self,
        learner: LearnerId,
        before: Option<SessionId>,
        limit: u32,
    ) -> Result<History, HistoryError> {
        let mut connection = self.pool.acquire().await.map_err(|error| HistoryError(error.into()))?;
        // One more than wanted tells whether there are more.
        let mut entries =
            store::page(&mut connection, learner, before, limit + 1).await.map_err(HistoryError)?;
        let wanted = limit as usize;
        let more = entries.len() > wanted;
        entries.truncate(wanted);
        let more_after = if more { entries.last().map(|entry| entry.id) } else { None };
        Ok(History { entries, more_after })
    }
}
