//! Hashing passwords, without letting it take the machine.

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::{self, SaltString},
};
use secrecy::{ExposeSecret as _, SecretString};
use std::{sync::Arc, thread, time::Duration};
use tokio::sync::Semaphore;
use tracing::instrument;

/// Argon2id at the least cost OWASP advises: 19 MiB, two passes, one lane. About 50 ms of one core.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Two hashes to a core keep the cores busy; more would only take memory.
const HASHES_PER_CORE: usize = 2;
/// Who has waited this long for a turn is better told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes and checks password hashes, a few at a time.
#[derive(Clone, Debug)]
pub struct PasswordHashes {
    turns: Arc<Semaphore>,
    of_nobody: Arc<str>,
}

/// A password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many passwords are being hashed now.
    #[error("too many passwords are being hashed")]
    Busy,
    /// The hash function refused its input, or what was stored is no hash.
    #[error("the password cannot be hashed")]
    Failed(#[source] password_hash::Error),
    /// The thread that hashed is gone.
    #[error("hashing was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
}

impl PasswordHashes {
    /// Prepares the hash that unknown learners' passwords are checked against.
    pub fn new() -> Result<Self, HashError> {
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let of_nobody = hash(&rand::random::<[u8; 32]>()).map_err(HashError::Failed)?;
        Ok(Self { turns: Arc::new(Semaphore::new(cores * HASHES_PER_CORE)), of_nobody: of_nobody.into() })
    }

    /// The hash to store.
    pub async fn hash(&self, password: &SecretString) -> Result<String, HashError> {
        let password = password.clone();
        self.in_turn(move || hash(password.expose_secret().as_bytes())).await
    }

    /// Whether the password belongs to the stored hash. Without one (nobody has that address) a hash is
    /// checked all the same, so that the time taken does not tell who is known.
    #[instrument(name = "op.accounts.verify_password", skip_all)]
    pub async fn verify(&self, stored: Option<&str>, password: &SecretString) -> Result<bool, HashError> {
        let (known, password) = (stored.is_some(), password.clone());
        let against = stored.map_or_else(|| self.of_nobody.to_string(), str::to_owned);
        let matches = self
            .in_turn(move || {
                let parsed = PasswordHash::new(&against)?;
                match function().verify_password(password.expose_secret().as_bytes(), &parsed) {
                    Ok(()) => Ok(true),
                    Err(password_hash::Error::Password) => Ok(false),
                    Err(error) => Err(error),
                }
            })
            .await?;
        Ok(known && matches)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, password_hash::Error> + Send + 'static,
    ) -> Result<T, HashError> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| HashError::Busy)?
            .map_err(|_| HashError::Busy)?;
        metrics::counter!("accounts_password_hashes_total").increment(1);
        tokio::task::spawn_blocking(move || {
            // The turn lasts as long as the work, even when the caller has gone.
            let _turn = turn;
            work()
        })
        .await
        .map_err(HashError::Interrupted)?
        .map_err(HashError::Failed)
    }
}

fn function() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the costs above are within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &[u8]) -> Result<String, password_hash::Error> {
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>())?;
    Ok(function().hash_password(password, &salt)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let hashes = PasswordHashes::new().unwrap();
        let stored = hashes.hash(&"corkvine".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(hashes.verify(Some(&stored), &"corkvine".into()).await.unwrap());
        assert!(!hashes.verify(Some(&stored), &"corkwine".into()).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_password_is_hashed_differently_each_time() {
        let hashes = PasswordHashes::new().unwrap();
        let (one, other) = (hashes.hash(&"corkvine".into()).await, hashes.hash(&"corkvine".into()).await);
        assert_ne!(one.unwrap(), other.unwrap());
    }

    #[tokio::test]
    async fn an_unknown_learner_costs_the_same_hash_and_never_matches() {
        let hashes = PasswordHashes::new().unwrap();
        let stored = hashes.hash(&"corkvine".into()).await.unwrap();
        let cost = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(cost(&hashes.of_nobody), cost(&stored));
        assert!(!hashes.verify(None, &"corkvine".into()).await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_too_long_for_a_turn_is_sent_away() {
        let hashes = PasswordHashes { turns: Arc::new(Semaphore::new(0)), ..PasswordHashes::new().unwrap() };
        assert!(matches!(hashes.hash(&"corkvine".into()).await, Err(HashError::Busy)));
    }
}
