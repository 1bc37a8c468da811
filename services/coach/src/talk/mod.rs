//! One call's conversation, without sockets or clocks: events and sound go in, events, sound and wishes come out.
//!
//! Whoever drives it calls [`Talk::tick`] every 20 ms and drains [`Talk::take_actions`] after every call.

mod client;
mod cut;
mod items;
mod learner;
mod reply;
mod response;
#[cfg(test)]
mod tests;
mod transcript;

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use lesson::Lesson;

use crate::{
    dialogue::{self, Expect},
    recognizer::Report,
    sound::{Ears, PACKET, Playout},
    voice::VoiceError,
    wire::{ErrorDetail, ServerEvent, Session, TurnDetection},
};

use items::Items;
use learner::LearnerTurn;
use reply::Wanted;
use response::Making;
use transcript::Transcripts;

/// A wish of the conversation that its driver fulfils.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Tell the client.
    Send(Box<ServerEvent>),
    /// Make these words into sound and hand it back with [`Talk::spoken`].
    Speak {
        /// For which response.
        response_id: String,
        /// What to say.
        text: String,
        /// At which pace.
        speed: f32,
    },
    /// These words will probably be wanted at this pace: make them into sound ahead of time.
    Prepare {
        /// What will probably be said.
        text: String,
        /// At which pace.
        speed: f32,
    },
    /// Open an utterance; its outcomes come back with [`Talk::recognised`].
    Open(u64),
    /// Sound of an utterance.
    Sound(u64, Vec<i16>),
    /// An utterance has ended.
    End(u64),
    /// Nobody wants to know any more.
    Forget(u64),
    /// The call is over.
    Close,
}

/// The longest a call may last.
const LONGEST: Duration = Duration::from_hours(1);
/// Quiet before the coach prompts for the first, second, third and any further time.
const PROMPTS: [Duration; 4] =
    [Duration::from_secs(8), Duration::from_secs(8), Duration::from_secs(14), Duration::from_secs(10)];
/// One tick.
const TICK: Duration = Duration::from_millis(20);

/// One call's conversation.
#[derive(Debug)]
pub struct Talk {
    session: Session,
    conversation_id: String,
    lesson: Lesson,
    items: Items,
    ears: Ears,
    playout: Playout,
    transcripts: Transcripts,
    /// The turn the learner is in.
    turn: Option<LearnerTurn>,
    /// Where the sound begins that no turn has taken yet.
    uncommitted: u64,
    making: Option<Making>,
    wanted: Option<Wanted>,
    expect: Expect,
    /// When the channel opened.
    opened: Option<Instant>,
    /// How long earlier calls of the same practice are taken to have been.
    before: Duration,
    /// Whether this call has had a response.
    begun: bool,
    voice_was_heard: bool,
    /// How long nobody has spoken, and how often that was remarked upon.
    quiet: Duration,
    prompts: usize,
    /// Whether the learner asked for time to think.
    thinking: bool,
    /// When the learner's last turn ended that has no reply yet.
    turn_ended: Option<Instant>,
    /// Voice since the last response, for its bill.
    billed: Duration,
    actions: VecDeque<Action>,
    names: u64,
}

impl Talk {
    /// A conversation about the lesson in the session's instructions, or small talk.
    pub fn new(session: Session) -> Self {
        let lesson = lesson_of(&session.instructions);
        let mut talk = Self {
            conversation_id: String::new(),
            lesson,
            items: Items::default(),
            ears: Ears::default(),
            playout: Playout::default(),
            transcripts: Transcripts::default(),
            turn: None,
            uncommitted: 0,
            making: None,
            wanted: None,
            expect: Expect::Answer,
            opened: None,
            before: Duration::ZERO,
            begun: false,
            voice_was_heard: false,
            quiet: Duration::ZERO,
            prompts: 0,
            thinking: false,
            turn_ended: None,
            billed: Duration::ZERO,
            actions: VecDeque::new(),
            names: 0,
            session,
        };
        talk.conversation_id = talk.name("conv");
        talk.prepare_opening();
        talk
    }

    /// The data channel is open.
    pub fn channel_open(&mut self, now: Instant) {
        if self.opened.is_none() {
            self.opened = Some(now);
            let session = self.session.clone();
            self.send(ServerEvent::SessionCreated { session });
        }
    }

    /// Whether anything of the coach went out.
    pub fn was_heard(&self) -> bool {
        self.voice_was_heard
    }

    /// What there is to do now.
    pub fn take_actions(&mut self) -> VecDeque<Action> {
        std::mem::take(&mut self.actions)
    }

    /// Sound was made, or not.
    pub fn spoken(&mut self, response_id: &str, clip: Result<crate::sound::Clip, VoiceError>) {
        self.voice_ready(response_id, clip);
    }

    /// The recogniser has something to say.
    pub fn recognised(&mut self, report: Report, now: Instant) {
        if let Some(item_id) = self.transcripts.take(report) {
            self.tell_transcript(&item_id);
            self.prepare(now);
        }
    }

    /// The next 20 ms of sound, and everything that falls due with time.
    pub fn tick(&mut self, now: Instant) -> [i16; PACKET] {
        let Some(opened) = self.opened else { return [0; PACKET] };
        if now.duration_since(opened) >= LONGEST {
            self.send_error(ErrorDetail::invalid(
                "session_expired",
                "Your session hit the maximum duration of 60 minutes.",
            ));
            self.actions.push_back(Action::Close);
            return [0; PACKET];
        }
        let frame = self.playout.frame();
        if let Some(response_id) = frame.started {
            self.voice_starts(&response_id, now);
        }
        if let Some(playing) = frame.stopped {
            self.send(ServerEvent::OutputStopped { response_id: playing.response_id });
            self.quiet = Duration::ZERO;
        }
        self.begin_if_due(now);
        self.prompt_if_due(now);
        frame.pcm
    }

    fn prompt_if_due(&mut self, now: Instant) {
        let busy = self.coach_speaks() || self.wanted.is_some() || self.turn.is_some();
        if busy
            || !self.begun
            || !self.session.audio.input.turn_detection.as_ref().is_some_and(TurnDetection::creates_response)
        {
            return;
        }
        self.quiet += TICK;
        let usual = PROMPTS[self.prompts.min(PROMPTS.len() - 1)];
        let patience = if self.thinking { dialogue::THINKING } else { usual };
        if self.quiet >= patience {
            self.quiet = Duration::ZERO;
            self.thinking = false;
            self.prompts += 1;
            self.remark_on_silence(now);
        }
    }

    fn coach_speaks(&self) -> bool {
        self.making.is_some() || !self.playout.is_empty()
    }

    fn elapsed(&self, now: Instant) -> Duration {
        self.before + self.opened.map_or(Duration::ZERO, |opened| now.duration_since(opened))
    }

    fn send(&mut self, event: ServerEvent) {
        self.actions.push_back(Action::Send(Box::new(event)));
    }

    fn send_error(&mut self, error: ErrorDetail) {
        self.send(ServerEvent::Error { error });
    }

    /// A name nobody else has, in this call or another.
    fn name(&mut self, kind: &str) -> String {
        self.names += 1;
        format!("{kind}_{:016x}{:04x}", rand::random::<u64>(), self.names)
    }
}

fn lesson_of(instructions: &str) -> Lesson {
    lesson::extract(instructions).unwrap_or_else(|| dialogue::small_talk().clone())
}
