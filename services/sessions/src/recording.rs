//! What a session knows of its recording. The recording itself lies with upload.

use crate::words::{RecordingPolicy, RecordingState};

/// What upload said about a stored recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingFacts {
    /// Higher when it was built anew.
    pub revision: u32,
    /// How long it is.
    pub duration_ms: u32,
    /// `audio/webm` or `audio/mp4`.
    pub media_type: String,
    /// Which channel holds whom.
    pub channel_layout: String,
    /// What is not as it should be with it, as slugs.
    pub warnings: Vec<String>,
}

/// How the recording stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recording {
    /// The learner wanted none.
    None,
    /// It is on its way.
    Expected,
    /// It can be played.
    Ready(RecordingFacts),
}

impl Recording {
    /// How it stands when a session begins.
    #[must_use]
    pub fn at_first(policy: RecordingPolicy) -> Self {
        match policy {
            RecordingPolicy::Keep => Self::Expected,
            RecordingPolicy::Never => Self::None,
        }
    }

    /// How it stands after news from upload: only a higher revision counts, so that late news changes nothing.
    #[must_use]
    pub fn stored(self, facts: RecordingFacts) -> Self {
        match self {
            Self::Ready(known) if known.revision >= facts.revision => Self::Ready(known),
            Self::None | Self::Expected | Self::Ready(_) => Self::Ready(facts),
        }
    }

    /// In one word.
    #[must_use]
    pub fn state(&self) -> RecordingState {
        match self {
            Self::None => RecordingState::None,
            Self::Expected => RecordingState::Expected,
            Self::Ready(_) => RecordingState::Ready,
        }
    }
}
