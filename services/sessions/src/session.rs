//! A session and what may become of it.

use crate::{
    fingerprint::{Fingerprint, Taker},
    rating::Rating,
    recording::Recording,
    turns::{Ending, Turn},
    words::{EndReason, RecordingPolicy},
};
use clock::Timestamp;
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
    /// Whether it was sealed by this very ending.
    #[must_use]
    pub fn is_of(&self, ending: &Ending, reason: EndReason) -> bool {
        self.fingerprint == fingerprint(ending, reason)
    }
}

fn fingerprint(ending: &Ending, reason: EndReason) -> Fingerprint {
    ending.fingerprint(Taker::default().text(reason.as_str())).done()
}

impl Session {
    /// Takes words in. `None` when these very words are saved already: the answer to them was lost, nothing else.
    pub fn take_draft(&self, wanted: Transcript) -> Result<Option<Transcript>, DraftRefused> {
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
        reason: EndReason,
    ) -> Result<Finalized, AlreadyFinalized> {
        let fingerprint = fingerprint(&ending, reason);
        match self.state {
            SessionState::Open { draft } => {
                let revision = draft.revision + 1;
                let conversation = ending.kept(draft.turns);
                let sealed = Sealed {
                    at,
                    duration_ms: conversation.duration_ms,
                    reason,
                    warnings: conversation.clamped.then(|| TIMES_CLAMPED.to_owned()).into_iter().collect(),
                    fingerprint,
                    transcript: Transcript { revision, turns: conversation.turns },
                };
                Ok(Finalized::Now(Self { state: SessionState::Finalized(sealed), ..self }))
            }
            SessionState::Finalized(ref sealed) if sealed.fingerprint == fingerprint => {
                Ok(Finalized::Before(self))
            }
            SessionState::Finalized(sealed) => Err(AlreadyFinalized { revision: sealed.transcript.revision }),
        }
    }

    /// The session as it was when it began: the answer to the request that started it, however late it is repeated.
    #[must_use]
    pub fn as_started(self) -> Practice {
        let session = Self { state: SessionState::Open { draft: Transcript::default() }, ..self };
        let recording = Recording::at_first(session.recording_policy);
        Practice { session, recording, rating: Rating::at_first() }
    }

    /// The session as sealing it left it: the answer to the request that finalized it, however late it is repeated.
    /// What became of its recording and rating since is read with the session itself.
    #[must_use]
    pub fn as_finalized(self) -> Practice {
        let recording = Recording::at_first(self.recording_policy);
        Practice { session: self, recording, rating: Rating::at_first().awaited() }
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
