//! What can be heard in a recording without understanding a word of it.

mod conversation;
mod listener;
mod speech;
mod syllables;

pub use conversation::{Conversation, PAUSE_MS};
pub use listener::{Listener, SAMPLE_RATE};

/// How finely energy is known: one block of this many milliseconds.
const BLOCK_MS: u32 = 5;
