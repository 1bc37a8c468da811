//! The coach's turns: decided, made, heard, cut.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Action, Talk, items::Entry};
use crate::{
    dialogue::{self, Clock, Heard, Line, Move, Said, Who},
    sound::{Clip, Playing, ms},
    voice::VoiceError,
    wire::{
        Content, ErrorDetail, Item, ItemStatus, Modality, Part, Place, RateLimit, Response, ResponseRequest,
        ResponseStatus, Role, ServerEvent, StatusDetails, TranscriptionError, Usage,
    },
};

/// The slowest the coach speaks.
const SLOWEST: f32 = 0.65;
/// Words in one piece of a transcript.
const WORDS_IN_DELTA: usize = 4;
/// The pause between two turns of an earlier call, which nobody timed.
const BETWEEN: Duration = Duration::from_secs(2);

/// A response that will begin.
#[derive(Debug)]
pub(super) struct Wanted {
    /// When it begins even without the words it replies to.
    latest: Instant,
    heard: Heard,
    /// What the client asked for, if it did.
    request: Option<ResponseRequest>,
}

impl Wanted {
    pub(super) fn after_turn(latest: Instant) -> Self {
        Self { latest, heard: Heard::Turn, request: None }
    }
}

/// A response being made.
#[derive(Debug)]
pub(super) struct Making {
    pub(super) response_id: String,
    item_id: String,
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
    /// The client asks for the coach's turn.
    pub(super) fn asked_to_respond(
        &mut self,
        request: ResponseRequest,
        now: Instant,
    ) -> Result<(), ErrorDetail> {
        if let Some(making) = &self.making {
            return Err(ErrorDetail::invalid(
                "conversation_already_has_active_response",
                format!("Conversation already has an active response in progress: {}.", making.response_id),
            ));
        }
        let latest = if self.words_are_there() { now } else { now + Duration::from_millis(250) };
        self.wanted = Some(Wanted { latest, heard: Heard::Turn, request: Some(request) });
        self.begin_if_due(now);
        Ok(())
    }

    pub(super) fn begin_if_due(&mut self, now: Instant) {
        let ready = self.words_are_there();
        if self.making.is_none()
            && let Some(wanted) = self.wanted.take_if(|wanted| ready || now >= wanted.latest)
        {
            self.begin(wanted.heard, wanted.request, now);
        }
    }

    /// Before anybody speaks: the opening, which is what nearly every call begins with.
    pub(super) fn prepare_opening(&mut self) {
        let clock = Clock { elapsed: Duration::ZERO };
        if let Move::Say(line) = dialogue::next(&self.lesson, &[], Heard::Opened, clock) {
            let speed = self.pace(line.speed);
            self.actions.push_back(Action::Prepare { text: line.text, speed });
        }
    }

    /// While the learner pauses: the reply, if the pause turns out to be the end.
    pub(super) fn prepare(&mut self, now: Instant) {
        let Some(text) = self.words_in_pause() else { return };
        let mut said = self.items.said();
        said.push(Said { who: Who::Learner, text, voiced: self.ears.voiced() });
        let heard = if self.begun { Heard::Turn } else { Heard::Opened };
        if let Move::Say(line) =
            dialogue::next(&self.lesson, &said, heard, Clock { elapsed: self.elapsed(now) })
        {
            let speed = self.pace(line.speed);
            self.actions.push_back(Action::Prepare { text: line.text, speed });
        }
    }

    /// The session's pace, a little changed, but never slower than anybody speaks.
    fn pace(&self, change: f32) -> f32 {
        let usual = self.session.audio.output.speed;
        (usual + change).max(usual.min(SLOWEST))
    }

    pub(super) fn remark_on_silence(&mut self, now: Instant) {
        self.begin(Heard::Silence, None, now);
    }

    fn begin(&mut self, heard: Heard, request: Option<ResponseRequest>, now: Instant) {
        let mut said = self.items.said();
        if let (Some(last), Some(id)) = (said.last_mut(), self.items.last_id())
            && !self.words_are_there()
        {
            last.text = self.transcripts.so_far(&id);
        }
        let heard = if self.begun { heard } else { Heard::Opened };
        if !self.begun {
            self.before = said.iter().map(|said| spoken_in(said) + BETWEEN).sum();
            self.begun = true;
        }
        let clock = Clock { elapsed: self.elapsed(now) };
        let decided = dialogue::next(&self.lesson, &said, heard, clock);
        self.quiet = Duration::ZERO;
        match (decided, request) {
            (Move::Say(line), request) => self.make(line, request.unwrap_or_default()),
            (Move::Quiet, Some(request)) => self.make_nothing(request),
            (Move::Quiet, None) => {
                let last = said.last().map(|said| said.text.as_str()).unwrap_or_default();
                self.thinking = dialogue::asked_for_time(last);
            }
        }
    }

    fn make(&mut self, line: Line, request: ResponseRequest) {
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
    fn make_nothing(&mut self, request: ResponseRequest) {
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

    fn end(
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

    /// Stops what is heard and what is made: the learner speaks, or the client asks for it.
    pub(super) fn cut(&mut self, reason: &str) {
        let heard = self.playout.clear();
        let making = self.making.take();
        let response_id = heard.first().map(|playing| playing.response_id.clone());
        let response_id = response_id.or_else(|| making.as_ref().map(|making| making.response_id.clone()));
        self.send(ServerEvent::OutputCleared { response_id });
        let unheard = making.as_ref().filter(|making| !heard.iter().any(|p| p.item_id == making.item_id));
        let unheard = unheard.map(|making| making.item_id.clone());
        if let Some(making) = making {
            self.cancelled(&making, reason);
        }
        for playing in heard {
            self.heard_only(&playing);
        }
        if let Some(item_id) = unheard {
            self.truncated(&item_id, 0);
        }
    }

    /// The client stops a response that is being made.
    pub(super) fn cancel(&mut self, response_id: Option<&str>) -> Result<(), ErrorDetail> {
        let asked = |making: &Making| response_id.is_none_or(|id| id == making.response_id);
        self.wanted = None;
        let Some(making) = self.making.take_if(|making| asked(making)) else {
            return Err(ErrorDetail::invalid(
                "response_cancel_not_active",
                "There is no response to cancel.",
            ));
        };
        self.playout.remove(&making.response_id);
        self.cancelled(&making, "client_cancelled");
        Ok(())
    }

    fn cancelled(&mut self, making: &Making, reason: &str) {
        let details = StatusDetails::Cancelled { reason: reason.to_owned() };
        self.end(making, ItemStatus::Incomplete, ResponseStatus::Cancelled, Some(details));
        if let Some(entry) = self.items.get_mut(&making.item_id) {
            entry.said = None;
        }
    }

    fn heard_only(&mut self, playing: &Playing) {
        let part = playing.played as f32 / playing.length.max(1) as f32;
        if let Some(entry) = self.items.get_mut(&playing.item_id) {
            entry.cut_to(part);
        }
        self.truncated(&playing.item_id, playing.played_ms());
    }

    fn truncated(&mut self, item_id: &str, audio_end_ms: u64) {
        let Some(entry) = self.items.get_mut(item_id) else { return };
        entry.sound_ms = Some(audio_end_ms);
        entry.item.status = ItemStatus::Incomplete;
        self.send(ServerEvent::ItemTruncated { item_id: item_id.to_owned(), content_index: 0, audio_end_ms });
    }

    /// The client says how much of an item was heard.
    pub(super) fn truncate(
        &mut self,
        item_id: &str,
        content_index: u32,
        end_ms: u64,
    ) -> Result<(), ErrorDetail> {
        let entry = self.items.get_mut(item_id).ok_or_else(|| no_such_item(item_id))?;
        let Some(sound_ms) = entry.sound_ms else {
            return Err(ErrorDetail {
                code: None,
                ..ErrorDetail::invalid("", "Only model output audio messages can be truncated")
            });
        };
        if content_index != 0 || end_ms > sound_ms {
            let param = if content_index == 0 { "audio_end_ms" } else { "content_index" };
            let message = format!("Audio content of {sound_ms}ms is already shorter than {end_ms}ms");
            return Err(ErrorDetail::invalid("invalid_value", message).about(param));
        }
        entry.cut_to(end_ms as f32 / sound_ms.max(1) as f32);
        self.truncated(item_id, end_ms);
        Ok(())
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

impl Entry {
    /// Forgets the words that were not heard. The dialogue keeps a turn of which most was heard: it was understood.
    fn cut_to(&mut self, part: f32) {
        let all = self.item.words().unwrap_or_default();
        let words: Vec<&str> = all.split_whitespace().collect();
        let kept = (words.len() as f32 * part) as usize;
        let heard = words[..kept.min(words.len())].join(" ");
        if part < 0.5
            && let Some(said) = &mut self.said
        {
            said.text.clone_from(&heard);
        }
        let transcript = (!heard.is_empty()).then_some(heard);
        self.item.content = Some(vec![Content::OutputAudio { transcript }]);
    }
}

pub(super) fn no_such_item(item_id: &str) -> ErrorDetail {
    let shown: String = item_id.chars().take(64).collect();
    ErrorDetail::invalid("item_not_found", format!("There is no item with id {shown}.")).about("item_id")
}

/// How long a turn of an earlier call is taken to have lasted.
fn spoken_in(said: &Said) -> Duration {
    match said.who {
        Who::Learner => said.voiced,
        Who::Coach => Duration::from_millis(said.text.split_whitespace().count() as u64 * 400),
    }
}

/// A transcript in pieces that make the whole when put together.
fn pieces_of(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    words.chunks(WORDS_IN_DELTA).map(<[&str]>::concat).collect()
}
