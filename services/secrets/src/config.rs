//! What the service is told from outside.

use crate::{
    exchange::Exchange,
    http::CALLS,
    provider::{self, Kind, Models},
    secrets::Limits,
};
use environment::{ConfigError, Environment};
use secrecy::SecretString;
use std::time::Duration;
use tonic::transport::Endpoint;
use url::{Host, Url};

/// All settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its HTTP face.
    pub http: http_server::Config,
    /// How callers are known.
    pub caller: caller::Config,
    /// Its database.
    pub database: postgres::Config,
    /// The broker.
    pub bus: event_bus::Config,
    /// Where `sessions` is.
    pub sessions: Endpoint,
    /// The provider.
    pub provider: provider::Config,
    /// How browser and provider come together.
    pub exchange: Exchange,
    /// Where a browser posts its offer.
    pub calls_url: String,
    /// How much a learner may use.
    pub limits: Limits,
}

/// How long a provider that failed repeatedly is left alone. Learners in the middle of a practice wait for it, and one
/// question every so often from each replica harms nobody.
const PAUSE: Duration = Duration::from_secs(3);

impl Config {
    /// Reads all settings.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        let kind: Kind = env.parsed(
            "REALTIME_PROVIDER",
            "Who talks with the learner: the local coach, or OpenAI",
            "coach",
            "coach or openai",
        )?;
        let exchange: Exchange = env.parsed(
            "REALTIME_EXCHANGE",
            "How a browser reaches the provider: relay, where we make the call and can hang it up, or direct, where nobody but the page and the provider ends it",
            "relay",
            "relay or direct",
        )?;
        Ok(Self {
            http: http_server::Config::read(env, "127.0.0.1:8104")?,
            caller: caller::Config::read(env)?,
            database: postgres::Config::read(env)?,
            bus: event_bus::Config::read(env)?,
            sessions: endpoint(env, "SESSIONS_GRPC_URL", "Where sessions answers gRPC", "http://127.0.0.1:9103")?,
            provider: provider(env, kind)?,
            exchange,
            calls_url: calls_url(env, kind, exchange)?,
            limits: Limits::of(
                env.within(
                    "SECRETS_FIRST_CALLS_PER_MINUTE",
                    "How many practices a learner may call for within a minute; lost calls may be dialled again",
                    "6",
                    1..=1000,
                    "a number from 1 to 1000",
                )?,
                env.within(
                    "SECRETS_SESSION_MINUTES",
                    "How many minutes the calls of one practice may take together",
                    "30",
                    1..=1440,
                    "a number from 1 to 1440",
                )?,
                env.within(
                    "SECRETS_DAILY_MINUTES",
                    "How many minutes a learner may practise in a day (UTC)",
                    "120",
                    1..=1440,
                    "a number from 1 to 1440",
                )?,
            ),
        })
    }
}

fn endpoint(env: &Environment, key: &str, doc: &'static str, default: &str) -> Result<Endpoint, ConfigError> {
    let url = env.url(key, doc, default)?;
    Endpoint::from_shared(url.to_string())
        .map_err(|_| ConfigError::Malformed { key: key.to_owned(), expected: "a URL" })
}

fn provider(env: &Environment, kind: Kind) -> Result<provider::Config, ConfigError> {
    const BASE: &str = "REALTIME_BASE_URL";
    let base = env.url(
        BASE,
        "Base URL of the provider's API; https://api.openai.com when the provider is openai",
        match kind {
            Kind::Coach => "http://127.0.0.1:8110",
            Kind::Openai => "https://api.openai.com",
        },
    )?;
    if kind == Kind::Openai && !may_carry_a_key(&base) {
        return Err(ConfigError::Malformed {
            key: BASE.to_owned(),
            expected: "https, or a loopback address",
        });
    }
    let key = key(env, kind)?;
    let pseudonym_key = env
        .optional_secret(
            "SECRETS_PSEUDONYM_KEY",
            "Keys the pseudonyms under which OpenAI knows learners; the API key when empty, so that they change with it",
        )
        .unwrap_or_else(|| key.clone());
    Ok(provider::Config {
        kind,
        base,
        key,
        pseudonym_key,
        models: Models {
            realtime: env.text("REALTIME_MODEL", "The model that talks", "gpt-realtime-2.1-mini"),
            transcription: env.text(
                "REALTIME_TRANSCRIPTION_MODEL",
                "The model that writes down what the learner says during the call",
                "gpt-4o-mini-transcribe",
            ),
            voice: env.text("REALTIME_VOICE", "The coach's voice", "marin"),
        },
        pause: PAUSE,
    })
}

/// The key of the chosen provider must be given; the other one's is only described.
fn key(env: &Environment, kind: Kind) -> Result<SecretString, ConfigError> {
    const COACH: (&str, &str) =
        ("COACH_KEY", "The key that mints client secrets and makes calls at the local coach");
    const OPENAI: (&str, &str) = (
        "OPENAI_API_KEY",
        "The key that mints client secrets and makes calls at OpenAI; needed when the provider is openai",
    );
    let ((key, doc), (other, other_doc)) = match kind {
        Kind::Coach => (COACH, OPENAI),
        Kind::Openai => (OPENAI, COACH),
    };
    let _ = env.optional_secret(other, other_doc);
    env.secret(key, doc)
}

/// Where a browser posts its offer. With the relay that is here.
fn calls_url(env: &Environment, kind: Kind, exchange: Exchange) -> Result<String, ConfigError> {
    const KEY: &str = "REALTIME_CALLS_URL";
    let url = env.text(
        KEY,
        "Where a browser posts its offer in the direct exchange: a URL, or a path at our own origin; \
         https://api.openai.com/v1/realtime/calls when the provider is openai",
        match kind {
            Kind::Coach => "/v1/realtime/calls",
            Kind::Openai => "https://api.openai.com/v1/realtime/calls",
        },
    );
    let at_our_origin = url.starts_with('/') && !url.starts_with("//");
    let right = at_our_origin || Url::parse(&url).is_ok_and(|url| may_carry_a_key(&url));
    match exchange {
        _ if !right => Err(ConfigError::Malformed {
            key: KEY.to_owned(),
            expected: "a path, https, or a loopback address",
        }),
        Exchange::Relay => Ok(CALLS.to_owned()),
        Exchange::Direct => Ok(url),
    }
}

/// Whether nobody on the way can read what is sent there.
fn may_carry_a_key(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        ("http", Some(Host::Domain(name))) => name == "localhost",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let needed =
            [("SECRETS_DATABASE_URL", "postgres://localhost/secrets"), ("NATS_URL", "nats://localhost")];
        let all = needed.iter().chain(values).map(|&(key, value)| (key.to_owned(), value.to_owned()));
        Config::read(&Environment::of_values("secrets", all))
    }

    #[test]
    fn each_provider_needs_its_own_key() {
        assert!(read(&[("COACH_KEY", "k")]).is_ok());
        assert_eq!(read(&[]).unwrap_err(), ConfigError::Missing { key: "COACH_KEY".to_owned() });
        let openai = [("REALTIME_PROVIDER", "openai"), ("COACH_KEY", "k")];
        assert_eq!(read(&openai).unwrap_err(), ConfigError::Missing { key: "OPENAI_API_KEY".to_owned() });
    }

    #[test]
    fn a_number_beyond_its_bounds_is_refused_by_name() {
        for (key, most) in [
            ("SECRETS_FIRST_CALLS_PER_MINUTE", 1000),
            ("SECRETS_SESSION_MINUTES", 1440),
            ("SECRETS_DAILY_MINUTES", 1440),
        ] {
            for beyond in [0, most + 1] {
                let refused = read(&[("COACH_KEY", "k"), (key, &beyond.to_string())]).unwrap_err();
                assert_eq!(refused.to_string(), format!("setting {key} is not a number from 1 to {most}"));
            }
        }
    }

    #[test]
    fn the_defaults_go_with_the_provider() {
        let direct = ("REALTIME_EXCHANGE", "direct");
        let openai = read(&[("REALTIME_PROVIDER", "openai"), ("OPENAI_API_KEY", "k"), direct]).unwrap();
        assert_eq!(openai.calls_url, "https://api.openai.com/v1/realtime/calls");
        assert_eq!(openai.provider.base.as_str(), "https://api.openai.com/");
        let coach = read(&[("COACH_KEY", "k"), direct]).unwrap();
        assert_eq!(coach.calls_url, "/v1/realtime/calls");
        assert_eq!(coach.provider.base.as_str(), "http://127.0.0.1:8110/");
    }

    #[test]
    fn browsers_call_through_us_unless_the_settings_say_otherwise() {
        let config = read(&[("COACH_KEY", "k")]).unwrap();
        assert_eq!((config.exchange, config.calls_url.as_str()), (Exchange::Relay, "/api/realtime/calls"));
        assert!(read(&[("COACH_KEY", "k"), ("REALTIME_EXCHANGE", "sideways")]).is_err());
    }

    #[test]
    fn a_key_is_not_sent_in_the_clear() {
        let keyed = [("REALTIME_PROVIDER", "openai"), ("OPENAI_API_KEY", "k")];
        for (key, value) in [
            ("REALTIME_BASE_URL", "http://api.openai.com"),
            ("REALTIME_CALLS_URL", "http://api.openai.com/v1/realtime/calls"),
            ("REALTIME_CALLS_URL", "//api.openai.com/v1/realtime/calls"),
        ] {
            assert!(read(&[&keyed[..], &[(key, value)]].concat()).is_err(), "{value}");
        }
    }

    #[test]
    fn a_config_never_shows_a_key() {
        let config = read(&[("COACH_KEY", "planted-canary")]).unwrap();
        assert!(!format!("{config:?}").contains("planted-canary"));
    }
}
