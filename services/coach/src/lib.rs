//! Talks like the Realtime API, with no key and no network.

pub mod dialogue;
pub mod wire;
