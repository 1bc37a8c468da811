//! Whether it is the coach's turn, and what it says then.

use std::time::{Duration, Instant};

use super::{Action, Talk};
use crate::{
    dialogue::{self, Clock, Heard, Move, Said, Who},
    wire::{ErrorDetail, ResponseRequest},
};

/// The slowest the coach speaks.
const SLOWEST: f32 = 0.65;
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
    pub(super) fn pace(&self, change: f32) -> f32 {
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
}

/// How long a turn of an earlier call is taken to have lasted.
fn spoken_in(said: &Said) -> Duration {
    match said.who {
        Who::Learner => said.voiced,
        Who::Coach => Duration::from_millis(said.text.split_whitespace().count() as u64 * 400),
    }
}
