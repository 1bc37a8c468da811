//! What is said to the provider, and how its answers are read.

use super::{Models, ProviderError};
use crate::{
    client_secret::{self, ClientSecret},
    pace::{Pace, Speed},
};
use lesson::Lesson;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What we ask for at the mint.
#[derive(Serialize)]
pub(super) struct Wanted<'a> {
    expires_after: ExpiresAfter,
    session: Session<'a>,
}

#[derive(Serialize)]
struct ExpiresAfter {
    anchor: &'static str,
    seconds: u64,
}

#[derive(Serialize)]
struct Session<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    model: &'a str,
    instructions: String,
    output_modalities: [&'static str; 1],
    audio: Audio<'a>,
}

#[derive(Serialize)]
struct Audio<'a> {
    input: Input<'a>,
    output: Output<'a>,
}

#[derive(Serialize)]
struct Input<'a> {
    noise_reduction: NoiseReduction,
    transcription: Transcription<'a>,
    /// Null when the learner says when a turn is over.
    turn_detection: Option<TurnDetection>,
}

#[derive(Serialize)]
struct NoiseReduction {
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Transcription<'a> {
    model: &'a str,
    language: &'static str,
}

#[derive(Serialize)]
struct TurnDetection {
    #[serde(rename = "type")]
    kind: &'static str,
    eagerness: &'static str,
    create_response: bool,
    interrupt_response: bool,
}

#[derive(Serialize)]
struct Output<'a> {
    voice: &'a str,
    speed: f32,
}

impl<'a> Wanted<'a> {
    pub(super) fn of(lesson: &Lesson, models: &'a Models, pace: &Pace) -> Self {
        Self {
            expires_after: ExpiresAfter { anchor: "created_at", seconds: client_secret::LIFETIME.as_secs() },
            session: Session::of(lesson, models, pace),
        }
    }
}

/// What we ask for with an offer, as JSON.
pub(super) fn session(lesson: &Lesson, models: &Models, pace: &Pace) -> String {
    serde_json::to_string(&Session::of(lesson, models, pace)).expect("it is made of text and numbers")
}

impl<'a> Session<'a> {
    fn of(lesson: &Lesson, models: &'a Models, pace: &Pace) -> Self {
        let turn_detection = TurnDetection {
            kind: "semantic_vad",
            eagerness: pace.patience.eagerness(),
            create_response: true,
            interrupt_response: true,
        };
        Self {
            kind: "realtime",
            model: &models.realtime,
            instructions: lesson::render_instructions(lesson),
            output_modalities: ["audio"],
            audio: Audio {
                input: Input {
                    noise_reduction: NoiseReduction { kind: "near_field" },
                    transcription: Transcription { model: &models.transcription, language: "en" },
                    turn_detection: (!pace.push_to_talk).then_some(turn_detection),
                },
                output: Output {
                    voice: &models.voice,
                    speed: lesson.level.speed() * pace.speed.map_or(1.0, Speed::get),
                },
            },
        }
    }
}

/// What we read of the answer; the session it repeats is ours.
#[derive(Deserialize)]
struct Minted {
    value: String,
    expires_at: i64,
}

/// A secret is a header value in the browser.
const LONGEST_SECRET: usize = 1024;

pub(super) fn understood(body: &[u8]) -> Result<ClientSecret, ProviderError> {
    // What serde says of a body with a secret in it is not for a log.
    let minted: Minted = serde_json::from_slice(body)
        .map_err(|_| ProviderError::Garbled { what: "it has no value and expires_at" })?;
    if !(1..=LONGEST_SECRET).contains(&minted.value.len())
        || !minted.value.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(ProviderError::Garbled { what: "value is not a secret" });
    }
    let expires_at = OffsetDateTime::from_unix_timestamp(minted.expires_at)
        .map_err(|_| ProviderError::Garbled { what: "expires_at is not a time" })?;
    Ok(ClientSecret { value: minted.value.into(), expires_at })
}

/// The code of an error answer, if it is one word: a message may quote our key.
pub(super) fn error_code(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Answer {
        error: Said,
    }
    #[derive(Deserialize)]
    struct Said {
        code: String,
    }
    let code = serde_json::from_slice::<Answer>(body).ok()?.error.code;
    let one_word = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    one_word.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn an_answer_of_the_contract_is_understood() {
        let body =
            br#"{"value":"ek_7c41d0aa52e94be6","expires_at":1795190460,"session":{"type":"realtime"}}"#;
        let secret = understood(body).unwrap();
        assert_eq!(secret.value.expose_secret(), "ek_7c41d0aa52e94be6");
        assert_eq!(secret.expires_at.unix_timestamp(), 1_795_190_460);
    }

    #[test]
    fn any_other_answer_is_garbled() {
        for body in [
            "",
            "null",
            "<html>",
            r#"{"value":"ek_1"}"#,
            r#"{"expires_at":1795190460}"#,
            r#"{"value":"","expires_at":1795190460}"#,
            r#"{"value":"ek 1","expires_at":1795190460}"#,
            r#"{"value":"ek_1\n","expires_at":1795190460}"#,
            r#"{"value":7,"expires_at":1795190460}"#,
            r#"{"value":"ek_1","expires_at":"soon"}"#,
            r#"{"value":"ek_1","expires_at":9223372036854775807}"#,
        ] {
            assert!(matches!(understood(body.as_bytes()), Err(ProviderError::Garbled { .. })), "{body}");
        }
    }

    #[test]
    fn only_one_word_of_an_error_is_repeated() {
        let said = |code: &str| error_code(format!(r#"{{"error":{{"code":"{code}"}}}}"#).as_bytes());
        assert_eq!(said("invalid_api_key").as_deref(), Some("invalid_api_key"));
        assert_eq!(said("wrong key: sk-1"), None);
        assert_eq!(error_code(b"<html>"), None);
    }
}
