//! All SQL of this service.

pub mod calls;

use crate::{
    allowance::{CallTime, Closed, LearnerAllowance, SessionQuota},
    exchange::Exchange,
    pace::{Pace, Patience, Speed},
};
use clock::Timestamp;
use ids::{LearnerId, LoginId, MintId, SessionId};
use postgres::StoreError;
use sqlx::PgConnection;
use std::time::Duration;
use tracing::instrument;

/// What is kept of a client secret.
#[derive(Clone, Debug)]
pub struct KeptSecret {
    /// The attempt to open a call it was minted for.
    pub mint: MintId,
    /// The session it belongs to.
    pub session: SessionId,
    /// Whose session that is.
    pub learner: LearnerId,
    /// The login it was asked for with.
    pub login: LoginId,
    /// Whose key it is.
    pub exchange: Exchange,
    /// How the learner wants to be talked with.
    pub pace: Pace,
    /// Enough to recognise it.
    pub sha256: [u8; 32],
    /// When it was minted.
    pub minted_at: Timestamp,
    /// When it is no longer accepted.
    pub expires_at: Timestamp,
}

/// What a secret of ours opens.
#[derive(Clone, Copy, Debug)]
pub struct Redeemable {
    /// The mint it came from.
    pub mint: MintId,
    /// The session it is for.
    pub session: SessionId,
    /// How the learner wants to be talked with.
    pub pace: Pace,
}

/// What a learner has used, locked until the transaction ends.
#[instrument(name = "db.learner_allowance.lock", skip_all)]
pub async fn lock_learner(
    connection: &mut PgConnection,
    learner: LearnerId,
) -> Result<LearnerAllowance, StoreError> {
    sqlx::query!(
        "insert into learner_allowance (learner_id) values ($1) on conflict do nothing",
        learner.as_uuid(),
    )
    .execute(&mut *connection)
    .await?;
    let row = sqlx::query!(
        "select first_calls, erased_on, erased_ms from learner_allowance where learner_id = $1 for update",
        learner.as_uuid(),
    )
    .fetch_one(connection)
    .await?;
    Ok(LearnerAllowance {
        first_calls: row.first_calls,
        erased_on: row.erased_on,
        erased: duration("learner_allowance", "erased_ms", row.erased_ms)?,
    })
}

/// What a learner has used, as of now. Whoever never asked for a call has used nothing.
#[instrument(name = "db.learner_allowance.find", skip_all)]
pub async fn find_learner(
    connection: &mut PgConnection,
    learner: LearnerId,
) -> Result<LearnerAllowance, StoreError> {
    let row = sqlx::query!(
        "select first_calls, erased_on, erased_ms from learner_allowance where learner_id = $1",
        learner.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(LearnerAllowance::default()) };
    Ok(LearnerAllowance {
        first_calls: row.first_calls,
        erased_on: row.erased_on,
        erased: duration("learner_allowance", "erased_ms", row.erased_ms)?,
    })
}

/// Writes what [`lock_learner`] read.
#[instrument(name = "db.learner_allowance.save", skip_all)]
pub async fn save_learner(
    connection: &mut PgConnection,
    learner: LearnerId,
    allowance: &LearnerAllowance,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update learner_allowance set first_calls = $2, erased_on = $3, erased_ms = $4 where learner_id = $1",
        learner.as_uuid(),
        &allowance.first_calls,
        allowance.erased_on,
        millis(allowance.erased),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether a session was deleted.
#[instrument(name = "db.erased_session.find", skip_all)]
pub async fn is_erased(connection: &mut PgConnection, session: SessionId) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from erased_session where session_id = $1) as "found!""#,
        session.as_uuid(),
    )
    .fetch_one(connection)
    .await?;
    Ok(found)
}

/// Opens the quota of a session, if it is not open yet. When it was started is the same for all who say so, except
/// for who had to guess it from its end.
#[instrument(name = "db.session_quota.open", skip_all)]
pub async fn open_quota(
    connection: &mut PgConnection,
    session: SessionId,
    learner: LearnerId,
    started_at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into session_quota (session_id, learner_id, started_at) values ($1, $2, $3)
         on conflict (session_id) do update set started_at = excluded.started_at",
        session.as_uuid(),
        learner.as_uuid(),
        started_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Closes the quota of a session, opening it when nobody has. The first end counts.
#[instrument(name = "db.session_quota.close", skip_all)]
pub async fn close_quota(
    connection: &mut PgConnection,
    session: SessionId,
    learner: LearnerId,
    finalized_at: Timestamp,
    took: Duration,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into session_quota (session_id, learner_id, started_at, finalized_at, duration_ms)
         values ($1, $2, $3, $4, $5)
         on conflict (session_id) do update
         set finalized_at = excluded.finalized_at, duration_ms = excluded.duration_ms
         where session_quota.finalized_at is null",
        session.as_uuid(),
        learner.as_uuid(),
        finalized_at - took,
        finalized_at,
        millis(took),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The quota of a session.
#[instrument(name = "db.session_quota.find", skip_all)]
pub async fn find_quota(
    connection: &mut PgConnection,
    session: SessionId,
) -> Result<Option<SessionQuota>, StoreError> {
    let row = sqlx::query_as!(
        QuotaRow,
        "select session_id, learner_id, started_at, allowed_ms, calls, re_dials, finalized_at, duration_ms
         from session_quota where session_id = $1",
        session.as_uuid(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    Ok(with_calls(connection, row.into_iter().collect()).await?.pop())
}

/// The quotas of a learner's sessions that are open, or were at some time since then.
#[instrument(name = "db.session_quota.list", skip_all)]
pub async fn quotas_since(
    connection: &mut PgConnection,
    learner: LearnerId,
    since: Timestamp,
) -> Result<Vec<SessionQuota>, StoreError> {
    let rows = sqlx::query_as!(
        QuotaRow,
        "select session_id, learner_id, started_at, allowed_ms, calls, re_dials, finalized_at, duration_ms
         from session_quota where learner_id = $1 and (finalized_at is null or finalized_at >= $2)",
        learner.as_uuid(),
        since,
    )
    .fetch_all(&mut *connection)
    .await?;
    with_calls(connection, rows).await
}

async fn with_calls(
    connection: &mut PgConnection,
    rows: Vec<QuotaRow>,
) -> Result<Vec<SessionQuota>, StoreError> {
    let sessions: Vec<_> = rows.iter().map(|row| row.session_id).collect();
    let times = calls::times(connection, &sessions).await?;
    let of = |session| {
        times.iter().filter(move |(called, _)| called.as_uuid() == session).map(|&(_, time)| time).collect()
    };
    rows.into_iter()
        .map(|row| {
            let calls = of(row.session_id);
            row.with(calls)
        })
        .collect()
}

/// Writes when a session was dialled again.
#[instrument(name = "db.session_quota.save_re_dials", skip_all)]
pub async fn save_re_dials(connection: &mut PgConnection, quota: &SessionQuota) -> Result<(), StoreError> {
    sqlx::query!(
        "update session_quota set re_dials = $2 where session_id = $1",
        quota.session.as_uuid(),
        &quota.re_dials,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a minted secret.
#[instrument(name = "db.client_secret.insert", skip_all)]
pub async fn keep_secret(connection: &mut PgConnection, secret: &KeptSecret) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into client_secret (mint_id, session_id, learner_id, login_id, exchange, patience, push_to_talk, speed,
                                    secret_sha256, minted_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        secret.mint.as_uuid(),
        secret.session.as_uuid(),
        secret.learner.as_uuid(),
        secret.login.as_uuid(),
        secret.exchange.as_str(),
        secret.pace.patience.as_str(),
        secret.pace.push_to_talk,
        secret.pace.speed.map(Speed::get),
        &secret.sha256,
        secret.minted_at,
        secret.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts a call that a browser may now make without us.
#[instrument(name = "db.session_quota.count_call", skip_all)]
pub async fn count_direct_call(
    connection: &mut PgConnection,
    session: SessionId,
    allowed: Duration,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update session_quota set calls = calls + 1, allowed_ms = $2 where session_id = $1",
        session.as_uuid(),
        millis(allowed),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What a secret of ours opens, whether or not it still does, if it was minted for this login of this learner.
#[instrument(name = "db.client_secret.find", skip_all)]
pub async fn find_secret(
    connection: &mut PgConnection,
    sha256: [u8; 32],
    learner: LearnerId,
    login: LoginId,
) -> Result<Option<Redeemable>, StoreError> {
    const TABLE: &str = "client_secret";
    let row = sqlx::query!(
        "select mint_id, session_id, patience, push_to_talk, speed from client_secret
         where secret_sha256 = $1 and learner_id = $2 and login_id = $3 and exchange = 'relay'",
        &sha256,
        learner.as_uuid(),
        login.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    let inconsistent = |column| StoreError::Inconsistent { table: TABLE, column };
    row.map(|row| {
        let patience: Patience = row.patience.parse().map_err(|_| inconsistent("patience"))?;
        let speed = row.speed.map(Speed::try_from).transpose().map_err(|_| inconsistent("speed"))?;
        Ok(Redeemable {
            mint: row.mint_id.into(),
            session: row.session_id.into(),
            pace: Pace { patience, push_to_talk: row.push_to_talk, speed },
        })
    })
    .transpose()
}

/// Uses a secret up. Says whether it was still good: of many who try at once, one is told so.
#[instrument(name = "db.client_secret.redeem", skip_all)]
pub async fn redeem(connection: &mut PgConnection, mint: MintId, now: Timestamp) -> Result<bool, StoreError> {
    let used = sqlx::query!(
        "update client_secret set used_at = $2
         where mint_id = $1 and used_at is null and revoked_at is null and expires_at > $2",
        mint.as_uuid(),
        now,
    )
    .execute(connection)
    .await?
    .rows_affected();
    Ok(used == 1)
}

/// Revokes every secret of a session.
#[instrument(name = "db.client_secret.revoke", skip_all)]
pub async fn revoke_secrets(
    connection: &mut PgConnection,
    session: SessionId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update client_secret set revoked_at = $2 where session_id = $1 and revoked_at is null",
        session.as_uuid(),
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Revokes every secret of a login, and remembers that it ended.
#[instrument(name = "db.ended_login.insert", skip_all)]
pub async fn end_login(
    connection: &mut PgConnection,
    login: LoginId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into ended_login (login_id, ended_at) values ($1, $2) on conflict do nothing",
        login.as_uuid(),
        at,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update client_secret set revoked_at = $2 where login_id = $1 and revoked_at is null",
        login.as_uuid(),
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether a login ended.
#[instrument(name = "db.ended_login.find", skip_all)]
pub async fn is_ended(connection: &mut PgConnection, login: LoginId) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from ended_login where login_id = $1) as "found!""#,
        login.as_uuid(),
    )
    .fetch_one(connection)
    .await?;
    Ok(found)
}

/// Removes all there is about a session, its secrets included, and remembers that it was deleted.
#[instrument(name = "db.session_quota.erase", skip_all)]
pub async fn erase(
    connection: &mut PgConnection,
    session: SessionId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query!("delete from session_quota where session_id = $1", session.as_uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "insert into erased_session (session_id, erased_at) values ($1, $2) on conflict do nothing",
        session.as_uuid(),
        at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes quotas of sessions finalized before `quotas`, marks of deletions before `erased` and of logins that ended
/// before `logins`. Says how many rows that were.
#[instrument(name = "db.session_quota.forget", skip_all)]
pub async fn forget(
    connection: &mut PgConnection,
    quotas: Timestamp,
    erased: Timestamp,
    logins: Timestamp,
) -> Result<u64, StoreError> {
    let old = sqlx::query!("delete from session_quota where finalized_at < $1", quotas)
        .execute(&mut *connection)
        .await?
        .rows_affected();
    let marks = sqlx::query!("delete from erased_session where erased_at < $1", erased)
        .execute(&mut *connection)
        .await?
        .rows_affected();
    let ended = sqlx::query!("delete from ended_login where ended_at < $1", logins)
        .execute(connection)
        .await?
        .rows_affected();
    Ok(old + marks + ended)
}

struct QuotaRow {
    session_id: sqlx::types::Uuid,
    learner_id: sqlx::types::Uuid,
    started_at: Timestamp,
    allowed_ms: Option<i64>,
    calls: i32,
    re_dials: Vec<Timestamp>,
    finalized_at: Option<Timestamp>,
    duration_ms: Option<i64>,
}

impl QuotaRow {
    fn with(self, relayed: Vec<CallTime>) -> Result<SessionQuota, StoreError> {
        const TABLE: &str = "session_quota";
        Ok(SessionQuota {
            session: self.session_id.into(),
            learner: self.learner_id.into(),
            started_at: self.started_at,
            allowed: self.allowed_ms.map(|ms| duration(TABLE, "allowed_ms", ms)).transpose()?,
            direct_calls: u32::try_from(self.calls)
                .map_err(|_| StoreError::Inconsistent { table: TABLE, column: "calls" })?,
            relayed,
            re_dials: self.re_dials,
            closed: self
                .finalized_at
                .zip(self.duration_ms)
                .map(|(at, ms)| Ok::<_, StoreError>(Closed { at, took: duration(TABLE, "duration_ms", ms)? }))
                .transpose()?,
        })
    }
}

fn duration(table: &'static str, column: &'static str, ms: i64) -> Result<Duration, StoreError> {
    u64::try_from(ms).map(Duration::from_millis).map_err(|_| StoreError::Inconsistent { table, column })
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
