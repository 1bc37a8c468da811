//! What the service is told from outside.

use environment::{ConfigError, Environment};
use std::{net::SocketAddr, path::PathBuf};
use url::Url;

/// Everything the upload service is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its HTTP face.
    pub http: http_server::Config,
    /// Where its gRPC face listens.
    pub grpc: SocketAddr,
    /// Its database.
    pub database: postgres::Config,
    /// The broker.
    pub event_bus: event_bus::Config,
    /// Who verifies learners.
    pub caller: caller::Config,
    /// Where it asks about sessions.
    pub sessions: Url,
    /// Where recordings lie.
    pub object_store: object_store::Config,
    /// What makes them playable.
    pub programs: Programs,
}

/// The programs that read and write media, and where they may put files.
#[derive(Clone, Debug)]
pub struct Programs {
    /// Makes playable forms.
    pub ffmpeg: String,
    /// Looks into files.
    pub ffprobe: String,
    /// Where files lie while they are worked on.
    pub scratch: PathBuf,
}

impl Config {
    /// Reads every setting of the service.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            http: http_server::Config::read(env, "127.0.0.1:8105")?,
            grpc: env.parsed(
                &env.own_key("GRPC_ADDR"),
                "Address its gRPC face listens on",
                "127.0.0.1:9105",
                "an address with a port",
            )?,
            database: postgres::Config::read(env)?,
            event_bus: event_bus::Config::read(env)?,
            caller: caller::Config::read(env)?,
            sessions: env.url(
                "SESSIONS_GRPC_URL",
                "Where SessionRegistry answers",
                "http://127.0.0.1:9103",
            )?,
            object_store: object_store::Config::read(env)?,
            programs: Programs::read(env),
        })
    }
}

impl Programs {
    fn read(env: &Environment) -> Self {
        let folder = env.optional(
            &env.own_key("SCRATCH"),
            "Folder for files while they are worked on; empty is the system's",
        );
        Self {
            ffmpeg: env.text("FFMPEG", "The ffmpeg program", "ffmpeg"),
            ffprobe: env.text("FFPROBE", "The ffprobe program", "ffprobe"),
            scratch: folder.map_or_else(std::env::temp_dir, PathBuf::from),
        }
    }
}
