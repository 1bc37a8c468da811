//! What a client may send on the data channel.

use serde::Deserialize;
use serde_json::Value;

use super::{ErrorDetail, Item, Modality};

/// One message of the client.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientEvent {
    /// The client's own name for it, repeated in errors.
    pub event_id: Option<String>,
    /// What it asks for.
    pub kind: ClientEventKind,
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type")]
pub enum ClientEventKind {
    /// Change the session.
    #[serde(rename = "session.update")]
    SessionUpdate {
        /// The fields to change.
        session: Value,
    },
    /// Put an item into the conversation.
    #[serde(rename = "conversation.item.create")]
    ItemCreate {
        /// The item.
        item: Item,
        /// After which item; absent means at the end, `root` means first.
        #[serde(default)]
        previous_item_id: Option<String>,
    },
    /// Show an item.
    #[serde(rename = "conversation.item.retrieve")]
    ItemRetrieve {
        /// Which.
        item_id: String,
    },
    /// Forget what of an item was not heard.
    #[serde(rename = "conversation.item.truncate")]
    ItemTruncate {
        /// Which.
        item_id: String,
        /// Always 0.
        content_index: u32,
        /// How much was heard.
        audio_end_ms: u64,
    },
    /// Remove an item.
    #[serde(rename = "conversation.item.delete")]
    ItemDelete {
        /// Which.
        item_id: String,
    },
    /// Sound belongs on the media track.
    #[serde(rename = "input_audio_buffer.append")]
    AudioAppend,
    /// End the learner's turn by hand.
    #[serde(rename = "input_audio_buffer.commit")]
    AudioCommit,
    /// Forget what the learner has said since the last turn.
    #[serde(rename = "input_audio_buffer.clear")]
    AudioClear,
    /// The coach's turn.
    #[serde(rename = "response.create")]
    ResponseCreate {
        /// How this one differs from the session.
        #[serde(default)]
        response: Option<ResponseRequest>,
    },
    /// Stop making a response.
    #[serde(rename = "response.cancel")]
    ResponseCancel {
        /// Which; absent means the running one.
        #[serde(default)]
        response_id: Option<String>,
    },
    /// Stop what is being heard.
    #[serde(rename = "output_audio_buffer.clear")]
    OutputClear,
}

/// How one response differs from the session. Fields that mean nothing to a coach are accepted and ignored.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct ResponseRequest {
    /// Voice or text.
    #[serde(default)]
    pub output_modalities: Option<Vec<Modality>>,
    /// `none` keeps the response out of the conversation.
    #[serde(default)]
    pub conversation: Place,
    /// The client's own labels.
    #[serde(default)]
    pub metadata: Option<Value>,
}

/// Whether a response belongs to the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// It does.
    #[default]
    Auto,
    /// It stands outside.
    None,
}

impl ClientEvent {
    /// Reads a message. What cannot be read becomes the error to answer with.
    pub fn parse(text: &str) -> Result<Self, ErrorDetail> {
        let value: Value = serde_json::from_str(text)
            .map_err(|_| ErrorDetail::invalid("invalid_event", "The event is not valid JSON."))?;
        let event_id = value.get("event_id").and_then(Value::as_str).map(str::to_owned);
        let refuse = |error: ErrorDetail| ErrorDetail { event_id: event_id.clone(), ..error };
        if event_id.as_ref().is_some_and(|id| id.chars().count() > 512) {
            return Err(ErrorDetail::invalid("invalid_value", "event_id is longer than 512 characters.")
                .about("event_id"));
        }
        let Some(name) = value.get("type").and_then(Value::as_str).map(str::to_owned) else {
            return Err(refuse(
                ErrorDetail::invalid("missing_required_parameter", "The event has no type.").about("type"),
            ));
        };
        if !KNOWN.contains(&name.as_str()) {
            let name: String = name.chars().take(64).collect();
            return Err(refuse(
                ErrorDetail::invalid("invalid_event", format!("Unknown event type: {name}.")).about("type"),
            ));
        }
        match serde_json::from_value(value) {
            Ok(kind) => Ok(Self { event_id, kind }),
            Err(error) => {
                let code = if error.to_string().starts_with("missing field") {
                    "missing_required_parameter"
                } else {
                    "invalid_value"
                };
                Err(refuse(ErrorDetail::invalid(
                    code,
                    format!("{name}: a field is missing or of the wrong type."),
                )))
            }
        }
    }
}

const KNOWN: [&str; 11] = [
    "session.update",
    "conversation.item.create",
    "conversation.item.retrieve",
    "conversation.item.truncate",
    "conversation.item.delete",
    "input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
    "response.create",
    "response.cancel",
    "output_audio_buffer.clear",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_event_can_be_read() {
        for name in KNOWN {
            let text = serde_json::json!({
                "type": name, "event_id": "c1", "session": {}, "item_id": "i", "content_index": 0, "audio_end_ms": 1,
                "item": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
            });
            let event =
                ClientEvent::parse(&text.to_string()).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert_eq!(event.event_id.as_deref(), Some("c1"));
        }
    }

    #[test]
    fn what_cannot_be_read_is_answered_with_the_clients_own_event_id() {
        let error = ClientEvent::parse(r#"{"type":"coffee.make","event_id":"c9"}"#).unwrap_err();
        assert_eq!(error.code.as_deref(), Some("invalid_event"));
        assert_eq!(error.event_id.as_deref(), Some("c9"));
        let error =
            ClientEvent::parse(r#"{"type":"conversation.item.retrieve","event_id":"c9"}"#).unwrap_err();
        assert_eq!(error.code.as_deref(), Some("missing_required_parameter"));
        assert_eq!(ClientEvent::parse("{").unwrap_err().code.as_deref(), Some("invalid_event"));
    }
}
