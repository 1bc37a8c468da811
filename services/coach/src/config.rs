//! Everything the coach is told from outside.

use std::{net::SocketAddr, str::FromStr};

use environment::{ConfigError, Environment};
use http::HeaderValue;
use secrecy::SecretString;

use crate::faults::Faults;

/// Everything the coach is told from outside.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where its HTTP face listens, and for which pages.
    pub http: http_server::Config,
    /// Who holds this key may mint secrets and make calls.
    pub key: SecretString,
    /// Where media arrives.
    pub udp_bind: SocketAddr,
    /// Where browsers are told to send media.
    pub advertise: Vec<SocketAddr>,
    /// The command line of the recogniser; empty when there is none.
    pub recognizer: Vec<String>,
    /// How many recogniser processes run.
    pub recognizers: usize,
    /// The path of the synthesiser.
    pub flite: String,
    /// Calls that may go on at a time.
    pub most_calls: usize,
    /// Origins of pages that may make calls.
    pub origins: Vec<HeaderValue>,
    /// Faults that are switched on.
    pub faults: Faults,
}

impl Config {
    /// Reads the settings.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        let http = http_server::Config::read(env, "127.0.0.1:8110")?;
        let own = http.origin.origin().ascii_serialization();
        Ok(Self {
            key: env.secret("COACH_KEY", "Key with which secrets are minted")?,
            udp_bind: env.parsed(
                "COACH_UDP_BIND",
                "Address media arrives on",
                "127.0.0.1:8110",
                "an address with a port",
            )?,
            advertise: list(
                env,
                "COACH_ADVERTISE",
                "Addresses browsers send media to, separated by commas",
                "127.0.0.1:8110",
                "a list of addresses with ports",
            )?,
            recognizer: env
                .text("COACH_RECOGNIZER", "Command line of the speech recogniser; empty for none", "")
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            recognizers: env.within(
                "COACH_RECOGNIZERS",
                "Recogniser processes",
                "1",
                1..=64,
                "a number from 1 to 64",
            )?,
            flite: env.text("COACH_FLITE", "Path of the flite program", "flite"),
            most_calls: env.within(
                "COACH_MOST_CALLS",
                "Calls at a time",
                "50",
                1..=1000,
                "a number from 1 to 1000",
            )?,
            origins: list(
                env,
                "COACH_ORIGINS",
                "Origins of pages that may call, separated by commas",
                &own,
                "a list of origins",
            )?,
            faults: env.parsed(
                "COACH_FAULTS",
                "Faults to show, separated by commas",
                "",
                "a list of faults",
            )?,
            http,
        })
    }
}

fn list<T: FromStr>(
    env: &Environment,
    key: &str,
    doc: &'static str,
    default: &str,
    expected: &'static str,
) -> Result<Vec<T>, ConfigError> {
    let text = env.text(key, doc, default);
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| part.parse().map_err(|_| ConfigError::Malformed { key: key.to_owned(), expected }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_beyond_its_bounds_is_refused_by_name() {
        for (key, most) in [("COACH_RECOGNIZERS", 64), ("COACH_MOST_CALLS", 1000)] {
            for beyond in [0, most + 1] {
                let values = [("COACH_KEY", "k".to_owned()), (key, beyond.to_string())];
                let values = values.map(|(key, value)| (key.to_owned(), value));
                let refused = Config::read(&Environment::of_values("coach", values)).unwrap_err();
                assert_eq!(refused.to_string(), format!("setting {key} is not a number from 1 to {most}"));
            }
        }
    }
}
