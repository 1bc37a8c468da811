//! One sign-in on one browser.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use clock::Timestamp;
use ids::{LearnerId, LoginId};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// A login ends this long after it began, whatever happens in between.
pub const LIFETIME: Duration = Duration::from_hours(12);

/// One sign-in on one browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Login {
    /// The login, as the access tokens made from it name it.
    pub id: LoginId,
    /// Who signed in.
    pub learner: LearnerId,
    /// When.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Login {
    /// A login that begins now.
    pub fn begin(id: LoginId, learner: LearnerId, now: Timestamp) -> Self {
        Self { id, learner, created_at: now, expires_at: now + LIFETIME }
    }
}

/// What the browser shows to prove the login: 32 random bytes. Only their hash is stored.
#[derive(Clone, Debug)]
pub struct LoginSecret(SecretString);

impl LoginSecret {
    /// A new secret.
    pub fn generate() -> Self {
        Self(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()).into())
    }

    /// What the browser sent.
    pub fn presented(text: &str) -> Self {
        Self(text.into())
    }

    /// The secret, for the cookie.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What is stored of it. The secret is random and long, so a plain hash cannot be guessed back.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.expose_secret()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_256_random_bits_and_does_not_print() {
        let (one, other) = (LoginSecret::generate(), LoginSecret::generate());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(URL_SAFE_NO_PAD.decode(one.expose()).unwrap().len(), 32);
        assert!(!format!("{one:?}").contains(one.expose()));
        assert_eq!(LoginSecret::presented(one.expose()).hash(), one.hash());
    }
}
