//! Client secrets: minted for one call, kept only as a hash, good once and for a short time.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use clock::{Clock, Timestamp};
use sha2::{Digest, Sha256};

use crate::wire::Session;

/// Secrets waiting to be used; beyond this somebody is minting without end.
const MOST: usize = 10_000;

struct Minted {
    session: Session,
    expires_at: Timestamp,
}

/// The secrets that were minted and not yet used.
pub struct Secrets {
    clock: Clock,
    minted: Mutex<HashMap<[u8; 32], Minted>>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// There are too many unused secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are too many unused secrets")]
pub struct TooMany;

impl Secrets {
    /// An empty store.
    pub fn new(clock: Clock) -> Self {
        Self { clock, minted: Mutex::default() }
    }

    /// Mints a secret for a session, and tells when it expires.
    pub fn mint(&self, session: Session, ttl: Duration) -> Result<(String, Timestamp), TooMany> {
        let secret = format!("ek_{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
        let now = self.clock.now();
        let expires_at = now + ttl;
        let mut minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner);
        minted.retain(|_, minted| minted.expires_at > now);
        if minted.len() >= MOST {
            return Err(TooMany);
        }
        minted.insert(hash(&secret), Minted { session, expires_at });
        Ok((secret, expires_at))
    }

    /// The session of a secret, once.
    pub fn redeem(&self, secret: &str) -> Option<Session> {
        let minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash(secret))?;
        (minted.expires_at > self.clock.now()).then_some(minted.session)
    }
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session::open("sess_1", &serde_json::json!({"type": "realtime"})).expect("valid")
    }

    #[test]
    fn a_secret_is_good_once() {
        let secrets = Secrets::new(Clock::System);
        let (secret, _) = secrets.mint(session(), Duration::from_mins(1)).expect("there is room");
        assert!(secret.starts_with("ek_"));
        assert!(secrets.redeem(&secret).is_some());
        assert!(secrets.redeem(&secret).is_none());
        assert!(secrets.redeem("ek_unknown").is_none());
    }

    #[test]
    fn a_secret_expires() {
        let clock = Clock::manual(clock::from_millis(0));
        let secrets = Secrets::new(clock.clone());
        let (secret, expires_at) = secrets.mint(session(), Duration::from_mins(1)).expect("there is room");
        assert_eq!(clock::millis(expires_at), 60_000);
        clock.advance(Duration::from_mins(1));
        assert!(secrets.redeem(&secret).is_none());
    }
}
