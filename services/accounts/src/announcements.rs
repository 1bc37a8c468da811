//! What this service tells the others.

use crate::login::Login;
use clock::{Timestamp, millis};
use events::LoginRevoked;

/// A login ended before its tokens did.
pub fn login_revoked(login: &Login, at: Timestamp) -> LoginRevoked {
    LoginRevoked {
        login_id: login.id.to_string(),
        learner_id: login.learner.to_string(),
        revoked_at_ms: millis(at),
    }
}
