//! What a session looks like from outside.

use super::{call_view::CallView, turn_view::TurnView};
use crate::{
    announcements::MODE,
    rating::{Finding, Rating},
    recording::Recording,
    session::{Practice, Session, Topic},
    store::Entry,
    words::{EndReason, RatingState, RecordingPolicy, RecordingState},
};
use clock::Timestamp;
use ids::{SessionId, TopicId};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SessionState)]
pub enum StateView {
    /// The learner speaks, or may come back to it.
    Open,
    /// It is over.
    Finalized,
}

impl StateView {
    pub fn of(finalized: bool) -> Self {
        if finalized { Self::Finalized } else { Self::Open }
    }
}

/// A session with everything that is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    id: SessionId,
    /// How speech arrives: `conversation` so far.
    mode: &'static str,
    state: StateView,
    topic: TopicView,
    recording_policy: RecordingPolicy,
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required, value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    #[schema(required)]
    duration_ms: Option<u32>,
    #[schema(required)]
    end_reason: Option<EndReason>,
    /// The session whose conversation this one goes on with.
    #[schema(required)]
    continues: Option<SessionId>,
    /// The newest session that goes on with this conversation.
    #[schema(required)]
    continued_by: Option<SessionId>,
    transcript: TranscriptView,
    recording: RecordingView,
    rating: RatingView,
    /// The session's place in its own trace: sent back as the `traceparent` header of whatever concerns it.
    #[schema(required)]
    traceparent: Option<String>,
    /// What was not as it should be, as slugs such as `times_clamped`.
    warnings: Vec<String>,
}

/// What was practised, as it was when the session began.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionTopic)]
pub struct TopicView {
    id: TopicId,
    title: String,
    level: String,
    kind: String,
    minutes: u32,
    situation: String,
    phrases: Vec<String>,
}

/// What was said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Transcript)]
pub struct TranscriptView {
    /// Who wrote it down: `live` so far.
    source: &'static str,
    /// 0 while nothing is saved.
    revision: u32,
    /// Whether it is sealed.
    #[serde(rename = "final")]
    sealed: bool,
    /// Whether words may differ from what was said.
    approximate: bool,
    turns: Vec<TurnView>,
    /// The calls they were said in; between two of them nobody could be heard.
    calls: Vec<CallView>,
}

/// How the recording stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recording)]
pub struct RecordingView {
    state: RecordingState,
    /// 0 until there is one.
    revision: u32,
    #[schema(required)]
    duration_ms: Option<u32>,
    #[schema(required)]
    media_type: Option<String>,
    #[schema(required)]
    channel_layout: Option<String>,
    #[schema(required)]
    audio_url: Option<String>,
    #[schema(required)]
    peaks_url: Option<String>,
    warnings: Vec<String>,
}

/// How the rating stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rating)]
pub struct RatingView {
    state: RatingState,
    /// 0 until there was one.
    revision: u32,
    /// When the shown findings were made.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required, value_type = Option<String>, format = DateTime)]
    rated_at: Option<Timestamp>,
    /// Those of the newest finished rating, also while another one is awaited.
    findings: Vec<FindingView>,
    /// Why the newest one failed, as a slug.
    #[schema(required)]
    reason: Option<String>,
}

/// One measured or judged fact.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingView {
    /// `learner`, `coach` or `session`.
    subject: String,
    /// Its stable name.
    metric: String,
    #[schema(required)]
    value: Option<f64>,
    unit: String,
    /// What it means, in words a learner understands.
    definition: String,
    evidence: Vec<EvidenceView>,
    /// `audio`, `words` or `model`.
    source: String,
    /// Why there is no value, when there is none.
    #[schema(required)]
    not_measured: Option<String>,
}

/// A stretch of the session that shows a finding.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Evidence)]
pub struct EvidenceView {
    start_ms: u32,
    end_ms: u32,
}

/// A session in the history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionSummary)]
pub struct SummaryView {
    id: SessionId,
    state: StateView,
    topic: SummaryTopic,
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required, value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    #[schema(required)]
    duration_ms: Option<u32>,
    #[schema(required)]
    end_reason: Option<EndReason>,
    recording_state: RecordingState,
    rating_state: RatingState,
}

/// What was practised, in short.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionSummaryTopic)]
pub struct SummaryTopic {
    id: TopicId,
    title: String,
    level: String,
    kind: String,
}

impl From<Practice> for SessionView {
    fn from(practice: Practice) -> Self {
        let Practice { session, recording, rating, continued_by } = practice;
        let sealed = session.sealed();
        Self {
            id: session.id,
            mode: MODE,
            state: StateView::of(sealed.is_some()),
            recording_policy: session.recording_policy,
            started_at: session.started_at,
            ended_at: sealed.map(|sealed| sealed.at),
            duration_ms: sealed.map(|sealed| sealed.duration_ms),
            end_reason: sealed.map(|sealed| sealed.reason),
            continues: session.continues,
            continued_by,
            warnings: sealed.map(|sealed| sealed.warnings.clone()).unwrap_or_default(),
            transcript: TranscriptView::of(&session),
            recording: RecordingView::of(session.id, recording),
            rating: RatingView::from(rating),
            traceparent: session.traceparent,
            topic: TopicView::from(session.topic),
        }
    }
}

impl From<Topic> for TopicView {
    fn from(topic: Topic) -> Self {
        let Topic { id, title, level, kind, minutes, situation, phrases, lesson_json: _ } = topic;
        Self { id, title, level, kind, minutes, situation, phrases }
    }
}

impl TranscriptView {
    fn of(session: &Session) -> Self {
        let transcript = session.transcript();
        Self {
            source: "live",
            revision: transcript.revision,
            sealed: session.sealed().is_some(),
            approximate: !session.verbatim,
            turns: transcript.turns.iter().map(TurnView::from).collect(),
            calls: transcript.calls.iter().map(CallView::from).collect(),
        }
    }
}

impl RecordingView {
    fn of(session: SessionId, recording: Recording) -> Self {
        let state = recording.state();
        match recording {
            Recording::None | Recording::Expected => Self {
                state,
                revision: 0,
                duration_ms: None,
                media_type: None,
                channel_layout: None,
                audio_url: None,
                peaks_url: None,
                warnings: Vec::new(),
            },
            Recording::Ready(facts) => Self {
                state,
                revision: facts.revision,
                duration_ms: Some(facts.duration_ms),
                media_type: Some(facts.media_type),
                channel_layout: Some(facts.channel_layout),
                audio_url: Some(format!("/api/sessions/{session}/audio")),
                peaks_url: Some(format!("/api/sessions/{session}/audio/peaks")),
                warnings: facts.warnings,
            },
        }
    }
}

impl From<Rating> for RatingView {
    fn from(rating: Rating) -> Self {
        let rated_at = rating.copy.as_ref().map(|copy| copy.rated_at);
        let findings = rating.copy.map(|copy| copy.findings).unwrap_or_default();
        Self {
            state: rating.state,
            revision: rating.news.revision,
            rated_at,
            findings: findings.into_iter().map(FindingView::from).collect(),
            reason: rating.reason,
        }
    }
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        let evidence = finding.evidence.iter();
        Self {
            evidence: evidence
                .map(|shown| EvidenceView { start_ms: shown.start_ms, end_ms: shown.end_ms })
                .collect(),
            subject: finding.subject,
            metric: finding.metric,
            value: finding.value,
            unit: finding.unit,
            definition: finding.definition,
            source: finding.source,
            not_measured: finding.not_measured,
        }
    }
}

impl From<Entry> for SummaryView {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            state: StateView::of(entry.finalized_at.is_some()),
            topic: SummaryTopic { id: entry.topic, title: entry.title, level: entry.level, kind: entry.kind },
            started_at: entry.started_at,
            ended_at: entry.finalized_at,
            duration_ms: entry.duration_ms,
            end_reason: entry.end_reason,
            recording_state: entry.recording,
            rating_state: entry.rating,
        }
    }
}
