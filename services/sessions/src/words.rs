//! Closed sets of words, as they stand in rows, events and JSON.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::ToSchema;

/// A stored word is none of its set.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the known words")]
pub struct UnknownWord;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:tt,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// The word for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        // By hand, because serde's own way takes a value that is no text for text that is no JSON.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(UnknownWord),
                }
            }
        }
    )*};
}

words! {
    /// Whether the learner wants a recording to be kept.
    RecordingPolicy {
        /// It is kept until the learner deletes it.
        Keep = "keep",
        /// None is made.
        Never = "never",
    }
    /// Why a session ended.
    EndReason {
        /// The learner ended it.
        Learner = "learner",
        /// The coach closed the conversation.
        Coach = "coach",
        /// The time was up.
        TimeLimit = "time_limit",
        /// The call was lost and did not come back.
        ConnectionLost = "connection_lost",
        /// The microphone was gone.
        MicrophoneLost = "microphone_lost",
        /// Nobody came back to it.
        Interrupted = "interrupted",
    }
    /// Why a browser ends a session. That nobody comes back is nothing a browser can say.
    StatedReason {
        /// The learner ended it.
        Learner = "learner",
        /// The coach closed the conversation.
        Coach = "coach",
        /// The time was up.
        TimeLimit = "time_limit",
        /// The call was lost and did not come back.
        ConnectionLost = "connection_lost",
        /// The microphone was gone.
        MicrophoneLost = "microphone_lost",
    }
    /// Who spoke.
    Speaker {
        /// The one who practises.
        Learner = "learner",
        /// The one who asks.
        Coach = "coach",
    }
    /// How whole the words of a turn are.
    TurnState {
        /// All of them.
        Complete = "complete",
        /// Those that were heard before somebody else spoke.
        Truncated = "truncated",
        /// It was spoken, but its words are not known.
        NotTranscribed = "not_transcribed",
    }
    /// How the recording of a session stands.
    RecordingState {
        /// The learner wanted none.
        None = "none",
        /// It is on its way.
        Expected = "expected",
        /// It can be played.
        Ready = "ready",
    }
    /// How the rating of a session stands.
    RatingState {
        /// The session is not over.
        None = "none",
        /// It is on its way.
        Waiting = "waiting",
        /// It is there.
        Ready = "ready",
        /// It was given up until the learner asks again.
        Failed = "failed",
    }
    /// How a session was, as its learner says.
    Feedback {
        /// As they wished.
        Good = "good",
        /// With something that could be better.
        Fair = "fair",
        /// Not as it should be.
        Poor = "poor",
    }
    /// A part of a session that lies with another service and is erased there.
    Part {
        /// The recording.
        Upload = "upload",
        /// The ratings.
        Rating = "rating",
        /// What was granted for its calls.
        Secrets = "secrets",
    }
}

impl From<StatedReason> for EndReason {
    fn from(stated: StatedReason) -> Self {
        match stated {
            StatedReason::Learner => Self::Learner,
            StatedReason::Coach => Self::Coach,
            StatedReason::TimeLimit => Self::TimeLimit,
            StatedReason::ConnectionLost => Self::ConnectionLost,
            StatedReason::MicrophoneLost => Self::MicrophoneLost,
        }
    }
}

/// Every part that must be erased before a session is forgotten.
pub const PARTS: [Part; 3] = [Part::Upload, Part::Rating, Part::Secrets];
