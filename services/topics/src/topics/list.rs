//! Listing what can be practised.

use super::Topics;
use crate::{
    list::{Filter, Place},
    store,
    topic::Summary,
};
use postgres::StoreError;
use tracing::instrument;

/// A part of the list.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its topics.
    pub topics: Vec<Summary>,
    /// Where the next page begins, if there is one.
    pub next: Option<Place>,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The database failed.
    #[error("the topics could not be listed")]
    Store(#[source] StoreError),
}

impl Topics {
    /// At most `limit` topics that pass the filter, by level and title, from the given place on.
    #[instrument(name = "op.topics.list", skip_all)]
    pub async fn list(&self, filter: &Filter, limit: u32, after: Option<&Place>) -> Result<Page, ListError> {
        let mut connection = self.database.acquire().await.map_err(|error| ListError::Store(error.into()))?;
        // One more than wanted tells whether there is a next page.
        let mut topics = store::list(&mut connection, filter, after, i64::from(limit) + 1)
            .await
            .map_err(ListError::Store)?;
        let wanted = limit as usize;
        let more = topics.len() > wanted;
        topics.truncate(wanted);
        let next = topics.last().filter(|_| more).map(|last| Place {
            level: last.level,
            title: last.title.clone(),
            id: last.id,
        });
        Ok(Page { topics, next })
    }
}
