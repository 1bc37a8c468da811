//! Rows and their conversion to the domain.

use crate::{
    calls::Call,
    fingerprint::Fingerprint,
    rating::{Evidence, Finding, News, Rating, RatingCopy},
    recording::{Recording, RecordingFacts},
    session::{Practice, Sealed, Session, SessionState, Topic, Transcript},
    turns::Turn,
};
use clock::Timestamp;
use ids::SessionId;
use postgres::StoreError;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use std::str::FromStr;
use uuid::Uuid;

/// A turn in a JSON column.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TurnRow {
    item_id: String,
    speaker: String,
    start_ms: u32,
    end_ms: u32,
    text: Option<String>,
    state: String,
    call: u32,
}

impl From<&Turn> for TurnRow {
    fn from(turn: &Turn) -> Self {
        Self {
            item_id: turn.item_id.clone(),
            speaker: turn.speaker.as_str().to_owned(),
            start_ms: turn.start_ms,
            end_ms: turn.end_ms,
            text: turn.text.clone(),
            state: turn.state.as_str().to_owned(),
            call: turn.call,
        }
    }
}

impl TurnRow {
    fn into_turn(self, table: &'static str) -> Result<Turn, StoreError> {
        Ok(Turn {
            item_id: self.item_id,
            speaker: word(table, "turns", &self.speaker)?,
            start_ms: self.start_ms,
            end_ms: self.end_ms,
            text: self.text,
            state: word(table, "turns", &self.state)?,
            call: self.call,
        })
    }
}

/// A call in a JSON column.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CallRow {
    number: u32,
    start_ms: u32,
    end_ms: Option<u32>,
}

impl From<&Call> for CallRow {
    fn from(call: &Call) -> Self {
        Self { number: call.number, start_ms: call.start_ms, end_ms: call.end_ms }
    }
}

impl From<CallRow> for Call {
    fn from(row: CallRow) -> Self {
        Self { number: row.number, start_ms: row.start_ms, end_ms: row.end_ms }
    }
}

/// A finding in a JSON column.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FindingRow {
    subject: String,
    metric: String,
    value: Option<f64>,
    unit: String,
    definition: String,
    source: String,
    evidence: Vec<(u32, u32)>,
    not_measured: Option<String>,
}

impl From<&Finding> for FindingRow {
    fn from(finding: &Finding) -> Self {
        Self {
            subject: finding.subject.clone(),
            metric: finding.metric.clone(),
            value: finding.value,
            unit: finding.unit.clone(),
            definition: finding.definition.clone(),
            source: finding.source.clone(),
            evidence: finding.evidence.iter().map(|shown| (shown.start_ms, shown.end_ms)).collect(),
            not_measured: finding.not_measured.clone(),
        }
    }
}

impl From<FindingRow> for Finding {
    fn from(row: FindingRow) -> Self {
        Self {
            subject: row.subject,
            metric: row.metric,
            value: row.value,
            unit: row.unit,
            definition: row.definition,
            source: row.source,
            evidence: row
                .evidence
                .into_iter()
                .map(|(start_ms, end_ms)| Evidence { start_ms, end_ms })
                .collect(),
            not_measured: row.not_measured,
        }
    }
}

/// A session with all that hangs off it.
#[derive(Debug)]
pub(super) struct PracticeRow {
    pub session_id: Uuid,
    pub learner_id: Uuid,
    pub recording_policy: String,
    pub topic_id: Uuid,
    pub topic_title: String,
    pub topic_level: String,
    pub topic_kind: String,
    pub topic_minutes: i32,
    pub topic_situation: String,
    pub topic_phrases: Vec<String>,
    pub lesson_json: String,
    pub verbatim: bool,
    pub traceparent: Option<String>,
    pub started_at: Timestamp,
    pub seen_at: Timestamp,
    pub continues: Option<Uuid>,
    pub continued_by: Option<Uuid>,
    pub finalized_at: Option<Timestamp>,
    pub duration_ms: Option<i32>,
    pub end_reason: Option<String>,
    pub warnings: Option<Vec<String>>,
    pub fingerprint: Option<Vec<u8>>,
    pub draft_revision: Option<i32>,
    pub draft_turns: Option<Json<Vec<TurnRow>>>,
    pub draft_calls: Option<Json<Vec<CallRow>>>,
    pub transcript_revision: Option<i32>,
    pub transcript_turns: Option<Json<Vec<TurnRow>>>,
    pub transcript_calls: Option<Json<Vec<CallRow>>>,
    pub recording_state: String,
    pub recording_revision: i32,
    pub recording_duration_ms: Option<i32>,
    pub media_type: Option<String>,
    pub channel_layout: Option<String>,
    pub recording_warnings: Vec<String>,
    pub rating_state: String,
    pub rating_revision: i32,
    pub settled: bool,
    pub reason: Option<String>,
    pub rated_revision: i32,
    pub rated_at: Option<Timestamp>,
    pub findings: Json<Vec<FindingRow>>,
}

impl TryFrom<PracticeRow> for Practice {
    type Error = StoreError;

    fn try_from(mut row: PracticeRow) -> Result<Self, StoreError> {
        let rating = row.rating()?;
        let recording = row.recording()?;
        let state = row.state()?;
        let session = Session {
            id: row.session_id.into(),
            learner: row.learner_id.into(),
            topic: Topic {
                id: row.topic_id.into(),
                title: row.topic_title,
                level: row.topic_level,
                kind: row.topic_kind,
                minutes: whole("session", "topic_minutes", row.topic_minutes)?,
                situation: row.topic_situation,
                phrases: row.topic_phrases,
                lesson_json: row.lesson_json,
            },
            recording_policy: word("session", "recording_policy", &row.recording_policy)?,
            verbatim: row.verbatim,
            traceparent: row.traceparent,
            started_at: row.started_at,
            seen_at: row.seen_at,
            continues: row.continues.map(SessionId::from),
            state,
        };
        Ok(Self { session, recording, rating, continued_by: row.continued_by.map(SessionId::from) })
    }
}

impl PracticeRow {
    fn state(&mut self) -> Result<SessionState, StoreError> {
        let Some(at) = self.finalized_at else {
            let (revision, turns, calls) =
                (self.draft_revision, self.draft_turns.take(), self.draft_calls.take());
            let draft = transcript("draft", revision, turns, calls)?.unwrap_or_default();
            return Ok(SessionState::Open { draft });
        };
        let (revision, turns, calls) =
            (self.transcript_revision, self.transcript_turns.take(), self.transcript_calls.take());
        let missing = |column| StoreError::Inconsistent { table: "session", column };
        Ok(SessionState::Finalized(Sealed {
            at,
            duration_ms: whole(
                "session",
                "duration_ms",
                self.duration_ms.ok_or_else(|| missing("duration_ms"))?,
            )?,
            reason: word("session", "end_reason", self.end_reason.as_deref().unwrap_or(""))?,
            warnings: self.warnings.take().unwrap_or_default(),
            fingerprint: Fingerprint(self.fingerprint.take().ok_or_else(|| missing("fingerprint"))?),
            transcript: transcript("transcript", revision, turns, calls)?
                .ok_or(StoreError::Inconsistent { table: "transcript", column: "session_id" })?,
        }))
    }

    fn recording(&mut self) -> Result<Recording, StoreError> {
        let missing = |column| StoreError::Inconsistent { table: "recording", column };
        match self.recording_state.as_str() {
            "none" => Ok(Recording::None),
            "expected" => Ok(Recording::Expected),
            "ready" => Ok(Recording::Ready(RecordingFacts {
                revision: whole("recording", "revision", self.recording_revision)?,
                duration_ms: whole(
                    "recording",
                    "duration_ms",
                    self.recording_duration_ms.ok_or_else(|| missing("duration_ms"))?,
                )?,
                media_type: self.media_type.take().ok_or_else(|| missing("media_type"))?,
                channel_layout: self.channel_layout.take().ok_or_else(|| missing("channel_layout"))?,
                warnings: std::mem::take(&mut self.recording_warnings),
            })),
            _ => Err(missing("state")),
        }
    }

    fn rating(&mut self) -> Result<Rating, StoreError> {
        let findings = std::mem::take(&mut self.findings.0);
        let copy = match self.rated_at {
            None => None,
            Some(rated_at) => Some(RatingCopy {
                revision: whole("rating", "rated_revision", self.rated_revision)?,
                rated_at,
                findings: findings.into_iter().map(Finding::from).collect(),
            }),
        };
        Ok(Rating {
            state: word("rating", "state", &self.rating_state)?,
            news: News {
                revision: whole("rating", "revision", self.rating_revision)?,
                settled: self.settled,
            },
            reason: self.reason.take(),
            copy,
        })
    }
}

fn transcript(
    table: &'static str,
    revision: Option<i32>,
    turns: Option<Json<Vec<TurnRow>>>,
    calls: Option<Json<Vec<CallRow>>>,
) -> Result<Option<Transcript>, StoreError> {
    let (Some(revision), Some(Json(turns))) = (revision, turns) else { return Ok(None) };
    let calls = calls.map(|Json(calls)| calls).unwrap_or_default();
    Ok(Some(Transcript {
        revision: whole(table, "revision", revision)?,
        turns: turns.into_iter().map(|turn| turn.into_turn(table)).collect::<Result<_, _>>()?,
        calls: calls.into_iter().map(Call::from).collect(),
    }))
}

pub(super) fn word<W: FromStr>(
    table: &'static str,
    column: &'static str,
    text: &str,
) -> Result<W, StoreError> {
    text.parse().map_err(|_| StoreError::Inconsistent { table, column })
}

pub(super) fn whole(table: &'static str, column: &'static str, number: i32) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::Inconsistent { table, column })
}

/// A number of ours in a column: every one of them is bounded far below where this would matter.
pub(super) fn column(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
