//! What the coach sends on the data channel.

use serde::{Deserialize, Serialize};

use super::{ErrorDetail, Item, Response, Session};

/// One event of the coach, without its `event_id`, which the channel adds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
#[expect(missing_docs, reason = "names and fields are the wire's own")]
pub enum ServerEvent {
    #[serde(rename = "error")]
    Error { error: ErrorDetail },
    #[serde(rename = "session.created")]
    SessionCreated { session: Session },
    #[serde(rename = "session.updated")]
    SessionUpdated { session: Session },
    #[serde(rename = "conversation.item.added")]
    ItemAdded { item: Item, previous_item_id: Option<String> },
    #[serde(rename = "conversation.item.done")]
    ItemDone { item: Item, previous_item_id: Option<String> },
    #[serde(rename = "conversation.item.retrieved")]
    ItemRetrieved { item: Item },
    #[serde(rename = "conversation.item.truncated")]
    ItemTruncated { item_id: String, content_index: u32, audio_end_ms: u64 },
    #[serde(rename = "conversation.item.deleted")]
    ItemDeleted { item_id: String },
    #[serde(rename = "conversation.item.input_audio_transcription.delta")]
    TranscriptionDelta { item_id: String, content_index: u32, delta: String },
    #[serde(rename = "conversation.item.input_audio_transcription.completed")]
    TranscriptionCompleted {
        item_id: String,
        content_index: u32,
        transcript: String,
        usage: TranscriptionUsage,
    },
    #[serde(rename = "conversation.item.input_audio_transcription.failed")]
    TranscriptionFailed { item_id: String, content_index: u32, error: TranscriptionError },
    #[serde(rename = "input_audio_buffer.speech_started")]
    SpeechStarted { audio_start_ms: u64, item_id: String },
    #[serde(rename = "input_audio_buffer.speech_stopped")]
    SpeechStopped { audio_end_ms: u64, item_id: String },
    #[serde(rename = "input_audio_buffer.committed")]
    Committed { item_id: String, previous_item_id: Option<String> },
    #[serde(rename = "input_audio_buffer.cleared")]
    InputCleared,
    #[serde(rename = "response.created")]
    ResponseCreated { response: Response },
    #[serde(rename = "response.done")]
    ResponseDone { response: Response },
    #[serde(rename = "response.output_item.added")]
    OutputItemAdded { response_id: String, output_index: u32, item: Item },
    #[serde(rename = "response.output_item.done")]
    OutputItemDone { response_id: String, output_index: u32, item: Item },
    #[serde(rename = "response.content_part.added")]
    PartAdded { response_id: String, item_id: String, output_index: u32, content_index: u32, part: Part },
    #[serde(rename = "response.content_part.done")]
    PartDone { response_id: String, item_id: String, output_index: u32, content_index: u32, part: Part },
    #[serde(rename = "response.output_audio_transcript.delta")]
    AudioTranscriptDelta {
        response_id: String,
        item_id: String,
        output_index: u32,
        content_index: u32,
        delta: String,
    },
    #[serde(rename = "response.output_audio_transcript.done")]
    AudioTranscriptDone {
        response_id: String,
        item_id: String,
        output_index: u32,
        content_index: u32,
        transcript: String,
    },
    #[serde(rename = "response.output_audio.done")]
    AudioDone { response_id: String, item_id: String, output_index: u32, content_index: u32 },
    #[serde(rename = "response.output_text.delta")]
    TextDelta { response_id: String, item_id: String, output_index: u32, content_index: u32, delta: String },
    #[serde(rename = "response.output_text.done")]
    TextDone { response_id: String, item_id: String, output_index: u32, content_index: u32, text: String },
    #[serde(rename = "output_audio_buffer.started")]
    OutputStarted { response_id: String },
    #[serde(rename = "output_audio_buffer.stopped")]
    OutputStopped { response_id: String },
    #[serde(rename = "output_audio_buffer.cleared")]
    OutputCleared {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        response_id: Option<String>,
    },
    #[serde(rename = "rate_limits.updated")]
    RateLimits { rate_limits: Vec<RateLimit> },
}

/// A piece of a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Voice.
    Audio {
        /// Its words.
        transcript: String,
    },
    /// Text.
    Text {
        /// Its words.
        text: String,
    },
}

/// A limit that is never reached, because clients expect to be told of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RateLimit {
    /// `requests` or `tokens`.
    pub name: String,
    /// How many.
    pub limit: u64,
    /// How many are left.
    pub remaining: u64,
    /// When they are back.
    pub reset_seconds: f64,
}

/// What a transcription is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TranscriptionUsage {
    /// Its length.
    Duration {
        /// How much was transcribed.
        seconds: f64,
    },
}

/// Why a turn has no text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptionError {
    /// The family.
    pub r#type: String,
    /// For programs.
    pub code: String,
    /// For people.
    pub message: String,
}
