//! The keys that `accounts` publishes.

use jsonwebtoken::{DecodingKey, jwk::JwkSet};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};
use url::Url;

/// The keys could not be fetched.
#[derive(Debug, thiserror::Error)]
#[error("the signing keys of accounts could not be fetched")]
pub(crate) struct FetchError(#[source] reqwest::Error);

/// A key nobody knows is looked up at most this often, so that forged tokens cannot make us hammer accounts.
const PAUSE: Duration = Duration::from_secs(10);

/// Published keys, fetched when first needed and when a token names one that is new.
#[derive(Clone)]
pub(crate) struct Keys {
    url: Url,
    client: reqwest::Client,
    known: Arc<RwLock<Known>>,
}

#[derive(Default)]
struct Known {
    keys: HashMap<String, DecodingKey>,
    fetched: Option<Instant>,
}

impl Keys {
    pub(crate) fn at(url: Url) -> Self {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(3))
            .build()
            .expect("a client with only a timeout can always be built");
        Self { url, client, known: Arc::default() }
    }

    pub(crate) fn knowing(self, id: &str, key: DecodingKey) -> Self {
        self.write().keys.insert(id.to_owned(), key);
        self
    }

    /// The key of that id; `None` when accounts does not publish it.
    pub(crate) async fn get(&self, id: &str) -> Result<Option<DecodingKey>, FetchError> {
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(key) = known.keys.get(id) {
                return Ok(Some(key.clone()));
            }
            if !known.keys.is_empty() && known.fetched.is_some_and(|at| at.elapsed() < PAUSE) {
                return Ok(None);
            }
        }
        let set: JwkSet = self
            .client
            .get(self.url.clone())
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(FetchError)?
            .json()
            .await
            .map_err(FetchError)?;
        let mut known = self.write();
        known.fetched = Some(Instant::now());
        for jwk in &set.keys {
            if let (Some(id), Ok(key)) = (&jwk.common.key_id, DecodingKey::from_jwk(jwk)) {
                known.keys.insert(id.clone(), key);
            }
        }
        Ok(known.keys.get(id).cloned())
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}
