#![doc = include_str!("../README.md")]

pub mod announcements;
pub mod app;
pub mod calls;
pub mod changes;
pub mod config;
pub mod consumers;
pub mod fingerprint;
pub mod grpc;
pub mod http;
pub mod rating;
pub mod ratings_client;
pub mod recording;
pub mod session;
pub mod sessions;
pub mod store;
pub mod topic_catalog;
pub mod turns;
pub mod words;

pub use app::{App, Process};
pub use config::Config;
pub use sessions::Sessions;

/// The tables of this service.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/sessions");
