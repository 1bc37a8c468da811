//! The keys that `accounts` publishes.

use jsonwebtoken::{DecodingKey, jwk::JwkSet};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{sync::Mutex, time::Instant};
use url::Url;

/// The keys could not be fetched.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the signing keys of accounts could not be fetched")]
pub(crate) struct FetchError(#[source] Arc<reqwest::Error>);

/// Accounts is asked at most this often, so that forged tokens cannot make us hammer it. Whoever shows a new key waits so
/// long at most: a key that signs for the first time is refused by nobody.
const PAUSE: Duration = Duration::from_secs(1);

/// Published keys, fetched when first needed and when a token names one that is new.
#[derive(Clone)]
pub(crate) struct Keys {
    url: Url,
    client: reqwest::Client,
    known: Arc<RwLock<HashMap<String, DecodingKey>>>,
    /// Whoever asks accounts holds it: everybody who waits for it meanwhile shares what comes of it.
    asked: Arc<Mutex<Option<Asked>>>,
}

/// When accounts was asked last, and what came of it.
struct Asked {
    at: Instant,
    outcome: Result<(), FetchError>,
}

impl Keys {
    pub(crate) fn at(url: Url) -> Self {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(3))
            .build()
            .expect("a client with only a timeout can always be built");
        Self { url, client, known: Arc::default(), asked: Arc::default() }
    }

    pub(crate) fn knowing(self, id: &str, key: DecodingKey) -> Self {
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), key);
        self
    }

    /// The key of that id; `None` when accounts does not publish it.
    pub(crate) async fn get(&self, id: &str) -> Result<Option<DecodingKey>, FetchError> {
        let known = self.known(id);
        if known.is_some() {
            return Ok(known);
        }
        let needed = Instant::now();
        let mut asked = self.asked.lock().await;
        if asked.as_ref().is_none_or(|last| last.at < needed) {
            if let Some(last) = &*asked {
                tokio::time::sleep_until(last.at + PAUSE).await;
            }
            let at = Instant::now();
            let outcome = self.fetch().await.map_err(|error| FetchError(Arc::new(error)));
            *asked = Some(Asked { at, outcome });
        }
        asked.as_ref().map_or(Ok(()), |last| last.outcome.clone())?;
        Ok(self.known(id))
    }

    fn known(&self, id: &str) -> Option<DecodingKey> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    async fn fetch(&self) -> Result<(), reqwest::Error> {
        let answer = self.client.get(self.url.clone()).send().await?.error_for_status()?;
        let set: JwkSet = answer.json().await?;
        let keys = set
            .keys
            .iter()
            .filter_map(|jwk| Some((jwk.common.key_id.clone()?, DecodingKey::from_jwk(jwk).ok()?)));
        // What is published no more is believed no more.
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = keys.collect();
        Ok(())
    }
}
