//! What rating is told from outside.

use environment::{ConfigError, Environment};
use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};
use url::Url;

/// Everything rating is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where health is served.
    pub http: http_server::Config,
    /// Where `Ratings` is served.
    pub grpc: SocketAddr,
    /// Its own database.
    pub database: postgres::Config,
    /// The broker.
    pub event_bus: event_bus::Config,
    /// Where transcripts are asked for.
    pub sessions: Url,
    /// Where recordings are read.
    pub upload: Url,
    /// How sessions are rated.
    pub rating: RatingConfig,
    /// How many sessions one replica rates at the same time.
    pub workers: usize,
}

/// How sessions are rated.
#[derive(Clone, Debug)]
pub struct RatingConfig {
    /// Who judges what cannot be measured.
    pub provider: Provider,
    /// How long a session waits for its recording.
    pub patience: Duration,
    /// The wait before the second try; each later one is about three times longer.
    pub first_retry: Duration,
    /// The program that decodes recordings.
    pub ffmpeg: PathBuf,
    /// Where recordings lie while they are heard.
    pub scratch: PathBuf,
}

/// Who judges what cannot be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Nobody: only measurements are made.
    Local,
}

impl Provider {
    /// As it is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
        }
    }
}

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "local" => Ok(Self::Local),
            _ => Err(UnknownProvider),
        }
    }
}

/// There is no such provider.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such provider of ratings")]
pub struct UnknownProvider;

impl Config {
    /// Reads every setting.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        let http = http_server::Config::read(env, "127.0.0.1:8106")?;
        Ok(Self {
            grpc: env.parsed(
                &env.own_key("GRPC_ADDR"),
                "Address its gRPC face listens on",
                "127.0.0.1:9106",
                "an address with a port",
            )?,
            database: postgres::Config::read(env)?,
            event_bus: event_bus::Config::read(env)?,
            sessions: env.url("SESSIONS_GRPC_URL", "Where sessions answers gRPC", "http://127.0.0.1:9103")?,
            upload: env.url("UPLOAD_GRPC_URL", "Where upload answers gRPC", "http://127.0.0.1:9105")?,
            rating: RatingConfig::read(env, http.address)?,
            workers: env.within(
                "RATING_WORKERS",
                "How many sessions one replica rates at the same time",
                "2",
                1..=64,
                "a number from 1 to 64",
            )?,
            http,
        })
    }
}

impl RatingConfig {
    fn read(env: &Environment, address: SocketAddr) -> Result<Self, ConfigError> {
        Ok(Self {
            provider: env.parsed(
                "RATING_PROVIDER",
                "Who judges what cannot be measured: local judges nothing",
                "local",
                "local, the only provider there is so far",
            )?,
            patience: Duration::from_secs(env.within(
                "RATING_WAIT_FOR_RECORDING_S",
                "Seconds a finalized session waits for its recording before it is rated without",
                "600",
                0..=86_400,
                "a number of seconds from 0 to 86400",
            )?),
            first_retry: Duration::from_millis(env.within(
                "RATING_FIRST_RETRY_MS",
                "Milliseconds before a failed rating is tried again; each later wait is about three times longer",
                "3000",
                1..=3_600_000,
                "a number of milliseconds from 1 to 3600000",
            )?),
            ffmpeg: env.text("FFMPEG", "The program that decodes and remuxes recordings", "ffmpeg").into(),
            // Replicas on one machine must not clean up after each other.
            scratch: PathBuf::from(env.text(
                "RATING_SCRATCH",
                "Folder in which recordings lie while they are heard",
                "/tmp/vivavoce-rating",
            ))
            .join(address.to_string().replace(':', "-")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(values: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let given = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let needed = [
            ("RATING_DATABASE_URL".to_owned(), "postgres://rating@localhost/rating".to_owned()),
            ("NATS_URL".to_owned(), "nats://127.0.0.1:4222".to_owned()),
        ];
        Config::read(&Environment::of_values("rating", given.chain(needed)))
    }

    #[test]
    fn a_database_and_a_broker_are_enough() {
        let config = config(&[]).unwrap();
        assert_eq!(config.rating.provider, Provider::Local);
        assert_eq!(config.rating.patience, Duration::from_mins(10));
    }

    #[test]
    fn a_number_beyond_its_bounds_is_refused_by_the_name_of_its_setting() {
        for (key, value) in [
            ("RATING_WORKERS", "0"),
            ("RATING_WORKERS", "65"),
            ("RATING_WAIT_FOR_RECORDING_S", "86401"),
            ("RATING_FIRST_RETRY_MS", "0"),
            ("RATING_FIRST_RETRY_MS", "3600001"),
        ] {
            let refused = config(&[(key, value)]).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("setting {key} is not a number")), "{value}: {refused}");
        }
    }

    #[test]
    fn a_provider_that_does_not_exist_is_refused_by_the_name_of_its_setting() {
        for provider in ["openai", "anthropic", "nobody"] {
            let refused = config(&[("RATING_PROVIDER", provider)]).unwrap_err();
            assert!(
                refused.to_string().starts_with("setting RATING_PROVIDER is not local"),
                "{provider}: {refused}"
            );
        }
    }
}
