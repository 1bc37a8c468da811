//! What this service hears, and what it does about it.

mod session_deleted;
mod session_finalized;
mod session_started;

pub use session_deleted::SessionDeletedEar;
pub use session_finalized::SessionFinalizedEar;
pub use session_started::SessionStartedEar;

use crate::media::Media;
use event_bus::Bus;
use events::catalogue::{UPLOAD_SESSION_DELETED, UPLOAD_SESSION_FINALIZED, UPLOAD_SESSION_STARTED};
use lifecycle::Lifecycle;
use sqlx::PgPool;
use std::sync::Arc;

/// Starts listening.
pub fn listen(media: &Media, bus: &Bus, database: &PgPool, lifecycle: &Lifecycle) {
    let started = Arc::new(SessionStartedEar(media.clone()));
    inbox::listen(bus.clone(), database, lifecycle, UPLOAD_SESSION_STARTED, started);
    let finalized = Arc::new(SessionFinalizedEar(media.clone()));
    inbox::listen(bus.clone(), database, lifecycle, UPLOAD_SESSION_FINALIZED, finalized);
    let deleted = Arc::new(SessionDeletedEar(media.clone()));
    inbox::listen(bus.clone(), database, lifecycle, UPLOAD_SESSION_DELETED, deleted);
}
