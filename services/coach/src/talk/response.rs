//! The coach's turns: made, heard, ended.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Action, Talk, items::Entry};
use crate::{
    dialogue::{Line, Said, Who},
    sound::{Clip, ms},
    voice::VoiceError,
    wire::{
        Content, Item, ItemStatus, Modality, Part, Place, RateLimit, Response, ResponseRequest,
        ResponseStatus, Role, ServerEvent, StatusDetails, TranscriptionError, Usage,
    },
};

/// Words in one piece of a transcript.
const WORDS_IN_DELTA: usize = 4;

/// A response being made.
#[derive(Debug)]
pub(super) struct Making {
    pub(super) response_id: String,
    pub(super) item_id: String,
    text: String,
    in_conversation: bool,
    modality: Modality,
    metadata: Option<Value>,
    /// What of the transcript was told.
    told: usize,
    /// The length of its sound, once there.
    sound_ms: u64,
}

impl Talk {
    pub(super) fn make(&mut self, line: Line, request: ResponseRequest) {
        let Line { text, speed, expect } = line;
        self.expect = expect;
        let modality = self.modality(&request);
        let in_conversation = request.conversation == Place::Auto;
        let making = Making {
            response_id: self.name("resp"),
            item_id: self.name("item"),
            text,
            in_conversation,
            modality,
            metadata: request.metadata,
            told: 0,
            sound_ms: 0,
        };
        metrics::counter!("coach_responses_total").increment(1);
        self.send(ServerEvent::ResponseCreated {
            response: self.response(&making, ResponseStatus::InProgress),
        });
        self.send(ServerEvent::RateLimits {
            rate_limits: ["requests", "tokens"]
                .map(|name| RateLimit {
                    name: name.to_owned(),
                    limit: 40_000,
                    remaining: 40_000,
                    reset_seconds: 0.0,
                })
                .to_vec(),
        });
        let (response_id, item_id) = (making.response_id.clone(), making.item_id.clone());
        let item = Item::message(item_id.clone(), Role::Assistant, ItemStatus::InProgress, Vec::new());
        self.send(ServerEvent::OutputItemAdded {
            response_id: response_id.clone(),
            output_index: 0,
            item: item.clone(),
        });
        if in_conversation {
            let previous_item_id = self.items.last_id();
            let said = Said { who: Who::Coach, text: making.text.clone(), voiced: Duration::ZERO };
            self.items.push(Entry { item: item.clone(), said: Some(said), sound_ms: Some(0) });
            self.send(ServerEvent::ItemAdded { item, previous_item_id });
        }
        let part = match modality {
            Modality::Audio => Part::Audio { transcript: String::new() },
            Modality::Text => Part::Text { text: String::new() },
        };
        self.send(ServerEvent::PartAdded {
            response_id: response_id.clone(),
            item_id,
            output_index: 0,
            content_index: 0,
            part,
        });
        let text = making.text.clone();
        self.making = Some(making);
        match modality {
            Modality::Audio => {
                let speed = self.pace(speed);
                self.actions.push_back(Action::Speak { response_id, text, speed });
            }
            Modality::Text => self.complete(),
        }
    }

    /// A response the client asked for although there is nothing to say.
    pub(super) fn make_nothing(&mut self, request: ResponseRequest) {
        let mut response = Response {
            object: "realtime.response".to_owned(),
            id: self.name("resp"),
            status: ResponseStatus::InProgress,
            status_details: None,
            output: Vec::new(),
            conversation_id: Some(self.conversation_id.clone()),
            output_modalities: vec![self.modality(&request)],
            max_output_tokens: self.session.max_output_tokens.clone(),
            usage: None,
            metadata: request.metadata,
        };
        self.send(ServerEvent::ResponseCreated { response: response.clone() });
        response.status = ResponseStatus::Completed;
        response.usage = Some(Usage::of(0, 0, 0));
        self.send(ServerEvent::ResponseDone { response });
    }

    pub(super) fn voice_ready(&mut self, response_id: &str, clip: Result<Clip, VoiceError>) {
        let Some(making) = self.making.as_mut().filter(|making| making.response_id == response_id) else {
            return;
        };
        match clip {
            Ok(clip) if !clip.is_empty() => {
                making.sound_ms = ms(clip.len() as u64);
                let (item_id, sound_ms) = (making.item_id.clone(), making.sound_ms);
                if let Some(entry) = self.items.get_mut(&item_id) {
                    entry.sound_ms = Some(sound_ms);
                }
                self.tell_words(1);
                self.playout.push(response_id.to_owned(), item_id, clip);
            }
            Ok(_) => self.fail("The voice made no sound."),
            Err(error) => {
                tracing::warn!(error = %error, "A sentence could not be spoken");
                self.fail("The voice is not available.");
            }
        }
    }

    /// The first packet of a response goes out.
    pub(super) fn voice_starts(&mut self, response_id: &str, now: Instant) {
        self.voice_was_heard = true;
        if let Some(ended) = self.turn_ended.take() {
            metrics::histogram!("coach_reply_seconds").record(now.duration_since(ended));
        }
        self.send(ServerEvent::OutputStarted { response_id: response_id.to_owned() });
        if self.making.as_ref().is_some_and(|making| making.response_id == response_id) {
            self.complete();
        }
    }

    /// Tells so many further pieces of the transcript.
    fn tell_words(&mut self, pieces: usize) {
        for _ in 0..pieces {
            let Some(making) = &mut self.making else { return };
            let Some(delta) = pieces_of(&making.text).into_iter().nth(making.told) else { return };
            making.told += 1;
            let (response_id, item_id) = (making.response_id.clone(), making.item_id.clone());
            let (output_index, content_index) = (0, 0);
            let event = match making.modality {
                Modality::Audio => ServerEvent::AudioTranscriptDelta {
                    response_id,
                    item_id,
                    output_index,
                    content_index,
                    delta,
                },
                Modality::Text => {
                    ServerEvent::TextDelta { response_id, item_id, output_index, content_index, delta }
                }
            };
            self.send(event);
        }
    }

    /// Everything of a response is made.
    fn complete(&mut self) {
        self.tell_words(usize::MAX);
        let Some(making) = self.making.take() else { return };
        let (response_id, item_id, text) =
            (making.response_id.clone(), making.item_id.clone(), making.text.clone());
        let (output_index, content_index) = (0, 0);
        let (said, part) = match making.modality {
            Modality::Audio => {
                self.send(ServerEvent::AudioDone {
                    response_id: response_id.clone(),
                    item_id: item_id.clone(),
                    output_index,
                    content_index,
                });
                let done = ServerEvent::AudioTranscriptDone {
                    response_id: response_id.clone(),
                    item_id: item_id.clone(),
                    output_index,
                    content_index,
                    transcript: text.clone(),
                };
                (done, Part::Audio { transcript: text.clone() })
            }
            Modality::Text => {
                let done = ServerEvent::TextDone {
                    response_id: response_id.clone(),
                    item_id: item_id.clone(),
                    output_index,
                    content_index,
                    text: text.clone(),
                };
                (done, Part::Text { text: text.clone() })
            }
        };
        self.send(said);
        self.send(ServerEvent::PartDone {
            response_id: response_id.clone(),
            item_id,
            output_index,
            content_index,
            part,
        });
        self.end(&making, ItemStatus::Completed, ResponseStatus::Completed, None);
    }

    fn fail(&mut self, message: &str) {
        let Some(making) = self.making.take() else { return };
        if let Some(entry) = self.items.get_mut(&making.item_id) {
            entry.said = None;
        }
        let error = TranscriptionError {
            r#type: "server_error".to_owned(),
            code: "voice_unavailable".to_owned(),
            message: message.to_owned(),
        };
        let details = StatusDetails::Failed { error };
        self.end(&making, ItemStatus::Incomplete, ResponseStatus::Failed, Some(details));
    }

    pub(super) fn end(
        &mut self,
        making: &Making,
        item: ItemStatus,
        status: ResponseStatus,
        details: Option<StatusDetails>,
    ) {
        let output = making.item(item);
        let response_id = making.response_id.clone();
        if making.in_conversation {
            if let Some(entry) = self.items.get_mut(&making.item_id) {
                entry.item = output.clone();
            }
            let previous_item_id = self.items.before(&making.item_id);
            self.send(ServerEvent::OutputItemDone { response_id, output_index: 0, item: output.clone() });
            self.send(ServerEvent::ItemDone { item: output.clone(), previous_item_id });
        } else {
            self.send(ServerEvent::OutputItemDone { response_id, output_index: 0, item: output.clone() });
        }
        let heard = std::mem::take(&mut self.billed);
        let mut response = self.response(making, status);
        response.status_details = details;
        response.output = vec![output];
        response.usage = Some(Usage::of(heard.as_millis() as u64, making.sound_ms, making.text.len()));
        self.send(ServerEvent::ResponseDone { response });
    }

    fn modality(&self, request: &ResponseRequest) -> Modality {
        let asked = request.output_modalities.as_ref().and_then(|list| list.first());
        asked.or(self.session.output_modalities.first()).copied().unwrap_or(Modality::Audio)
    }

    fn response(&self, making: &Making, status: ResponseStatus) -> Response {
        Response {
            object: "realtime.response".to_owned(),
            id: making.response_id.clone(),
            status,
            status_details: None,
            output: Vec::new(),
            conversation_id: making.in_conversation.then(|| self.conversation_id.clone()),
            output_modalities: vec![making.modality],
            max_output_tokens: self.session.max_output_tokens.clone(),
            usage: None,
            metadata: making.metadata.clone(),
        }
    }
}

impl Making {
    fn item(&self, status: ItemStatus) -> Item {
        let text = if status == ItemStatus::Completed {
            self.text.clone()
        } else {
            pieces_of(&self.text).into_iter().take(self.told).collect()
        };
        let content = match self.modality {
            Modality::Audio => Content::OutputAudio { transcript: Some(text) },
            Modality::Text => Content::OutputText { text },
        };
        Item::message(self.item_id.clone(), Role::Assistant, status, vec![content])
    }
}

/// A transcript in pieces that make the whole when put together.
fn pieces_of(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    words.chunks(WORDS_IN_DELTA).map(<[&str]>::concat).collect()
}
