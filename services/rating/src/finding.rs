//! What a rating says: measured or judged facts, each with where it was found.

/// A stretch of the session, in milliseconds on its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// Its first millisecond.
    pub start_ms: u32,
    /// The millisecond after its last.
    pub end_ms: u32,
}

impl Span {
    /// How long it is.
    pub const fn ms(self) -> u32 {
        self.end_ms.saturating_sub(self.start_ms)
    }

    /// Whether the two share any time.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start_ms < other.end_ms && other.start_ms < self.end_ms
    }
}

/// The time several stretches take together, in seconds.
pub fn seconds(spans: &[Span]) -> f64 {
    f64::from(spans.iter().map(|span| span.ms()).sum::<u32>()) / 1000.0
}

/// What a finding rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The recording.
    Audio,
    /// The transcript, word by word.
    Words,
    /// A model's judgement.
    Model,
}

impl Source {
    /// As it is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Words => "words",
            Self::Model => "model",
        }
    }
}

/// Whom a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Who practises.
    Learner,
    /// Both of them together.
    Session,
}

impl Subject {
    /// As it is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Learner => "learner",
            Self::Session => "session",
        }
    }
}

/// A number with where it was found, or the reason why there is none. What was not measured is never zero.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// The number.
    Value {
        /// It.
        value: f64,
        /// The stretches it comes from, in time.
        evidence: Vec<Span>,
    },
    /// No number, and why, in words a learner understands.
    Not(&'static str),
}

impl Measured {
    /// A number and the stretches it comes from.
    pub fn value(value: f64, evidence: impl Into<Vec<Span>>) -> Self {
        if value.is_finite() {
            Self::Value { value, evidence: evidence.into() }
        } else {
            Self::Not("This could not be computed.")
        }
    }
}

/// One measured or judged fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Whom it is about.
    pub subject: Subject,
    /// Its stable name.
    pub metric: String,
    /// "s", "ms", "ratio", "count", "`per_minute`", "`per_second`", "index" or "band".
    pub unit: &'static str,
    /// What the number means, in words a learner understands.
    pub definition: &'static str,
    /// What it rests on.
    pub source: Source,
    /// The number, or why there is none.
    pub measured: Measured,
}
