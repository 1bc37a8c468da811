//! Talks like the Realtime API, with no key and no network: mints secrets, answers offers, listens, speaks.

mod app;
pub mod call;
mod config;
pub mod dialogue;
pub mod faults;
mod http;
pub mod recognizer;
pub mod secrets;
pub mod sound;
pub mod talk;
pub mod voice;
pub mod wire;

pub use app::App;
pub use config::Config;
