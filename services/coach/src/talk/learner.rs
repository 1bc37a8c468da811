//! The learner's turns: when they begin, pause and end, and what was said in them.

use std::time::{Duration, Instant};

use super::{Action, Talk, items::Entry, reply::Wanted, transcript::Words};
use crate::{
    dialogue::{self, Expect, Said, Who},
    sound::{Notice, Patience, ms, samples},
    wire::{
        Content, ErrorDetail, Item, ItemStatus, Role, ServerEvent, TranscriptionError, TranscriptionUsage,
        TurnDetection,
    },
};

/// How long a reply waits for the words of the turn it replies to.
const WORDS_WITHIN: Duration = Duration::from_millis(250);
/// A turn shorter than this, or one that breaks off, is given more time.
const BRIEF: Duration = Duration::from_millis(1200);
/// How much more.
const MORE_TIME: Duration = Duration::from_millis(1500);
/// Never more than this.
const MOST_PATIENT: Duration = Duration::from_secs(6);
/// In a long turn, one may look for words.
const LONG_TURN: Duration = Duration::from_secs(4);
/// Sound after the last voice that still belongs to a turn.
const TAIL_MS: u64 = 300;
/// The least sound one can commit.
const LEAST_COMMIT_MS: u64 = 100;
/// When turns end by hand, no silence ends one.
const BY_HAND: Duration = Duration::from_hours(24);

/// Words after which nobody has finished.
const UNFINISHED: [&str; 46] = [
    "and", "but", "or", "so", "because", "if", "when", "while", "that", "which", "who", "a", "an", "the",
    "my", "your", "his", "her", "our", "their", "in", "on", "at", "to", "of", "for", "with", "from", "by",
    "about", "into", "i", "you", "he", "she", "we", "they", "it", "um", "uh", "er", "like", "then", "than",
    "also", "very",
];

/// A frame, and what was noticed with it, together with the sound that leads up to it.
type Noticed = (Vec<i16>, Option<(Notice, Vec<i16>)>);

/// The turn the learner is in.
#[derive(Debug)]
pub(super) struct LearnerTurn {
    pub(super) item_id: String,
    /// The first sample of voice.
    began: u64,
    /// The piece that is being recognised.
    piece: Option<u64>,
}

impl Talk {
    /// The learner's sound, 16 kHz.
    pub fn hear(&mut self, pcm: &[i16], now: Instant) {
        let patience = self.patience();
        let mut noticed: Vec<Noticed> = Vec::new();
        let padding = samples(self.padding_ms());
        self.ears.hear(pcm, patience, |frame, notice, ears| {
            let notice = notice.map(|notice| match notice {
                Notice::Started { at } | Notice::Resumed { at } => {
                    (notice, ears.since(at.saturating_sub(padding)))
                }
                Notice::Paused | Notice::Stopped { .. } => (notice, Vec::new()),
            });
            noticed.push((frame.to_vec(), notice));
        });
        for (frame, notice) in noticed {
            match notice {
                Some((Notice::Started { at }, lead)) => self.turn_starts(at, lead),
                Some((Notice::Resumed { .. }, lead)) => self.piece_opens(lead),
                Some((Notice::Paused, _)) => self.piece_ends(frame),
                Some((Notice::Stopped { at, voiced }, _)) => {
                    self.piece_ends(frame);
                    self.turn_stops(at, voiced, now);
                }
                None => {
                    if let Some(piece) = self.turn.as_ref().and_then(|turn| turn.piece) {
                        self.actions.push_back(Action::Sound(piece, frame));
                    }
                }
            }
        }
    }

    /// Whether the learner is in a turn, so that lost sound must be made up for.
    pub fn learner_speaks(&self) -> bool {
        self.turn.is_some()
    }

    /// The words of a turn that pauses, when they are all there.
    pub(super) fn words_in_pause(&self) -> Option<String> {
        let turn = self.turn.as_ref().filter(|turn| turn.piece.is_none())?;
        let known = self.transcripts.is_known_so_far(&turn.item_id);
        known.then(|| self.transcripts.so_far(&turn.item_id))
    }

    fn patience(&self) -> Patience {
        let (silence, threshold) = match &self.session.audio.input.turn_detection {
            Some(TurnDetection::ServerVad { silence_duration_ms, threshold, .. }) => {
                (Duration::from_millis(u64::from(*silence_duration_ms)), *threshold)
            }
            Some(TurnDetection::SemanticVad { eagerness, .. }) => {
                (self.considerate(self.lesson.level.end_of_turn_silence(*eagerness)), 0.5)
            }
            None => (BY_HAND, 0.5),
        };
        Patience {
            silence,
            threshold,
            // Who holds a key to speak has said so already. Everybody else may say "yes" to a coach that speaks, whether
            // or not it can be interrupted.
            coach_speaks: !self.by_hand() && self.coach_speaks(),
            coach_level: self.playout.level(),
        }
    }

    /// More time for who has only begun, breaks off or has the floor.
    fn considerate(&self, silence: Duration) -> Duration {
        let Some(turn) = &self.turn else { return silence };
        let text = self.transcripts.so_far(&turn.item_id);
        let last = text.split_whitespace().last().unwrap_or_default();
        let is_wish = dialogue::is_wish(&text);
        let brief = self.ears.voiced() < BRIEF && !is_wish;
        let breaks_off = UNFINISHED.contains(&last) && !is_wish;
        let more = if brief || breaks_off { MORE_TIME } else { Duration::ZERO };
        let least = if self.expect == Expect::LongTurn && !is_wish { LONG_TURN } else { Duration::ZERO };
        (silence + more).max(least).min(MOST_PATIENT)
    }

    fn padding_ms(&self) -> u64 {
        match &self.session.audio.input.turn_detection {
            Some(TurnDetection::ServerVad { prefix_padding_ms, .. }) => u64::from(*prefix_padding_ms),
            _ => 300,
        }
    }

    fn by_hand(&self) -> bool {
        self.session.audio.input.turn_detection.is_none()
    }

    fn turn_starts(&mut self, at: u64, lead: Vec<i16>) {
        let item_id = self.name("item");
        self.quiet = Duration::ZERO;
        self.prompts = 0;
        self.thinking = false;
        if !self.by_hand() {
            // Nobody has finished after all. By hand only the client says that, and a last breath is no new turn.
            self.wanted = None;
        }
        self.turn = Some(LearnerTurn { item_id: item_id.clone(), began: at, piece: None });
        if !self.by_hand() {
            let audio_start_ms = ms(at).saturating_sub(self.padding_ms());
            self.send(ServerEvent::SpeechStarted { audio_start_ms, item_id });
            let detection = self.session.audio.input.turn_detection.as_ref();
            if detection.is_some_and(TurnDetection::interrupts_response) && self.coach_speaks() {
                self.cut("turn_detected");
            }
        }
        self.piece_opens(lead);
    }

    fn piece_opens(&mut self, lead: Vec<i16>) {
        let Some(turn) = &mut self.turn else { return };
        let piece = self.transcripts.open(&turn.item_id);
        turn.piece = Some(piece);
        self.actions.push_back(Action::Open(piece));
        self.actions.push_back(Action::Sound(piece, lead));
    }

    fn piece_ends(&mut self, frame: Vec<i16>) {
        if let Some(piece) = self.turn.as_mut().and_then(|turn| turn.piece.take()) {
            self.actions.push_back(Action::Sound(piece, frame));
            self.actions.push_back(Action::End(piece));
        }
    }

    fn turn_stops(&mut self, at: u64, voiced: Duration, now: Instant) {
        let Some(turn) = &self.turn else { return };
        let item_id = turn.item_id.clone();
        let audio_end_ms = ms(at) + TAIL_MS;
        self.send(ServerEvent::SpeechStopped { audio_end_ms, item_id });
        self.commit_turn(voiced);
        if self.session.audio.input.turn_detection.as_ref().is_some_and(TurnDetection::creates_response) {
            self.turn_ended = Some(now);
            self.wanted = Some(Wanted::after_turn(now + WORDS_WITHIN));
        }
    }

    /// Turns what was heard into an item.
    fn commit_turn(&mut self, voiced: Duration) {
        let (item_id, began) = match self.turn.take() {
            Some(turn) => (turn.item_id, turn.began),
            None => (self.name("item"), self.ears.heard()),
        };
        self.billed += Duration::from_millis(ms(self.ears.heard().saturating_sub(began)));
        self.uncommitted = self.ears.heard();
        let previous_item_id = self.items.last_id();
        let content = vec![Content::InputAudio { transcript: None }];
        let item = Item::message(item_id.clone(), Role::User, ItemStatus::Completed, content);
        let said = Said { who: Who::Learner, text: String::new(), voiced };
        self.items.push(Entry { item: item.clone(), said: Some(said), sound_ms: None });
        self.send(ServerEvent::Committed {
            item_id: item_id.clone(),
            previous_item_id: previous_item_id.clone(),
        });
        self.send(ServerEvent::ItemAdded { item: item.clone(), previous_item_id: previous_item_id.clone() });
        self.send(ServerEvent::ItemDone { item, previous_item_id });
        self.transcripts.close(&item_id);
        self.tell_transcript(&item_id);
    }

    /// Tells the words of a turn when they are all there and the turn is an item.
    pub(super) fn tell_transcript(&mut self, item_id: &str) {
        if self.items.get(item_id).is_none() {
            return;
        }
        let heard = self.transcripts.settle(item_id);
        let Some(entry) = self.items.get_mut(item_id) else { return };
        let Some(words) = heard else { return };
        let seconds = entry.said.as_ref().map_or(0.0, |said| said.voiced.as_secs_f64());
        // Kept before it is told: clients ask for the item as soon as they hear of it.
        if let Words::Known(text) = &words {
            entry.item.content = Some(vec![Content::InputAudio { transcript: Some(text.clone()) }]);
            if let Some(said) = &mut entry.said {
                said.text.clone_from(text);
            }
        }
        if !self.session.transcribes() {
            return;
        }
        let item_id = item_id.to_owned();
        let content_index = 0;
        match words {
            Words::Known(transcript) => {
                if !transcript.is_empty() {
                    let delta = transcript.clone();
                    self.send(ServerEvent::TranscriptionDelta {
                        item_id: item_id.clone(),
                        content_index,
                        delta,
                    });
                }
                let usage = TranscriptionUsage::Duration { seconds };
                self.send(ServerEvent::TranscriptionCompleted { item_id, content_index, transcript, usage });
            }
            Words::Unknown => {
                metrics::counter!("coach_transcriptions_failed_total").increment(1);
                let error = TranscriptionError {
                    r#type: "transcription_error".to_owned(),
                    code: "asr_unavailable".to_owned(),
                    message: "No speech recogniser could hear this turn.".to_owned(),
                };
                self.send(ServerEvent::TranscriptionFailed { item_id, content_index, error });
            }
        }
    }

    /// Whether the words of the last turn are there.
    pub(super) fn words_are_there(&self) -> bool {
        self.items.last_id().is_none_or(|id| self.transcripts.is_settled(&id))
    }

    /// The client ends the turn.
    pub(super) fn commit(&mut self) -> Result<(), ErrorDetail> {
        let waiting = ms(self.ears.heard().saturating_sub(self.uncommitted));
        if waiting < LEAST_COMMIT_MS || (self.turn.is_none() && !self.by_hand()) {
            return Err(ErrorDetail::invalid(
                "input_audio_buffer_commit_empty",
                "The input audio buffer holds less than 100 ms of speech.",
            ));
        }
        self.piece_ends(Vec::new());
        let voiced = self.ears.voiced();
        self.ears.forget();
        self.commit_turn(voiced);
        Ok(())
    }

    /// The client wants what was heard since the last turn to be forgotten.
    pub(super) fn clear_input(&mut self) {
        if let Some(turn) = self.turn.take() {
            let forgotten = self.transcripts.forget(&turn.item_id);
            self.actions.extend(forgotten.into_iter().map(Action::Forget));
        }
        self.ears.forget();
        self.uncommitted = self.ears.heard();
        self.send(ServerEvent::InputCleared);
    }
}
