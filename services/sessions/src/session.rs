//! A session and what may become of it.

use crate::{
    calls::Call,
    fingerprint::{Fingerprint, Taker},
    rating::Rating,
    recording::Recording,
    turns::{Conversation, Ending, Turn},
    words::{EndReason, RecordingPolicy, StatedReason},
};
use clock::{Timestamp, millis};
use ids::{LearnerId, SessionId, TopicId};

/// Said with a session whose times had to be changed.
pub const TIMES_CLAMPED: &str = "times_clamped";

/// What was practised, as the catalogue had it when the session began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// The topic.
    pub id: TopicId,
    /// Its name.
    pub title: String,
    /// `A1` to `C1`.
    pub level: String,
    /// `everyday`, `work` or `interview`.
    pub kind: String,
    /// How long it is meant to take.
    pub minutes: u32,
    /// Where the learner finds themselves.
    pub situation: String,
    /// Phrases that may help.
    pub phrases: Vec<String>,
    /// The lesson, as JSON.
    pub lesson_json: String,
}

/// Words with the revision they were saved under; 0 for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// Only ever goes up.
    pub revision: u32,
    /// In the order in which they were said.
    pub turns: Vec<Turn>,
    /// The calls they were said in, in the order of their numbers.
    pub calls: Vec<Call>,
}

/// Words as a browser wants them to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Higher than that of what was saved before.
    pub revision: u32,
    /// In the order in which they were said.
    pub turns: Vec<Turn>,
    /// `None` leaves those that are known.
    pub calls: Option<Vec<Call>>,
}

/// What is true of a session that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// When it was sealed.
    pub at: Timestamp,
    /// How long the conversation was.
    pub duration_ms: u32,
    /// Why it ended.
    pub reason: EndReason,
    /// What was not as it should be, as slugs.
    pub warnings: Vec<String>,
    /// What was sent to seal it.
    pub fingerprint: Fingerprint,
    /// Its words, which never change again.
    pub transcript: Transcript,
}

/// Where a session stands. A deleted one is not there at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// The learner speaks, or may come back to it.
    Open {
        /// The words so far.
        draft: Transcript,
    },
    /// It is over.
    Finalized(Sealed),
}

/// One practice of one learner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its identifier.
    pub id: SessionId,
    /// Whose it is.
    pub learner: LearnerId,
    /// What is practised.
    pub topic: Topic,
    /// Whether a recording is wanted.
    pub recording_policy: RecordingPolicy,
    /// Whether its transcript holds every word as it was said.
    pub verbatim: bool,
    /// Its place in its own trace.
    pub traceparent: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When its learner was last heard of.
    pub seen_at: Timestamp,
    /// The session whose conversation it goes on with.
    pub continues: Option<SessionId>,
    /// Where it stands.
    pub state: SessionState,
}

/// A session with everything that is shown of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Practice {
    /// The session.
    pub session: Session,
    /// How its recording stands.
    pub recording: Recording,
    /// How its rating stands.
    pub rating: Rating,
    /// The newest session that goes on with its conversation.
    pub continued_by: Option<SessionId>,
}

/// Words that are not saved.
#[derive(Debug, PartialEq, Eq)]
pub enum DraftRefused {
    /// The transcript is sealed.
    Sealed,
    /// Words of this revision or a higher one are saved.
    Stale {
        /// The revision that is saved.
        saved: u32,
    },
}

/// What came of finalizing.
#[derive(Debug, PartialEq, Eq)]
pub enum Finalized {
    /// It is sealed now.
    Now(Session),
    /// It was sealed before, with the same.
    Before(Session),
}

/// A session is sealed with something else.
#[derive(Debug, PartialEq, Eq)]
pub struct AlreadyFinalized {
    /// Revision of the sealed transcript.
    pub revision: u32,
}

impl Sealed {
    fn new(
        at: Timestamp,
        conversation: Conversation,
        revision: u32,
        reason: EndReason,
        fingerprint: Fingerprint,
    ) -> Self {
        let Conversation { turns, calls, duration_ms, clamped } = conversation;
        Self {
            at,
            duration_ms,
            reason,
            warnings: clamped.then(|| TIMES_CLAMPED.to_owned()).into_iter().collect(),
            fingerprint,
            transcript: Transcript { revision, turns, calls },
        }
    }

    /// Whether it was sealed by this very ending.
    #[must_use]
    pub fn is_of(&self, ending: &Ending, reason: StatedReason) -> bool {
        self.fingerprint == fingerprint(ending, reason)
    }
}

fn fingerprint(ending: &Ending, reason: StatedReason) -> Fingerprint {
    ending.fingerprint(Taker::default().text(reason.as_str())).done()
}

/// What nobody sent: no ending is like it, because none states this reason.
fn fingerprint_of_none() -> Fingerprint {
    Taker::default().text(EndReason::Interrupted.as_str()).done()
}

impl Session {
    /// Takes words in. `None` when these very words are saved already: the answer to them was lost, nothing else.
    pub fn take_draft(&self, wanted: Draft) -> Result<Option<Transcript>, DraftRefused> {
        let Draft { revision, turns, calls } = wanted;
        let calls = calls.unwrap_or_else(|| self.transcript().calls.clone());
        let wanted = Transcript { revision, turns, calls };
        match &self.state {
            SessionState::Finalized(_) => Err(DraftRefused::Sealed),
            SessionState::Open { draft } if wanted == *draft => Ok(None),
            SessionState::Open { draft } if wanted.revision > draft.revision => Ok(Some(wanted)),
            SessionState::Open { draft } => Err(DraftRefused::Stale { saved: draft.revision }),
        }
    }

    /// Seals the session. The same ending again is no second one, because others were told of the first.
    pub fn finalize(
        self,
        at: Timestamp,
        ending: Ending,
        reason: StatedReason,
    ) -> Result<Finalized, AlreadyFinalized> {
        let fingerprint = fingerprint(&ending, reason);
        match self.state {
            SessionState::Open { draft } => {
                let conversation = ending.kept(draft.turns, draft.calls);
                let sealed = Sealed::new(at, conversation, draft.revision + 1, reason.into(), fingerprint);
                Ok(Finalized::Now(Self { state: SessionState::Finalized(sealed), ..self }))
            }
            SessionState::Finalized(ref sealed) if sealed.fingerprint == fingerprint => {
                Ok(Finalized::Before(self))
            }
            SessionState::Finalized(sealed) => Err(AlreadyFinalized { revision: sealed.transcript.revision }),
        }
    }

    /// Seals a session that nobody came back to with what was saved of it. `None` if it is sealed already.
    #[must_use]
    pub fn interrupt(&self, at: Timestamp) -> Option<Sealed> {
        let SessionState::Open { draft } = &self.state else { return None };
        let present = millis(self.seen_at).saturating_sub(millis(self.started_at)).max(0);
        let present = u32::try_from(present).unwrap_or(u32::MAX);
        let conversation = Conversation::broken_off(draft.turns.clone(), draft.calls.clone(), present);
        let reason = EndReason::Interrupted;
        Some(Sealed::new(at, conversation, draft.revision + 1, reason, fingerprint_of_none()))
    }

    /// The session as it was when it began: the answer to the request that started it, however late it is repeated.
    #[must_use]
    pub fn as_started(self) -> Practice {
        let session = Self { state: SessionState::Open { draft: Transcript::default() }, ..self };
        let recording = Recording::at_first(session.recording_policy);
        Practice { session, recording, rating: Rating::at_first(), continued_by: None }
    }

    /// The session as sealing it left it: the answer to the request that finalized it, however late it is repeated.
    /// What became of its recording and rating since is read with the session itself.
    #[must_use]
    pub fn as_finalized(self) -> Practice {
        let recording = Recording::at_first(self.recording_policy);
        Practice { session: self, recording, rating: Rating::at_first().awaited(), continued_by: None }
    }

    /// The words, sealed or so far.
    #[must_use]
    pub fn transcript(&self) -> &Transcript {
        match &self.state {
            SessionState::Open { draft } => draft,
            SessionState::Finalized(sealed) => &sealed.transcript,
        }
    }

    /// What is true of it since it is over.
    #[must_use]
    pub fn sealed(&self) -> Option<&Sealed> {
        match &self.state {
            SessionState::Open { .. } => None,
            SessionState::Finalized(sealed) => Some(sealed),
        }
    }
}
