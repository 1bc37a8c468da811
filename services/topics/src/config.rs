//! What this service is told from outside.

use environment::{ConfigError, Environment};
use std::net::SocketAddr;

/// Everything the topics service is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens, and for which pages.
    pub http: http_server::Config,
    /// Where it listens for other services.
    pub grpc: SocketAddr,
    /// Its database.
    pub database: postgres::Config,
    /// The broker.
    pub bus: event_bus::Config,
}

impl Config {
    /// Reads every setting.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            http: http_server::Config::read(env, "127.0.0.1:8102")?,
            grpc: env.parsed(
                &env.own_key("GRPC_ADDR"),
                "Address its gRPC face listens on",
                "127.0.0.1:9102",
                "an address with a port",
            )?,
            database: postgres::Config::read(env)?,
            bus: event_bus::Config::read(env)?,
        })
    }
}
