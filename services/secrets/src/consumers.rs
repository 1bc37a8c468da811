//! What this service hears. Events open early, close and clean up; no mint waits for one.

mod login_revoked;
mod session_deleted;
mod session_finalized;
mod session_started;

use crate::secrets::Secrets;
use event_bus::Bus;
use events::{LoginRevoked, SessionDeleted, SessionFinalized, SessionStarted, catalogue};
use lifecycle::Lifecycle;
use std::sync::Arc;

/// Hears until the process stops.
pub fn listen(secrets: &Arc<Secrets>, bus: &Bus, lifecycle: &Lifecycle) {
    inbox::listen::<SessionStarted, _>(
        bus.clone(),
        &secrets.pool,
        lifecycle,
        catalogue::SECRETS_SESSION_STARTED,
        secrets.clone(),
    );
    inbox::listen::<SessionFinalized, _>(
        bus.clone(),
        &secrets.pool,
        lifecycle,
        catalogue::SECRETS_SESSION_FINALIZED,
        secrets.clone(),
    );
    inbox::listen::<SessionDeleted, _>(
        bus.clone(),
        &secrets.pool,
        lifecycle,
        catalogue::SECRETS_SESSION_DELETED,
        secrets.clone(),
    );
    inbox::listen::<LoginRevoked, _>(
        bus.clone(),
        &secrets.pool,
        lifecycle,
        catalogue::SECRETS_LOGIN_REVOKED,
        secrets.clone(),
    );
}
