//! The wire of the Realtime API, as far as a voice coach speaks it.
//!
//! One rule holds for everything that goes out: an optional field that has no value is left out, never `null`, except
//! `previous_item_id`, `status_details`, `usage`, `metadata` and the `transcript` of input audio, which are nullable by
//! contract. Stock clients discard events that break it.

mod client;
mod error;
mod item;
mod response;
mod server;
mod session;

pub use client::{ClientEvent, ClientEventKind, Place, ResponseRequest};
pub use error::{ErrorBody, ErrorDetail};
pub use item::{Content, Item, ItemStatus, Role};
pub use response::{Response, ResponseStatus, StatusDetails, Usage};
pub use server::{Part, RateLimit, ServerEvent, TranscriptionError, TranscriptionUsage};
pub use session::{Modality, Session, SessionError, TurnDetection, VoiceState};
