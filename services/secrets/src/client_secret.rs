//! A credential with which a browser may open one realtime call, for a short while.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use clock::Timestamp;
use rand::random;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// A browser asks last, right before it dials, so a secret need not live long.
pub const LIFETIME: Duration = Duration::from_mins(1);

/// Held only long enough to be written to the response, which is `no-store`.
#[derive(Debug)]
pub struct ClientSecret {
    /// What the browser shows.
    pub value: SecretString,
    /// When it is no longer accepted.
    pub expires_at: Timestamp,
}

impl ClientSecret {
    /// A new one of ours: 256 bits nobody can guess.
    #[must_use]
    pub fn ours(now: Timestamp) -> Self {
        let value = format!("vk_{}", URL_SAFE_NO_PAD.encode(random::<[u8; 32]>()));
        Self { value: value.into(), expires_at: now + LIFETIME }
    }

    /// Enough to recognise it, not to use it.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.value)
    }
}

/// By what we recognise the secret that a browser shows.
#[must_use]
pub fn sha256(shown: &SecretString) -> [u8; 32] {
    Sha256::digest(shown.expose_secret()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clock::from_millis;

    #[test]
    fn no_two_of_ours_are_alike_and_none_is_short() {
        let now = from_millis(1_795_190_400_000);
        let [one, another] = [ClientSecret::ours(now), ClientSecret::ours(now)];
        assert_ne!(one.sha256(), another.sha256());
        assert_eq!(one.value.expose_secret().len(), "vk_".len() + 43);
        assert_eq!(one.expires_at, now + Duration::from_mins(1));
        assert!(!format!("{one:?}").contains(one.value.expose_secret()));
    }
}
