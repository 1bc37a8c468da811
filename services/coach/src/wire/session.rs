//! The session: what a client may set, and its full form.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::ErrorDetail;

/// A session in full, as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "names and fields are the wire's own")]
pub struct Session {
    pub r#type: String,
    pub object: String,
    pub id: String,
    pub model: String,
    pub output_modalities: Vec<Modality>,
    pub instructions: String,
    pub tools: Vec<Value>,
    pub tool_choice: Value,
    pub max_output_tokens: Value,
    pub tracing: Value,
    pub truncation: Value,
    pub prompt: Value,
    pub expires_at: i64,
    pub include: Option<Vec<String>>,
    pub audio: Audio,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel_tool_calls: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Value>,
}

/// Voice or text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// Voice, with its words.
    Audio,
    /// Only words.
    Text,
}

/// Both directions of sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audio {
    pub input: Input,
    pub output: Output,
}

/// The learner's side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub format: Value,
    pub transcription: Option<Value>,
    pub noise_reduction: Option<Value>,
    pub turn_detection: Option<TurnDetection>,
}

/// The coach's side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    pub format: Value,
    pub voice: Value,
    pub speed: f32,
}

/// Who decides when a turn is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "names and fields are the wire's own")]
pub enum TurnDetection {
    ServerVad {
        #[serde(default = "half")]
        threshold: f32,
        #[serde(default = "prefix_padding")]
        prefix_padding_ms: u32,
        #[serde(default = "silence")]
        silence_duration_ms: u32,
        #[serde(default)]
        idle_timeout_ms: Option<u32>,
        #[serde(default = "yes")]
        create_response: bool,
        #[serde(default = "yes")]
        interrupt_response: bool,
    },
    SemanticVad {
        #[serde(default)]
        eagerness: lesson::Eagerness,
        #[serde(default = "yes")]
        create_response: bool,
        #[serde(default = "yes")]
        interrupt_response: bool,
    },
}

fn half() -> f32 {
    0.5
}

fn prefix_padding() -> u32 {
    300
}

fn silence() -> u32 {
    500
}

fn yes() -> bool {
    true
}

impl TurnDetection {
    /// Whether the end of a turn starts a response.
    pub fn creates_response(&self) -> bool {
        match self {
            Self::ServerVad { create_response, .. } | Self::SemanticVad { create_response, .. } => {
                *create_response
            }
        }
    }

    /// Whether speech cuts the coach short.
    pub fn interrupts_response(&self) -> bool {
        match self {
            Self::ServerVad { interrupt_response, .. } | Self::SemanticVad { interrupt_response, .. } => {
                *interrupt_response
            }
        }
    }
}

/// What has become of the coach's voice when a client wants to change the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoiceState {
    /// Nobody has heard it yet.
    Unheard,
    /// It was heard, and is silent.
    Silent,
    /// It speaks, or is about to.
    Speaking,
}

/// Why a session cannot be as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// A field nobody knows.
    #[error("Unknown parameter: '{0}'.")]
    Unknown(String),
    /// A value outside its range or of the wrong type.
    #[error("Invalid value for '{0}'.")]
    Invalid(&'static str),
    /// `type` must be there and be `realtime`.
    #[error("Missing required parameter: 'session.type'.")]
    NoType,
    /// The model of a running session is fixed.
    #[error("The model cannot be changed.")]
    ModelFixed,
    /// The voice is fixed once it was heard.
    #[error("The voice cannot be changed after it was heard.")]
    VoiceFixed,
    /// The pace of a sentence that is being said is fixed.
    #[error("The speed can be changed between turns only.")]
    SpeedBetweenTurns,
}

impl From<&SessionError> for ErrorDetail {
    fn from(error: &SessionError) -> Self {
        let (code, param) = match error {
            SessionError::Unknown(name) => ("unknown_parameter", format!("session.{name}")),
            SessionError::Invalid(path) => ("invalid_value", (*path).to_owned()),
            SessionError::NoType => ("missing_required_parameter", "session.type".to_owned()),
            SessionError::ModelFixed => ("invalid_value", "session.model".to_owned()),
            SessionError::VoiceFixed => ("invalid_value", "session.audio.output.voice".to_owned()),
            SessionError::SpeedBetweenTurns => ("invalid_value", "session.audio.output.speed".to_owned()),
        };
        Self::invalid(code, error.to_string()).about(param)
    }
}

impl Session {
    /// A new session: the defaults, changed as asked.
    pub fn open(id: &str, wanted: &Value) -> Result<Self, SessionError> {
        let mut full = json!({
            "type": "realtime", "object": "realtime.session", "id": id, "model": "gpt-realtime",
            "output_modalities": ["audio"], "instructions": "", "tools": [], "tool_choice": "auto",
            "max_output_tokens": "inf", "tracing": null, "truncation": "auto", "prompt": null, "expires_at": 0,
            "include": null,
            "audio": {
                "input": {
                    "format": {"type": "audio/pcm", "rate": 24000}, "transcription": null, "noise_reduction": null,
                    "turn_detection": {"type": "server_vad"}
                },
                "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "alloy", "speed": 1.0}
            }
        });
        merge(&mut full, writable(wanted)?);
        let session = Self::checked(full)?;
        let speed_given = wanted.pointer("/audio/output/speed").is_some_and(|speed| !speed.is_null());
        Ok(match lesson::extract(&session.instructions) {
            Some(lesson) if !speed_given => session.at_speed(lesson.level.speed()),
            _ => session,
        })
    }

    /// The session after a `session.update`.
    pub fn updated(&self, patch: &Value, voice: VoiceState) -> Result<Self, SessionError> {
        let patch = writable(patch)?;
        let mut full = serde_json::to_value(self).expect("a session is JSON");
        merge(&mut full, patch);
        let next = Self::checked(full)?;
        if next.model != self.model {
            return Err(SessionError::ModelFixed);
        }
        if voice != VoiceState::Unheard && next.audio.output.voice != self.audio.output.voice {
            return Err(SessionError::VoiceFixed);
        }
        let same_speed = (next.audio.output.speed - self.audio.output.speed).abs() < f32::EPSILON;
        if voice == VoiceState::Speaking && !same_speed {
            return Err(SessionError::SpeedBetweenTurns);
        }
        Ok(next)
    }

    /// Whether the client wants to read what the learner says.
    pub fn transcribes(&self) -> bool {
        self.audio.input.transcription.is_some()
    }

    fn at_speed(mut self, speed: f32) -> Self {
        self.audio.output.speed = speed;
        self
    }

    fn checked(mut full: Value) -> Result<Self, SessionError> {
        restore_cleared(&mut full);
        let session: Self = serde_json::from_value(full).map_err(|error| explain(&error))?;
        let within =
            |right: bool, path: &'static str| if right { Ok(()) } else { Err(SessionError::Invalid(path)) };
        within((0.25..=1.5).contains(&session.audio.output.speed), "session.audio.output.speed")?;
        within(session.output_modalities.len() == 1, "session.output_modalities")?;
        let tokens = &session.max_output_tokens;
        let bounded = tokens.as_u64().is_some_and(|n| (1..=4096).contains(&n)) || tokens == "inf";
        within(bounded, "session.max_output_tokens")?;
        if let Some(TurnDetection::ServerVad {
            threshold,
            silence_duration_ms,
            idle_timeout_ms,
            prefix_padding_ms,
            ..
        }) = &session.audio.input.turn_detection
        {
            within((0.0..=1.0).contains(threshold), "session.audio.input.turn_detection.threshold")?;
            within(*silence_duration_ms <= 10_000, "session.audio.input.turn_detection.silence_duration_ms")?;
            within(*prefix_padding_ms <= 5_000, "session.audio.input.turn_detection.prefix_padding_ms")?;
            let idle = idle_timeout_ms.is_none_or(|ms| (5_000..=30_000).contains(&ms));
            within(idle, "session.audio.input.turn_detection.idle_timeout_ms")?;
        }
        for (value, path) in [
            (&session.audio.input.transcription, "session.audio.input.transcription"),
            (&session.audio.input.noise_reduction, "session.audio.input.noise_reduction"),
        ] {
            within(value.as_ref().is_none_or(Value::is_object), path)?;
        }
        Ok(session)
    }
}

/// The fields a client may set; the others are the coach's to say.
fn writable(wanted: &Value) -> Result<&Map<String, Value>, SessionError> {
    let fields = wanted.as_object().ok_or(SessionError::Invalid("session"))?;
    match fields.get("type") {
        Some(kind) if kind == "realtime" => {}
        Some(_) => return Err(SessionError::Invalid("session.type")),
        None => return Err(SessionError::NoType),
    }
    match ["id", "object", "expires_at"].iter().find(|name| fields.contains_key(**name)) {
        Some(name) => Err(SessionError::Unknown((*name).to_owned())),
        None => Ok(fields),
    }
}

/// Objects are merged field by field, everything else is replaced; a turn detection of another type starts afresh.
fn merge(into: &mut Value, patch: &Map<String, Value>) {
    let Some(target) = into.as_object_mut() else { return };
    for (name, value) in patch {
        match (target.get_mut(name), value) {
            (Some(old @ Value::Object(_)), Value::Object(new)) => {
                if new.get("type").is_some_and(|kind| old.get("type") != Some(kind)) {
                    *old = value.clone();
                } else {
                    merge(old, new);
                }
            }
            _ => {
                target.insert(name.clone(), value.clone());
            }
        }
    }
}

/// `null` clears a field: those that are never empty go back to their default.
fn restore_cleared(full: &mut Value) {
    for (path, default) in [
        ("/instructions", json!("")),
        ("/tools", json!([])),
        ("/tool_choice", json!("auto")),
        ("/max_output_tokens", json!("inf")),
        ("/truncation", json!("auto")),
        ("/output_modalities", json!(["audio"])),
        ("/audio/output/speed", json!(1.0)),
        ("/audio/output/voice", json!("alloy")),
    ] {
        if let Some(value) = full.pointer_mut(path).filter(|value| value.is_null()) {
            *value = default;
        }
    }
}

fn explain(error: &serde_json::Error) -> SessionError {
    let text = error.to_string();
    match text.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next()) {
        Some(name) => SessionError::Unknown(name.chars().take(64).collect()),
        None => SessionError::Invalid("session"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session::open("sess_1", &json!({"type": "realtime"})).expect("the defaults are a session")
    }

    #[test]
    fn an_update_of_one_field_leaves_its_neighbours() {
        let patch = json!({"type": "realtime", "audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}}}});
        let before = session();
        let after = before.updated(&patch, VoiceState::Unheard).expect("valid");
        assert_eq!(after.audio.output, before.audio.output);
        assert_eq!(
            after.audio.input.turn_detection,
            Some(TurnDetection::SemanticVad {
                eagerness: lesson::Eagerness::Low,
                create_response: true,
                interrupt_response: true
            })
        );
    }

    #[test]
    fn null_clears_and_unknown_fields_are_named() {
        let manual = json!({"type": "realtime", "audio": {"input": {"turn_detection": null}}});
        assert_eq!(
            session().updated(&manual, VoiceState::Unheard).expect("valid").audio.input.turn_detection,
            None
        );
        let unknown = json!({"type": "realtime", "temperature": 0.7});
        assert_eq!(
            session().updated(&unknown, VoiceState::Unheard),
            Err(SessionError::Unknown("temperature".to_owned()))
        );
    }

    #[test]
    fn the_model_and_a_heard_voice_are_fixed() {
        let model = json!({"type": "realtime", "model": "another"});
        assert_eq!(session().updated(&model, VoiceState::Unheard), Err(SessionError::ModelFixed));
        let voice = json!({"type": "realtime", "audio": {"output": {"voice": "marin"}}});
        assert!(session().updated(&voice, VoiceState::Unheard).is_ok());
        assert_eq!(session().updated(&voice, VoiceState::Silent), Err(SessionError::VoiceFixed));
    }

    #[test]
    fn the_pace_changes_between_turns_only() {
        let slower = json!({"type": "realtime", "audio": {"output": {"speed": 0.8}}});
        assert_eq!(session().updated(&slower, VoiceState::Speaking), Err(SessionError::SpeedBetweenTurns));
        let silent = session().updated(&slower, VoiceState::Silent).expect("valid");
        assert!((silent.audio.output.speed - 0.8).abs() < f32::EPSILON);
        let patient =
            json!({"type": "realtime", "audio": {"input": {"turn_detection": {"type": "semantic_vad"}}}});
        assert!(
            session().updated(&patient, VoiceState::Speaking).is_ok(),
            "everything else changes at any time"
        );
    }

    #[test]
    fn what_a_stock_client_sends_first_is_accepted() {
        let patch = json!({
            "type": "realtime", "model": "gpt-realtime", "instructions": "Hi", "output_modalities": ["audio"],
            "audio": {
                "input": {"format": {"type": "audio/pcm", "rate": 24000}, "noise_reduction": null,
                          "transcription": {"model": "gpt-4o-mini-transcribe"}, "turn_detection": {"type": "semantic_vad"}},
                "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "ash", "speed": 1}
            },
            "tool_choice": "auto", "tools": [], "tracing": "auto"
        });
        let session = session().updated(&patch, VoiceState::Unheard).expect("valid");
        assert_eq!(session.tracing, "auto");
        assert!(session.transcribes());
    }

    #[test]
    fn a_value_outside_its_range_is_named() {
        let fast = json!({"type": "realtime", "audio": {"output": {"speed": 2.0}}});
        assert_eq!(
            session().updated(&fast, VoiceState::Unheard),
            Err(SessionError::Invalid("session.audio.output.speed"))
        );
        assert_eq!(Session::open("s", &json!({})), Err(SessionError::NoType));
    }
}
