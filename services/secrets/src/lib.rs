#![doc = include_str!("../README.md")]

pub mod allowance;
mod announcements;
pub mod app;
pub mod client_secret;
mod config;
pub mod consumers;
pub mod exchange;
pub mod http;
pub mod offer;
pub mod pace;
pub mod provider;
pub mod secrets;
pub mod session_registry;
mod store;

pub use app::App;
pub use config::Config;

/// The tables of this service.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/secrets");
