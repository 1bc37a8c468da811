#![doc = include_str!("../README.md")]

mod announcements;
mod app;
pub mod audio;
pub mod config;
pub mod consumers;
pub mod decode;
pub mod dependencies;
pub mod finding;
pub mod grpc;
pub mod metrics;
pub mod practice;
pub mod ratings;
mod store;
pub mod transcript;

pub use app::Rating;
pub use config::Config;
pub use ratings::Ratings;

/// The service's own tables.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/rating");
