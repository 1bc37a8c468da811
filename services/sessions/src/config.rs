//! What the service is told from outside.

use environment::{ConfigError, Environment};
use std::{net::SocketAddr, str::FromStr, time::Duration};
use url::Url;

/// Everything the service is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its HTTP face.
    pub http: http_server::Config,
    /// The address of its gRPC face.
    pub grpc: SocketAddr,
    /// Its database.
    pub database: postgres::Config,
    /// The broker.
    pub event_bus: event_bus::Config,
    /// Who signs access tokens.
    pub caller: caller::Config,
    /// The gRPC face of `topics`.
    pub topics: Url,
    /// The gRPC face of `rating`.
    pub rating: Url,
    /// Who holds the conversations.
    pub provider: Provider,
    /// How long nobody is heard of before a session is sealed as it is.
    pub abandoned_after: Duration,
}

/// Who holds the conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// The practice coach of the house, whose transcript is approximate.
    Coach,
    /// `OpenAI`.
    OpenAi,
}

impl Provider {
    /// Whether its transcript holds every word as it was said.
    #[must_use]
    pub fn is_verbatim(self) -> bool {
        match self {
            Self::Coach => false,
            Self::OpenAi => true,
        }
    }
}

/// The text names no provider.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such provider")]
pub struct NoSuchProvider;

impl FromStr for Provider {
    type Err = NoSuchProvider;

    fn from_str(text: &str) -> Result<Self, NoSuchProvider> {
        match text {
            "coach" => Ok(Self::Coach),
            "openai" => Ok(Self::OpenAi),
            _ => Err(NoSuchProvider),
        }
    }
}

impl Config {
    /// Reads every setting.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            http: http_server::Config::read(env, "127.0.0.1:8103")?,
            grpc: env.parsed(
                &env.own_key("GRPC_ADDR"),
                "Address its gRPC face listens on",
                "127.0.0.1:9103",
                "an address with a port",
            )?,
            database: postgres::Config::read(env)?,
            event_bus: event_bus::Config::read(env)?,
            caller: caller::Config::read(env)?,
            topics: env.url("TOPICS_GRPC_URL", "gRPC face of topics", "http://127.0.0.1:9102")?,
            rating: env.url("RATING_GRPC_URL", "gRPC face of rating", "http://127.0.0.1:9106")?,
            provider: env.parsed(
                "REALTIME_PROVIDER",
                "Who holds the conversations: coach or openai",
                "coach",
                "coach or openai",
            )?,
            abandoned_after: Duration::from_secs(env.within(
                "SESSION_ABANDONED_AFTER",
                "Seconds without a sign of its learner after which a session is sealed with what was saved of it",
                "600",
                // Heartbeats come every twenty seconds, and what was sealed is never opened again.
                60..=86_400,
                "a number of seconds from 60 to 86400",
            )?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_given_up_neither_between_two_heartbeats_nor_after_days() {
        let read = |seconds: &str| {
            let values = [
                ("SESSIONS_DATABASE_URL", "postgres://localhost/sessions"),
                ("NATS_URL", "nats://localhost"),
                ("SESSION_ABANDONED_AFTER", seconds),
            ];
            let values = values.map(|(key, value)| (key.to_owned(), value.to_owned()));
            Config::read(&Environment::of_values("sessions", values))
        };
        assert_eq!(read("60").unwrap().abandoned_after, Duration::from_mins(1));
        for beyond in ["59", "86401"] {
            assert_eq!(
                read(beyond).unwrap_err().to_string(),
                "setting SESSION_ABANDONED_AFTER is not a number of seconds from 60 to 86400"
            );
        }
    }
}
