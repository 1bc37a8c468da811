//! Which events are heard, and by what.

mod audio_stored;
mod rating_failed;
mod session_erased;
mod session_rated;

use crate::Sessions;
use event_bus::Bus;
use events::catalogue;
use lifecycle::Lifecycle;
use std::sync::Arc;

/// What hears: each kind of event is one implementation.
#[derive(Clone, Debug)]
pub struct Ear(pub Sessions);

/// Hears everything this service is concerned with until the process stops.
pub fn listen(sessions: &Sessions, bus: &Bus, lifecycle: &Lifecycle) {
    let ear = Arc::new(Ear(sessions.clone()));
    let pool = &sessions.pool;
    inbox::listen::<events::AudioStored, _>(
        bus.clone(),
        pool,
        lifecycle,
        catalogue::SESSIONS_AUDIO_STORED,
        ear.clone(),
    );
    inbox::listen::<events::SessionRated, _>(
        bus.clone(),
        pool,
        lifecycle,
        catalogue::SESSIONS_SESSION_RATED,
        ear.clone(),
    );
    inbox::listen::<events::RatingFailed, _>(
        bus.clone(),
        pool,
        lifecycle,
        catalogue::SESSIONS_RATING_FAILED,
        ear.clone(),
    );
    inbox::listen::<events::SessionErased, _>(
        bus.clone(),
        pool,
        lifecycle,
        catalogue::SESSIONS_SESSION_ERASED,
        ear,
    );
}
