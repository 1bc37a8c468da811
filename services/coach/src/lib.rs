//! Talks like the Realtime API, with no key and no network.

pub mod dialogue;
pub mod recognizer;
pub mod sound;
pub mod talk;
pub mod voice;
pub mod wire;
