//! Requests that carry an idempotency key.

use crate::fingerprint::Fingerprint;
use clock::Timestamp;
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use sqlx::PgConnection;
use tracing::instrument;

/// A request with its key.
#[derive(Clone, Debug)]
pub struct Keyed {
    /// Who asks.
    pub learner: LearnerId,
    /// What for: keys of different operations do not meet.
    pub operation: &'static str,
    /// The key the caller chose.
    pub key: String,
    /// What was asked.
    pub fingerprint: Fingerprint,
}

/// What a key says about its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is new: carry it out.
    New,
    /// It was carried out, on this session; `None` when that one was deleted since.
    Before(Option<SessionId>),
    /// It belongs to another request.
    Another,
}

/// Claims a key for this transaction, after waiting for whoever is claiming the same one.
#[instrument(name = "db.idempotency_key.claim", skip_all)]
pub async fn claim(
    connection: &mut PgConnection,
    keyed: &Keyed,
    session: SessionId,
    now: Timestamp,
) -> Result<Claim, StoreError> {
    let claimed = sqlx::query!(
        "insert into idempotency_key (learner_id, operation, key, fingerprint, session_id, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing",
        keyed.learner.as_uuid(),
        keyed.operation,
        keyed.key,
        keyed.fingerprint.0,
        session.as_uuid(),
        now,
    )
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if claimed == 1 { Ok(Claim::New) } else { look_up(connection, keyed).await }
}

/// What the key says, without claiming it.
#[instrument(name = "db.idempotency_key.find", skip_all)]
pub async fn look_up(connection: &mut PgConnection, keyed: &Keyed) -> Result<Claim, StoreError> {
    let row = sqlx::query!(
        "select fingerprint, session_id from idempotency_key where learner_id = $1 and operation = $2 and key = $3",
        keyed.learner.as_uuid(),
        keyed.operation,
        keyed.key,
    )
    .fetch_optional(connection)
    .await?;
    Ok(match row {
        None => Claim::New,
        Some(row) if row.fingerprint == keyed.fingerprint.0 => {
            Claim::Before(row.session_id.map(SessionId::from))
        }
        Some(_) => Claim::Another,
    })
}

/// Forgets keys of requests that nobody repeats any more.
#[instrument(name = "db.idempotency_key.expire", skip_all)]
pub async fn expire(connection: &mut PgConnection, before: Timestamp) -> Result<(), StoreError> {
    sqlx::query!("delete from idempotency_key where created_at < $1", before).execute(connection).await?;
    Ok(())
}
