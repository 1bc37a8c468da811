//! All SQL about sessions, over the caller's connection.

pub mod absence;
pub mod graves;
pub mod keys;
mod rows;

use crate::{
    rating::Rating,
    recording::Recording,
    session::{Practice, Sealed, Session, Transcript},
    words::{EndReason, Feedback, RatingState, RecordingState},
};
use clock::Timestamp;
use ids::{LearnerId, SessionId, TopicId};
use postgres::StoreError;
use rows::{CallRow, FindingRow, PracticeRow, TurnRow, column, whole, word};
use sqlx::{PgConnection, types::Json};
use tracing::instrument;

/// The channel on which replicas tell each other that a session changed.
pub const CHANGES: &str = "session_changed";

/// A session in the history.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The session.
    pub id: SessionId,
    /// What was practised.
    pub topic: TopicId,
    /// Its name.
    pub title: String,
    /// `A1` to `C1`.
    pub level: String,
    /// `everyday`, `work` or `interview`.
    pub kind: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over.
    pub finalized_at: Option<Timestamp>,
    /// How long the conversation was.
    pub duration_ms: Option<u32>,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
    /// How its recording stands.
    pub recording: RecordingState,
    /// How its rating stands.
    pub rating: RatingState,
}

/// How a session stands, in a word each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is over.
    pub finalized: bool,
    /// How its recording stands.
    pub recording: RecordingState,
    /// How its rating stands.
    pub rating: RatingState,
    /// Revisions of both, so that news that changes no word is seen as well.
    pub revisions: (i32, i32),
}

/// Writes a session that begins, unless its learner has an open one. Says whether it was written.
#[instrument(name = "db.session.insert", skip_all, fields(session.id = %session.id))]
pub async fn insert(connection: &mut PgConnection, session: &Session) -> Result<bool, StoreError> {
    let written = sqlx::query!(
        "insert into session (
             session_id, learner_id, recording_policy, topic_id, topic_title, topic_level, topic_kind,
             topic_minutes, topic_situation, topic_phrases, lesson_json, verbatim, traceparent, started_at,
             continues
         )
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         on conflict (learner_id) where finalized_at is null do nothing",
        session.id.as_uuid(),
        session.learner.as_uuid(),
        session.recording_policy.as_str(),
        session.topic.id.as_uuid(),
        session.topic.title,
        session.topic.level,
        session.topic.kind,
        column(session.topic.minutes),
        session.topic.situation,
        &session.topic.phrases,
        session.topic.lesson_json,
        session.verbatim,
        session.traceparent,
        session.started_at,
        session.continues.map(SessionId::as_uuid),
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if written == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "insert into recording (session_id, state) values ($1, $2)",
        session.id.as_uuid(),
        Recording::at_first(session.recording_policy).state().as_str(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into rating (session_id, state) values ($1, $2)",
        session.id.as_uuid(),
        Rating::at_first().state.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(true)
}

/// The learner's open session.
#[instrument(name = "db.session.find_open", skip_all)]
pub async fn open_of(
    connection: &mut PgConnection,
    learner: LearnerId,
) -> Result<Option<SessionId>, StoreError> {
    let row = sqlx::query!(
        "select session_id from session where learner_id = $1 and finalized_at is null",
        learner.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.session_id.into()))
}

/// Waits until nobody else changes the session, then keeps it for this transaction. Says whether there is one, and, if a
/// learner is given, whether it is theirs.
///
/// Read it with a statement of its own afterwards: one that waits for the lock would still see the other tables as they
/// were before the wait.
#[instrument(name = "db.session.lock", skip_all, fields(session.id = %id))]
pub async fn lock(
    connection: &mut PgConnection,
    id: SessionId,
    learner: Option<LearnerId>,
) -> Result<bool, StoreError> {
    let row = sqlx::query!(
        r#"select true as "there!" from session
           where session_id = $1 and ($2::uuid is null or learner_id = $2)
           for update"#,
        id.as_uuid(),
        learner.map(LearnerId::as_uuid),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some_and(|row| row.there))
}

/// Keeps anybody from deleting the learner's session before this transaction ends. Says whether there is one.
#[instrument(name = "db.session.keep", skip_all, fields(session.id = %id))]
pub async fn keep(
    connection: &mut PgConnection,
    id: SessionId,
    learner: LearnerId,
) -> Result<bool, StoreError> {
    let row = sqlx::query!(
        r#"select true as "there!" from session where session_id = $1 and learner_id = $2 for key share"#,
        id.as_uuid(),
        learner.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some_and(|row| row.there))
}

/// The session, if it exists and, if a learner is given, is theirs.
#[instrument(name = "db.session.find", skip_all, fields(session.id = %id))]
pub async fn find(
    connection: &mut PgConnection,
    id: SessionId,
    learner: Option<LearnerId>,
) -> Result<Option<Practice>, StoreError> {
    sqlx::query_as!(
        PracticeRow,
        r#"select session_id, learner_id, recording_policy, topic_id, topic_title, topic_level, topic_kind,
                  topic_minutes, topic_situation, topic_phrases, lesson_json, verbatim, traceparent, started_at,
                  seen_at, continues,
                  (select later.session_id from session later
                   where later.continues = session.session_id order by later.session_id desc limit 1) as continued_by,
                  finalized_at, session.duration_ms, end_reason, session.warnings, fingerprint,
                  draft.revision as "draft_revision?",
                  draft.turns as "draft_turns?: Json<Vec<TurnRow>>",
                  draft.calls as "draft_calls?: Json<Vec<CallRow>>",
                  transcript.revision as "transcript_revision?",
                  transcript.turns as "transcript_turns?: Json<Vec<TurnRow>>",
                  transcript.calls as "transcript_calls?: Json<Vec<CallRow>>",
                  recording.state as recording_state, recording.revision as recording_revision,
                  recording.duration_ms as recording_duration_ms, media_type, channel_layout,
                  recording.warnings as recording_warnings,
                  rating.state as rating_state, rating.revision as rating_revision, settled, reason,
                  rated_revision, rated_at, findings as "findings: Json<Vec<FindingRow>>"
           from session
           join recording using (session_id)
           join rating using (session_id)
           left join draft using (session_id)
           left join transcript using (session_id)
           where session_id = $1 and ($2::uuid is null or learner_id = $2)"#,
        id.as_uuid(),
        learner.map(LearnerId::as_uuid),
    )
    .fetch_optional(connection)
    .await?
    .map(Practice::try_from)
    .transpose()
}

/// Keeps how the learner's session was. Says whether that is new: one that is open has none yet, and the first stays.
#[instrument(name = "db.session.set_feedback", skip_all, fields(session.id = %id))]
pub async fn set_feedback(
    connection: &mut PgConnection,
    id: SessionId,
    learner: LearnerId,
    feedback: Feedback,
) -> Result<bool, StoreError> {
    let noted = sqlx::query!(
        "update session set feedback = $3
         where session_id = $1 and learner_id = $2 and finalized_at is not null and feedback is null",
        id.as_uuid(),
        learner.as_uuid(),
        feedback.as_str(),
    )
    .execute(connection)
    .await?
    .rows_affected();
    Ok(noted == 1)
}

/// How the learner's session stands.
#[instrument(name = "db.session.standing", skip_all, fields(session.id = %id))]
pub async fn standing(
    connection: &mut PgConnection,
    id: SessionId,
    learner: LearnerId,
) -> Result<Option<Standing>, StoreError> {
    let row = sqlx::query!(
        r#"select finalized_at is not null as "finalized!", recording.state as recording, rating.state as rating,
                  recording.revision as recording_revision, rating.revision as rating_revision
           from session
           join recording using (session_id)
           join rating using (session_id)
           where session_id = $1 and learner_id = $2"#,
        id.as_uuid(),
        learner.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Standing {
            finalized: row.finalized,
            recording: word("recording", "state", &row.recording)?,
            rating: word("rating", "state", &row.rating)?,
            revisions: (row.recording_revision, row.rating_revision),
        })
    })
    .transpose()
}

/// Replaces the words of an open session.
#[instrument(name = "db.draft.save", skip_all, fields(session.id = %id))]
pub async fn save_draft(
    connection: &mut PgConnection,
    id: SessionId,
    draft: &Transcript,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into draft (session_id, revision, turns, calls) values ($1, $2, $3, $4)
         on conflict (session_id) do update
         set revision = excluded.revision, turns = excluded.turns, calls = excluded.calls",
        id.as_uuid(),
        column(draft.revision),
        Json(turns(draft)) as _,
        Json(calls(draft)) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what is true of a session since it is over. The words so far give way to the sealed ones.
#[instrument(name = "db.session.seal", skip_all, fields(session.id = %id))]
pub async fn seal(connection: &mut PgConnection, id: SessionId, sealed: &Sealed) -> Result<(), StoreError> {
    sqlx::query!(
        "update session
         set finalized_at = $2, duration_ms = $3, end_reason = $4, warnings = $5, fingerprint = $6
         where session_id = $1",
        id.as_uuid(),
        sealed.at,
        column(sealed.duration_ms),
        sealed.reason.as_str(),
        &sealed.warnings,
        sealed.fingerprint.0,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into transcript (session_id, source, revision, turns, calls) values ($1, 'live', $2, $3, $4)",
        id.as_uuid(),
        column(sealed.transcript.revision),
        Json(turns(&sealed.transcript)) as _,
        Json(calls(&sealed.transcript)) as _,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("delete from draft where session_id = $1", id.as_uuid()).execute(connection).await?;
    Ok(())
}

/// Writes how the recording stands.
#[instrument(name = "db.recording.save", skip_all, fields(session.id = %id))]
pub async fn save_recording(
    connection: &mut PgConnection,
    id: SessionId,
    recording: &Recording,
) -> Result<(), StoreError> {
    let facts = match recording {
        Recording::None | Recording::Expected => None,
        Recording::Ready(facts) => Some(facts),
    };
    sqlx::query!(
        "update recording
         set state = $2, revision = $3, duration_ms = $4, media_type = $5, channel_layout = $6, warnings = $7
         where session_id = $1",
        id.as_uuid(),
        recording.state().as_str(),
        facts.map_or(0, |facts| column(facts.revision)),
        facts.map(|facts| column(facts.duration_ms)),
        facts.map(|facts| facts.media_type.as_str()),
        facts.map(|facts| facts.channel_layout.as_str()),
        facts.map_or(&[][..], |facts| &facts.warnings[..]),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes how the rating stands.
#[instrument(name = "db.rating.save", skip_all, fields(session.id = %id))]
pub async fn save_rating(
    connection: &mut PgConnection,
    id: SessionId,
    rating: &Rating,
) -> Result<(), StoreError> {
    let copy = rating.copy.as_ref();
    let findings: Vec<_> = copy.into_iter().flat_map(|copy| &copy.findings).map(FindingRow::from).collect();
    sqlx::query!(
        "update rating
         set state = $2, revision = $3, settled = $4, reason = $5, rated_revision = $6, rated_at = $7, findings = $8
         where session_id = $1",
        id.as_uuid(),
        rating.state.as_str(),
        column(rating.news.revision),
        rating.news.settled,
        rating.reason,
        copy.map_or(0, |copy| column(copy.revision)),
        copy.map(|copy| copy.rated_at),
        Json(findings) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A page of the learner's history, newest first, from before the given session on.
#[instrument(name = "db.session.page", skip_all)]
pub async fn page(
    connection: &mut PgConnection,
    learner: LearnerId,
    before: Option<SessionId>,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    let rows = sqlx::query!(
        "select session_id, topic_id, topic_title, topic_level, topic_kind, started_at, finalized_at,
                session.duration_ms, end_reason, recording.state as recording, rating.state as rating
         from session
         join recording using (session_id)
         join rating using (session_id)
         where learner_id = $1 and ($2::uuid is null or session_id < $2)
         order by session_id desc
         limit $3",
        learner.as_uuid(),
        before.map(SessionId::as_uuid),
        i64::from(limit),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Entry {
                id: row.session_id.into(),
                topic: row.topic_id.into(),
                title: row.topic_title,
                level: row.topic_level,
                kind: row.topic_kind,
                started_at: row.started_at,
                finalized_at: row.finalized_at,
                duration_ms: row
                    .duration_ms
                    .map(|duration| whole("session", "duration_ms", duration))
                    .transpose()?,
                end_reason: row
                    .end_reason
                    .map(|reason| word("session", "end_reason", &reason))
                    .transpose()?,
                recording: word("recording", "state", &row.recording)?,
                rating: word("rating", "state", &row.rating)?,
            })
        })
        .collect()
}

/// Tells every replica, when this transaction commits, that the session changed.
#[instrument(name = "db.session.notify", skip_all, fields(session.id = %id))]
pub async fn notify_changed(connection: &mut PgConnection, id: SessionId) -> Result<(), StoreError> {
    sqlx::query!("select pg_notify($1, $2)", CHANGES, id.to_string()).execute(connection).await?;
    Ok(())
}

/// Bounds how long this transaction waits for another one.
pub async fn wait_at_most_two_seconds(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("set local lock_timeout = '2s'").execute(connection).await?;
    Ok(())
}

fn turns(transcript: &Transcript) -> Vec<TurnRow> {
    transcript.turns.iter().map(TurnRow::from).collect()
}

fn calls(transcript: &Transcript) -> Vec<CallRow> {
    transcript.calls.iter().map(CallRow::from).collect()
}
