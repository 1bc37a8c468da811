//! From speech to words, as well as can be done offline. Nothing may depend on it.

mod frames;
mod pool;
mod process;

use std::time::Duration;

use serde::Deserialize;
use tokio::sync::mpsc;

pub use pool::Pool;

/// A word and how sure the recogniser is of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Word {
    /// The word, in lower case.
    pub word: String,
    /// Since the utterance began.
    pub start_ms: u64,
    /// Since the utterance began.
    pub end_ms: u64,
    /// 0 to 1.
    pub confidence: f32,
}

/// What became of an utterance.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The words so far; they may still change.
    Partial(String),
    /// The words.
    Final {
        /// All of them.
        text: String,
        /// One by one.
        words: Vec<Word>,
    },
    /// There will be none.
    Failed,
}

/// An outcome and the utterance it belongs to, by the caller's own number.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The caller's number.
    pub utterance: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// How long the words may take after the end of an utterance, before it is given up and the process replaced.
pub const LATEST: Duration = Duration::from_secs(30);

/// Recognises utterances.
pub trait Recognizer: Send + Sync + 'static {
    /// Opens an utterance. Exactly one final outcome reaches `reports` unless the utterance is dropped before its end.
    fn open(&self, utterance: u64, reports: mpsc::UnboundedSender<Report>) -> Box<dyn Utterance>;
}

/// An utterance being spoken. Dropping it forgets it.
pub trait Utterance: Send {
    /// Takes the next samples, 16 kHz.
    fn hear(&mut self, pcm: &[i16]);
    /// There is no more.
    fn end(self: Box<Self>);
}

/// What stands in when no recogniser is configured: every utterance fails at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deaf;

struct Unheard {
    utterance: u64,
    reports: mpsc::UnboundedSender<Report>,
}

impl Recognizer for Deaf {
    fn open(&self, utterance: u64, reports: mpsc::UnboundedSender<Report>) -> Box<dyn Utterance> {
        Box::new(Unheard { utterance, reports })
    }
}

impl Utterance for Unheard {
    fn hear(&mut self, _: &[i16]) {}

    fn end(self: Box<Self>) {
        // A call that has ended no longer wants to know.
        self.reports.send(Report { utterance: self.utterance, outcome: Outcome::Failed }).ok();
    }
}
