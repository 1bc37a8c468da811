//! The coach's voice.

mod cache;
mod flite;

use std::{future::Future, pin::Pin};

pub use cache::Cached;
pub use flite::Flite;

use crate::sound::Clip;

/// Why a sentence could not be spoken. Never holds the sentence.
#[derive(Debug, thiserror::Error)]
pub enum VoiceError {
    /// The program could not be started or its sound not be read.
    #[error("the voice could not be run")]
    Io(#[from] std::io::Error),
    /// The program failed.
    #[error("the voice ended with {0}")]
    Failed(std::process::ExitStatus),
    /// It took too long.
    #[error("the voice took too long")]
    TooSlow,
    /// What it made is not 16 kHz mono PCM.
    #[error("the voice made no usable sound")]
    Unusable,
}

/// A sentence being made.
pub type Speaking<'a> = Pin<Box<dyn Future<Output = Result<Clip, VoiceError>> + Send + 'a>>;

/// Turns words into sound of 16 kHz.
pub trait Voice: Send + Sync + 'static {
    /// Speaks at a pace; 1.0 is 150 words a minute.
    fn speak<'a>(&'a self, text: &'a str, speed: f32) -> Speaking<'a>;
}
