//! A take begins.

use super::{AccessError, Media, seal};
use crate::{
    store,
    take::{MAX_TAKES, Start, Take, TakeState},
};
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use std::time::Duration;
use tracing::instrument;

/// What a learner's recorder is about to send.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The session it is a part of the recording of.
    pub session: SessionId,
    /// Where it begins.
    pub start: Start,
    /// How many bytes it will have, if that is known.
    pub length: Option<u64>,
    /// What its sender says of it, to be handed back.
    pub metadata: Option<String>,
}

/// A take cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginTakeError {
    /// The learner has no such session.
    #[error("the session cannot be recorded into")]
    Access(#[source] AccessError),
    /// The learner said that nothing is to be recorded.
    #[error("session {session} is not to be recorded")]
    NotWanted {
        /// Which session.
        session: SessionId,
    },
    /// The session has a recording that was sent in one body.
    #[error("session {session} has a recording that is no take's")]
    Recorded {
        /// Which session.
        session: SessionId,
    },
    /// The session has more takes than anybody makes.
    #[error("session {session} has all the takes it may have")]
    TooMany {
        /// Which session.
        session: SessionId,
    },
    /// The session ended so long ago that nothing more is taken of it.
    #[error("session {session} ended too long ago")]
    TooLate {
        /// Which session.
        session: SessionId,
    },
    /// The session was deleted meanwhile.
    #[error("session {session} was deleted meanwhile")]
    Deleted {
        /// Which session.
        session: SessionId,
    },
    /// The database did not take note of it.
    #[error("the take could not be noted")]
    Store(#[source] StoreError),
}

impl From<StoreError> for BeginTakeError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for BeginTakeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Media {
    /// Begins a take of a learner's session; its first byte is awaited at 0.
    #[instrument(name = "op.upload.begin_take", skip_all, fields(session.id = %intent.session))]
    pub async fn begin_take(&self, learner: LearnerId, intent: Intent) -> Result<Take, BeginTakeError> {
        let Intent { session, start, length, metadata } = intent;
        let known = self.session_of(learner, session).await.map_err(BeginTakeError::Access)?;
        if known.policy != "keep" {
            return Err(BeginTakeError::NotWanted { session });
        }
        let mut tx = postgres::begin(&self.database).await?;
        store::lock(&mut tx, session).await?;
        if store::is_deleted(&mut tx, session).await? {
            return Err(BeginTakeError::Deleted { session });
        }
        if store::is_closed(&mut tx, session).await? {
            return Err(BeginTakeError::TooLate { session });
        }
        if store::came_whole(&mut tx, session).await? {
            return Err(BeginTakeError::Recorded { session });
        }
        if store::count_takes(&mut tx, session).await? >= MAX_TAKES {
            return Err(BeginTakeError::TooMany { session });
        }
        let mut take = Take {
            id: self.ids.mint(),
            owner: learner,
            session,
            start,
            metadata,
            length,
            arrived: 0,
            in_parts: 0,
            state: TakeState::Open,
            expires_at: self.clock.now(),
        };
        take.expires_at = store::begin_take(&mut tx, &take).await?;
        if take.has_arrived() {
            self.jobs.ask(&mut tx, seal::KIND, &take.id.to_string(), Duration::ZERO).await?;
        }
        tx.commit().await?;
        Ok(take)
    }
}
