#![doc = include_str!("../README.md")]

mod announcements;
mod app;
mod config;
pub mod fixture;
pub mod grpc;
pub mod http;
pub mod list;
mod store;
pub mod topic;
pub mod topics;

pub use app::App;
pub use config::Config;
pub use topics::Topics;

/// The tables of this service.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/topics");
