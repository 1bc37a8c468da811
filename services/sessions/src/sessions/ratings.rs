//! News of the rating arrives.

use super::{FetchRating, Sessions};
use crate::{rating::Rating, store};
use ids::SessionId;
use jobs::Work as _;
use postgres::StoreError;
use sqlx::PgConnection;
use std::time::Duration;
use tracing::instrument;

impl Sessions {
    /// A rating is ready: asks, in the caller's transaction, for it to be fetched. Fetching may be slow or fail, so it is
    /// no part of hearing about it.
    #[instrument(name = "op.sessions.rating_ready", skip_all, fields(session.id = %session))]
    pub async fn rating_ready(&self, tx: &mut PgConnection, session: SessionId) -> Result<(), StoreError> {
        if store::lock(tx, session, None).await? {
            self.jobs.ask(tx, FetchRating::KIND, &session.to_string(), Duration::ZERO).await?;
        }
        Ok(())
    }

    /// Rating gave up: notes it in the caller's transaction.
    #[instrument(name = "op.sessions.rating_failed", skip_all, fields(session.id = %session))]
    pub async fn rating_failed(
        &self,
        tx: &mut PgConnection,
        session: SessionId,
        revision: u32,
        reason: String,
    ) -> Result<(), StoreError> {
        self.with_rating(tx, session, |rating| rating.failed(revision, reason)).await
    }

    /// Changes what is known of the rating, if there still is a session and the change is one.
    pub(super) async fn with_rating(
        &self,
        tx: &mut PgConnection,
        session: SessionId,
        change: impl FnOnce(Rating) -> Rating,
    ) -> Result<(), StoreError> {
        if !store::lock(tx, session, None).await? {
            return Ok(());
        }
        let Some(practice) = store::find(tx, session, None).await? else { return Ok(()) };
        let rating = change(practice.rating.clone());
        if rating != practice.rating {
            store::save_rating(tx, session, &rating).await?;
            store::notify_changed(tx, session).await?;
        }
        Ok(())
    }
}
