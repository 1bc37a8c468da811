//! The realtime provider: which one it is, and how it is asked. The local coach speaks OpenAI's contract, so there is
//! one way to do it: mint a secret for a browser, or make a call with a browser's offer and hang it up.

mod call;
mod hang_up;
mod mint;
mod pause;
mod refusal;
mod wire;

pub use call::{Answered, ProviderCall};
pub use hang_up::HungUp;
pub use refusal::ProviderError;

use clock::Clock;
use hmac::{Hmac, Mac as _};
use ids::LearnerId;
use pause::Pause;
use reqwest::{RequestBuilder, Response, StatusCode, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{
    str::FromStr,
    time::{Duration, Instant},
};
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
    /// The key that mints, makes calls and hangs up.
    pub key: SecretString,
    /// Keys the pseudonym under which `OpenAI` knows a learner.
    pub pseudonym_key: SecretString,
    /// What is asked for.
    pub models: Models,
    /// How long a provider that failed repeatedly is left alone.
    pub pause: Duration,
}

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
    client: reqwest::Client,
    pause: Pause,
}

impl Provider {
    /// Nothing is connected before the first question.
    pub fn new(config: Config, clock: Clock) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            // The key goes where the settings say and nowhere else.
            .redirect(redirect::Policy::none())
            .build()?;
        let pause = Pause::new(config.pause, clock);
        Ok(Self { config, client, pause })
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

    /// Refuses while the provider is left alone.
    pub fn may_be_asked(&self) -> Result<(), ProviderError> {
        self.pause.is_over()
    }

    /// A question to one of its addresses, with the key.
    fn question(&self, path: &str) -> RequestBuilder {
        let mut url = self.config.base.clone();
        url.set_path(&format!("{}/v1/realtime/{path}", self.config.base.path().trim_end_matches('/')));
        let question = self.client.post(url).bearer_auth(self.config.key.expose_secret());
        match (self.kind(), telemetry::current_traceparent()) {
            // Ours, so it takes part in our trace.
            (Kind::Coach, Some(parent)) => question.header("traceparent", parent.to_string()),
            _ => question,
        }
    }

    /// The same, on a learner's behalf.
    fn question_for(&self, learner: LearnerId, path: &str) -> RequestBuilder {
        let question = self.question(path);
        match self.kind() {
            Kind::Openai => question.header("openai-safety-identifier", self.pseudonym(learner)),
            Kind::Coach => question,
        }
    }

    /// Notes how long the provider took, and what came of it.
    fn measure<T>(&self, operation: &'static str, begun: Instant, answer: &Result<T, ProviderError>) {
        let outcome = answer.as_ref().err().map_or("answered", ProviderError::outcome);
        metrics::histogram!(
            "provider_request_seconds",
            "provider" => self.kind().as_str(), "operation" => operation, "outcome" => outcome,
        )
        .record(begun.elapsed());
    }

    /// The answer, if it is a success.
    async fn answer(&self, question: RequestBuilder) -> Result<Response, ProviderError> {
        let response = question.send().await.map_err(ProviderError::of_transport)?;
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(ProviderError::Busy {
                again_in: refusal::retry_after(response.headers(), self.pause.now()),
            });
        }
        if status.is_server_error() {
            return Err(ProviderError::Failing { status: status.as_u16() });
        }
        if !status.is_success() {
            let body = bounded(response).await?;
            return Err(ProviderError::Refused { status: status.as_u16(), code: wire::error_code(&body) });
        }
        Ok(response)
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
