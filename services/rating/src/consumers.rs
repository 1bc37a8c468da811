//! What rating hears: one file for each subject, each a face of a verb of [`Ratings`].

mod audio_stored;
mod rating_requested;
mod session_deleted;
mod session_finalized;

use crate::{Ratings, ratings::HearError};
use event_bus::Bus;
use events::{
    AudioStored, RatingRequested, SessionDeleted, SessionFinalized,
    catalogue::{
        RATING_AUDIO_STORED, RATING_RATING_REQUESTED, RATING_SESSION_DELETED, RATING_SESSION_FINALIZED,
    },
};
use inbox::Refusal;
use lifecycle::Lifecycle;
use sqlx::PgPool;
use std::sync::Arc;

/// Hears everything until the process stops.
pub fn listen(bus: &Bus, pool: &PgPool, lifecycle: &Lifecycle, ratings: &Arc<Ratings>) {
    let ear = || ratings.clone();
    inbox::listen::<SessionFinalized, _>(bus.clone(), pool, lifecycle, RATING_SESSION_FINALIZED, ear());
    inbox::listen::<AudioStored, _>(bus.clone(), pool, lifecycle, RATING_AUDIO_STORED, ear());
    inbox::listen::<RatingRequested, _>(bus.clone(), pool, lifecycle, RATING_RATING_REQUESTED, ear());
    inbox::listen::<SessionDeleted, _>(bus.clone(), pool, lifecycle, RATING_SESSION_DELETED, ear());
}

impl From<HearError> for Refusal {
    fn from(error: HearError) -> Self {
        match error {
            HearError::Store { .. } => Self::Again(Box::new(error)),
            HearError::OtherLearner(_) => Self::Never(Box::new(error)),
        }
    }
}
