//! The realtime provider: which one it is, and how a client secret is minted there. The local coach speaks OpenAI's
//! contract, so there is one way to do it.

mod pause;
mod refusal;
mod wire;

pub use refusal::ProviderError;

use clock::{Clock, Timestamp};
use hmac::{Hmac, Mac as _};
use ids::LearnerId;
use lesson::Lesson;
use pause::Pause;
use reqwest::{Response, StatusCode, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{str::FromStr, time::Duration};
use tracing::instrument;
use url::Url;

/// Which provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The local practice partner.
    Coach,
    /// `OpenAI`'s Realtime API.
    Openai,
}

impl Kind {
    /// Its name in settings and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Coach => "coach",
            Self::Openai => "openai",
        }
    }
}

/// The text names no provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider must be coach or openai")]
pub struct UnknownProvider;

impl FromStr for Kind {
    type Err = UnknownProvider;

    fn from_str(text: &str) -> Result<Self, UnknownProvider> {
        [Self::Coach, Self::Openai].into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownProvider)
    }
}

/// What is asked for, beyond the lesson.
#[derive(Clone, Debug)]
pub struct Models {
    /// The model that talks.
    pub realtime: String,
    /// The model that writes down what the learner says.
    pub transcription: String,
    /// The coach's voice.
    pub voice: String,
}

/// Where the provider is, and how it is asked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which one.
    pub kind: Kind,
    /// Its base URL.
    pub base: Url,
    /// The key that mints.
    pub key: SecretString,
    /// Keys the pseudonym under which `OpenAI` knows a learner.
    pub pseudonym_key: SecretString,
    /// What is asked for.
    pub models: Models,
    /// How long a provider that failed repeatedly is left alone.
    pub pause: Duration,
}

/// A credential with which a browser may open one realtime call, for a short while.
///
/// Held only long enough to be written to the response, which is `no-store`.
#[derive(Debug)]
pub struct ClientSecret {
    /// What the browser shows the provider.
    pub value: SecretString,
    /// When the provider stops accepting it.
    pub expires_at: Timestamp,
}

impl ClientSecret {
    /// Enough to recognise the secret, not to use it.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.value.expose_secret()).into()
    }
}

/// A browser asks last, right before it dials, so a secret need not live long.
const SECRET_LIFETIME: Duration = Duration::from_mins(1);
/// The whole question, so that our own answer is there within five seconds.
const TIMEOUT: Duration = Duration::from_millis(4500);
/// A provider whose machine is not there is known sooner.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// The contract's answer repeats the instructions; it has no reason to be longer than this.
const MAX_ANSWER: usize = 64 * 1024;

/// The way to the provider.
#[derive(Debug)]
pub struct Provider {
    config: Config,
    endpoint: Url,
    client: reqwest::Client,
    pause: Pause,
}

impl Provider {
    /// Nothing is connected before the first secret is minted.
    pub fn new(config: Config, clock: Clock) -> Result<Self, reqwest::Error> {
        let mut endpoint = config.base.clone();
        endpoint
            .set_path(&format!("{}/v1/realtime/client_secrets", config.base.path().trim_end_matches('/')));
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            // The key goes where the settings say and nowhere else.
            .redirect(redirect::Policy::none())
            .build()?;
        let pause = Pause::new(config.pause, clock);
        Ok(Self { config, endpoint, client, pause })
    }

    /// Which one it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.config.kind
    }

    /// The model that will talk.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.config.models.realtime
    }

    /// Mints a secret for one call in which this lesson is practised.
    #[instrument(name = "provider.client_secrets", skip_all, fields(otel.kind = "client", provider = self.kind().as_str()))]
    pub async fn mint(&self, learner: LearnerId, lesson: &Lesson) -> Result<ClientSecret, ProviderError> {
        self.pause.is_over()?;
        let answer = self.ask(learner, lesson).await;
        self.pause.heed(&answer);
        answer
    }

    async fn ask(&self, learner: LearnerId, lesson: &Lesson) -> Result<ClientSecret, ProviderError> {
        let wanted = wire::Wanted::of(lesson, &self.config.models, SECRET_LIFETIME);
        let mut request = self
            .client
            .post(self.endpoint.clone())
            .bearer_auth(self.config.key.expose_secret())
            .json(&wanted);
        match self.kind() {
            Kind::Openai => request = request.header("openai-safety-identifier", self.pseudonym(learner)),
            // Ours, so it takes part in our trace.
            Kind::Coach => {
                if let Some(parent) = telemetry::current_traceparent() {
                    request = request.header("traceparent", parent.to_string());
                }
            }
        }
        let response = request.send().await.map_err(ProviderError::of_transport)?;
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(ProviderError::Busy {
                again_in: refusal::retry_after(response.headers(), self.pause.now()),
            });
        }
        if status.is_server_error() {
            return Err(ProviderError::Failing { status: status.as_u16() });
        }
        let body = bounded(response).await?;
        if !status.is_success() {
            return Err(ProviderError::Refused { status: status.as_u16(), code: wire::error_code(&body) });
        }
        wire::understood(&body)
    }

    /// The same learner is the same to the provider from call to call, and nobody else can tell who it is.
    fn pseudonym(&self, learner: LearnerId) -> String {
        let mut keyed = Hmac::<Sha256>::new_from_slice(self.config.pseudonym_key.expose_secret().as_bytes())
            .expect("HMAC takes a key of any length");
        keyed.update(learner.as_uuid().as_bytes());
        format!("{:x}", keyed.finalize().into_bytes())
    }
}

/// The body, unless it is longer than an answer has reason to be.
async fn bounded(mut response: Response) -> Result<Vec<u8>, ProviderError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(ProviderError::of_transport)? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(ProviderError::Garbled { what: "it is too long" });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_learner_has_one_pseudonym_per_key() {
        let provider = |key: &str| {
            let config = Config {
                kind: Kind::Openai,
                base: "https://provider.example/".parse().unwrap(),
                key: "k".into(),
                pseudonym_key: key.into(),
                models: Models { realtime: "m".into(), transcription: "t".into(), voice: "v".into() },
                pause: Duration::from_secs(10),
            };
            Provider::new(config, Clock::System).unwrap()
        };
        let learner: LearnerId = ids::Ids.mint();
        let known_as = provider("a").pseudonym(learner);
        assert_eq!(known_as.len(), 64);
        assert_eq!(known_as, provider("a").pseudonym(learner));
        assert_ne!(known_as, provider("b").pseudonym(learner));
        assert_ne!(known_as, provider("a").pseudonym(ids::Ids.mint()));
    }
}
