#![doc = include_str!("../README.md")]

pub mod account;
pub mod accounts;
mod announcements;
pub mod login;
pub mod password;
pub mod password_hashes;
pub mod signing_keys;
mod store;
pub mod throttle;

pub use accounts::Accounts;

/// The tables of this service.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/accounts");
