//! Responses: one turn of the coach.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Item, Modality};

/// One turn of the coach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// Always `realtime.response`.
    pub object: String,
    /// `resp_…`.
    pub id: String,
    /// How far it is.
    pub status: ResponseStatus,
    /// Why it ended as it did.
    pub status_details: Option<StatusDetails>,
    /// What it said; empty until it is done.
    pub output: Vec<Item>,
    /// Left out when the response stands outside the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// Voice or text.
    pub output_modalities: Vec<Modality>,
    /// As the session has it.
    pub max_output_tokens: Value,
    /// What it would have cost.
    pub usage: Option<Usage>,
    /// The client's own labels.
    pub metadata: Option<Value>,
}

/// How far a response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseStatus {
    /// Being made.
    InProgress,
    /// Made in full, which says nothing about what was heard.
    Completed,
    /// Cut while being made.
    Cancelled,
    /// It could not be made.
    Failed,
}

/// Why a response ended as it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StatusDetails {
    /// Cut.
    Cancelled {
        /// `turn_detected` or `client_cancelled`.
        reason: String,
    },
    /// Not made.
    Failed {
        /// Why.
        error: super::TranscriptionError,
    },
}

/// What a response would have cost, so that whoever adds it up adds up the same shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// All tokens.
    pub total_tokens: u64,
    /// Of what was heard.
    pub input_tokens: u64,
    /// Of what was said.
    pub output_tokens: u64,
    /// Of what was heard, in parts.
    pub input_token_details: InputTokens,
    /// Of what was said, in parts.
    pub output_token_details: OutputTokens,
}

/// Input tokens in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the wire's names")]
pub struct InputTokens {
    /// Text.
    pub text_tokens: u64,
    /// Sound.
    pub audio_tokens: u64,
    /// Seen before.
    pub cached_tokens: u64,
}

/// Output tokens in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputTokens {
    /// Text.
    pub text_tokens: u64,
    /// Sound.
    pub audio_tokens: u64,
}

impl Usage {
    /// Ten tokens for a second heard, twenty for a second said, one for four letters.
    pub fn of(heard_ms: u64, said_ms: u64, letters: usize) -> Self {
        let heard = heard_ms / 100;
        let said = said_ms / 50;
        let text = (letters as u64).div_ceil(4);
        Self {
            total_tokens: heard + said + text,
            input_tokens: heard,
            output_tokens: said + text,
            input_token_details: InputTokens { text_tokens: 0, audio_tokens: heard, cached_tokens: 0 },
            output_token_details: OutputTokens { text_tokens: text, audio_tokens: said },
        }
    }
}
