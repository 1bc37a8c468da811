//! Sessions that were deleted after the backup was taken.

use crate::backup::Deletions;
use events::SessionDeleted;
use outbox::Outbox;
use sqlx::PgPool;
use uuid::Uuid;

/// Deletes them again, and says so: the other services erase their parts when they hear it. Answers how many there were.
pub async fn bury(sessions: &PgPool, deletions: &Deletions) -> anyhow::Result<usize> {
    let outbox = Outbox::default();
    let mut buried = 0;
    for (session, at) in deletions.sessions() {
        let mut tx = postgres::begin(sessions).await?;
        let learner: Option<Uuid> = sqlx::query_scalar(include_str!("bury.sql"))
            .bind(session.as_uuid())
            .bind(at)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(learner) = learner else { continue };
        let event = SessionDeleted {
            session_id: session.to_string(),
            learner_id: learner.to_string(),
            deleted_at_ms: clock::millis(at),
        };
        outbox.append(&mut tx, &event).await?;
        tx.commit().await?;
        buried += 1;
    }
    Ok(buried)
}
