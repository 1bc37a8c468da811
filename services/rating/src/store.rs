//! All SQL of this service.

use crate::{
    audio::PAUSE_MS,
    finding::{Finding, Measured, Span},
    practice::{Answered, Finalized, Practice},
    ratings::{Rated, StoredFinding},
};
use clock::Timestamp;
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use sqlx::{
    PgConnection,
    types::{Json, Uuid},
};

struct PracticeRow {
    session_id: Uuid,
    learner_id: Uuid,
    finalized_at: Option<Timestamp>,
    keeps_recording: Option<bool>,
    recording_revision: i32,
    requests: i64,
    rating_revision: i32,
    answered_recording_revision: Option<i32>,
    answered_requests: Option<i64>,
    deleted: bool,
}

impl From<PracticeRow> for Practice {
    fn from(row: PracticeRow) -> Self {
        Self {
            session: row.session_id.into(),
            learner: row.learner_id.into(),
            finalized: row
                .finalized_at
                .zip(row.keeps_recording)
                .map(|(at, keeps_recording)| Finalized { at, keeps_recording }),
            recording_revision: row.recording_revision.cast_unsigned(),
            requests: row.requests,
            rating_revision: row.rating_revision.cast_unsigned(),
            answered: row.answered_recording_revision.zip(row.answered_requests).map(
                |(recording_revision, requests)| Answered {
                    recording_revision: recording_revision.cast_unsigned(),
                    requests,
                },
            ),
            deleted: row.deleted,
        }
    }
}

/// What is known of a session.
#[tracing::instrument(name = "db.session.find", skip_all, fields(session.id = %session))]
pub async fn find(connection: &mut PgConnection, session: SessionId) -> Result<Option<Practice>, StoreError> {
    let row = sqlx::query_as!(
        PracticeRow,
        r#"
            select session_id, learner_id, finalized_at, keeps_recording, recording_revision, requests,
                   rating_revision, answered_recording_revision, answered_requests,
                   deleted_at is not null as "deleted!"
            from session
            where session_id = $1
        "#,
        session.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Practice::from))
}

/// What is known of a session, nobody else changing it until the transaction ends. A session that was never heard of
/// begins here.
#[tracing::instrument(name = "db.session.lock", skip_all, fields(session.id = %session))]
pub async fn lock(
    connection: &mut PgConnection,
    session: SessionId,
    learner: LearnerId,
) -> Result<Practice, StoreError> {
    sqlx::query!(
        "insert into session (session_id, learner_id) values ($1, $2) on conflict do nothing",
        session.as_uuid(),
        learner.as_uuid(),
    )
    .execute(&mut *connection)
    .await?;
    let row = sqlx::query_as!(
        PracticeRow,
        r#"
            select session_id, learner_id, finalized_at, keeps_recording, recording_revision, requests,
                   rating_revision, answered_recording_revision, answered_requests,
                   deleted_at is not null as "deleted!"
            from session
            where session_id = $1
            for update
        "#,
        session.as_uuid(),
    )
    .fetch_one(connection)
    .await?;
    Ok(row.into())
}

/// Writes what is known of a session that this transaction has locked.
#[tracing::instrument(name = "db.session.write", skip_all, fields(session.id = %practice.session))]
pub async fn write(connection: &mut PgConnection, practice: &Practice) -> Result<(), StoreError> {
    sqlx::query!(
        "
            update session
            set finalized_at = $2, keeps_recording = $3, recording_revision = $4, requests = $5, rating_revision = $6,
                answered_recording_revision = $7, answered_requests = $8
            where session_id = $1
        ",
        practice.session.as_uuid(),
        practice.finalized.map(|finalized| finalized.at),
        practice.finalized.map(|finalized| finalized.keeps_recording),
        practice.recording_revision.cast_signed(),
        practice.requests,
        practice.rating_revision.cast_signed(),
        practice.answered.map(|answered| answered.recording_revision.cast_signed()),
        practice.answered.map(|answered| answered.requests),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Erases everything about a session but that it was deleted.
#[tracing::instrument(name = "db.session.erase", skip_all, fields(session.id = %session))]
pub async fn erase(
    connection: &mut PgConnection,
    session: SessionId,
    deleted_at: Timestamp,
) -> Result<(), StoreError> {
    // Findings go with their rating.
    sqlx::query!("delete from rating where session_id = $1", session.as_uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "
            update session
            set deleted_at = coalesce(deleted_at, $2), finalized_at = null, keeps_recording = null,
                recording_revision = 0, requests = 0, rating_revision = 0,
                answered_recording_revision = null, answered_requests = null
            where session_id = $1
        ",
        session.as_uuid(),
        deleted_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores a rating with its findings.
#[tracing::instrument(name = "db.rating.insert", skip_all, fields(session.id = %rated.session))]
pub async fn insert(connection: &mut PgConnection, rated: &Rated<Finding>) -> Result<(), StoreError> {
    sqlx::query!(
        "
            insert into rating (session_id, revision, provider, rubric_version, rated_at, transcript_revision,
                                recording_revision, pause_threshold_ms)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
        ",
        rated.session.as_uuid(),
        rated.revision.cast_signed(),
        &*rated.provider,
        &*rated.rubric_version,
        rated.rated_at,
        rated.transcript_revision.cast_signed(),
        rated.recording_revision.cast_signed(),
        PAUSE_MS.cast_signed(),
    )
    .execute(&mut *connection)
    .await?;
    for (ordinal, finding) in (0_i32..).zip(&rated.findings) {
        let (value, evidence, not_measured) = match &finding.measured {
            Measured::Value { value, evidence } => (Some(*value), &evidence[..], None),
            Measured::Not(reason) => (None, &[][..], Some(*reason)),
        };
        sqlx::query!(
            "
                insert into finding (session_id, revision, ordinal, subject, metric, unit, definition, source, value,
                                     not_measured, evidence)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ",
            rated.session.as_uuid(),
            rated.revision.cast_signed(),
            ordinal,
            finding.subject.as_str(),
            finding.metric,
            finding.unit,
            finding.definition,
            finding.source.as_str(),
            value,
            not_measured,
            Json(evidence) as _,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The newest rating of a learner's session.
#[tracing::instrument(name = "db.rating.find", skip_all, fields(session.id = %session))]
pub async fn newest(
    connection: &mut PgConnection,
    session: SessionId,
    learner: LearnerId,
) -> Result<Option<Rated<StoredFinding>>, StoreError> {
    let Some(row) = sqlx::query!(
        "
            select revision, provider, rubric_version, rated_at, transcript_revision, rating.recording_revision
            from rating
            join session using (session_id)
            where session_id = $1 and learner_id = $2 and deleted_at is null
            order by revision desc
            limit 1
        ",
        session.as_uuid(),
        learner.as_uuid(),
    )
    .fetch_optional(&mut *connection)
    .await?
    else {
        return Ok(None);
    };
    let findings = sqlx::query_as!(
        StoredFinding,
        r#"
            select subject, metric, unit, definition, source, value, not_measured, evidence as "evidence: Json<Vec<Span>>"
            from finding
            where session_id = $1 and revision = $2
            order by ordinal
        "#,
        session.as_uuid(),
        row.revision,
    )
    .fetch_all(connection)
    .await?;
    Ok(Some(Rated {
        session,
        revision: row.revision.cast_unsigned(),
        provider: row.provider.into(),
        rubric_version: row.rubric_version.into(),
        rated_at: row.rated_at,
        transcript_revision: row.transcript_revision.cast_unsigned(),
        recording_revision: row.recording_revision.cast_unsigned(),
        findings,
    }))
}
