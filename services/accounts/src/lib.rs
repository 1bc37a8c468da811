#![doc = include_str!("../README.md")]

pub mod account;
pub mod accounts;
mod announcements;
mod app;
mod config;
pub mod http;
pub mod login;
pub mod password;
pub mod password_hashes;
pub mod practice;
pub mod signing_keys;
mod store;
pub mod throttle;

pub use accounts::Accounts;
pub use app::{App, verifier};
pub use config::Config;

/// The tables of this service.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/accounts");
