//! Calls that we made, and when they end.

use crate::{
    allowance::CallTime,
    provider::ProviderCall,
    secrets::leash::{LeashedCall, Reason},
};
use clock::Timestamp;
use ids::{LearnerId, LoginId, MintId, SessionId};
use postgres::StoreError;
use sqlx::{PgConnection, types::Uuid};
use tracing::instrument;

/// A call that the provider has just answered.
#[derive(Clone, Debug)]
pub struct NewCall<'a> {
    /// The mint that led to it.
    pub mint: MintId,
    /// Its session; `None` when that was deleted meanwhile.
    pub session: Option<SessionId>,
    /// Whose session that is.
    pub learner: LearnerId,
    /// The login it was asked for with.
    pub login: LoginId,
    /// How the provider knows it.
    pub provider_call: &'a ProviderCall,
    /// When it was answered.
    pub opened_at: Timestamp,
    /// When its budget is used up.
    pub ends_by: Timestamp,
    /// Why it ends at once; `None` when it does not.
    pub over: Option<Reason>,
}

/// Writes a call. One that is over belongs to nobody once its session was deleted.
#[instrument(name = "db.call.insert", skip_all)]
pub async fn insert(connection: &mut PgConnection, call: &NewCall<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into call (mint_id, session_id, learner_id, login_id, provider_call, opened_at, ends_by, ended_at, reason)
         values ($1, $2, $3, $4, $5, $6, $7, case when $8::text is not null then $6::timestamptz end, $8)",
        call.mint.as_uuid(),
        call.session.map(SessionId::as_uuid),
        call.session.map(|_| call.learner.as_uuid()),
        call.session.map(|_| call.login.as_uuid()),
        call.provider_call.as_str(),
        call.opened_at,
        call.ends_by,
        call.over.map(Reason::as_str),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The call that a session has now.
#[instrument(name = "db.call.live", skip_all)]
pub async fn live(connection: &mut PgConnection, session: SessionId) -> Result<Option<MintId>, StoreError> {
    let found = sqlx::query_scalar!(
        "select mint_id from call where session_id = $1 and ended_at is null",
        session.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.map(Into::into))
}

/// Ends the call of a session, if it has one. Says which that was.
#[instrument(name = "db.call.end_of_session", skip_all)]
pub async fn end_of_session(
    connection: &mut PgConnection,
    session: SessionId,
    at: Timestamp,
    reason: Reason,
) -> Result<Option<MintId>, StoreError> {
    let ended = sqlx::query_scalar!(
        "update call set ended_at = least(greatest($2, opened_at), ends_by), reason = $3
         where session_id = $1 and ended_at is null
         returning mint_id",
        session.as_uuid(),
        at,
        reason.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(ended.map(Into::into))
}

/// Ends the calls of a login. Says which those were.
#[instrument(name = "db.call.end_of_login", skip_all)]
pub async fn end_of_login(
    connection: &mut PgConnection,
    login: LoginId,
    at: Timestamp,
) -> Result<Vec<MintId>, StoreError> {
    let ended = sqlx::query_scalar!(
        "update call set ended_at = least(greatest($2, opened_at), ends_by), reason = $3
         where login_id = $1 and ended_at is null
         returning mint_id",
        login.as_uuid(),
        at,
        Reason::SignedOut.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(ended.into_iter().map(Into::into).collect())
}

/// Ends a call that has not ended yet. Says whether it had not.
#[instrument(name = "db.call.end", skip_all)]
pub async fn end(
    connection: &mut PgConnection,
    call: MintId,
    at: Timestamp,
    reason: Reason,
) -> Result<bool, StoreError> {
    let ended = sqlx::query!(
        "update call set ended_at = least(greatest($2, opened_at), ends_by), reason = $3
         where mint_id = $1 and ended_at is null",
        call.as_uuid(),
        at,
        reason.as_str(),
    )
    .execute(connection)
    .await?
    .rows_affected();
    Ok(ended == 1)
}

/// Takes a deleted session's name off its calls. Those that are hung up go; the others stay until they are.
#[instrument(name = "db.call.disown", skip_all)]
pub async fn disown(connection: &mut PgConnection, session: SessionId) -> Result<(), StoreError> {
    sqlx::query!("delete from call where session_id = $1 and hung_up_at is not null", session.as_uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "update call set session_id = null, learner_id = null, login_id = null where session_id = $1",
        session.as_uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A call that may have to be hung up.
#[instrument(name = "db.call.find", skip_all)]
pub async fn find(connection: &mut PgConnection, call: MintId) -> Result<Option<LeashedCall>, StoreError> {
    let row = sqlx::query!(
        "select session_id, provider_call, opened_at, ends_by, ended_at, reason, hung_up_at
         from call where mint_id = $1",
        call.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    let inconsistent = |column| StoreError::Inconsistent { table: "call", column };
    row.map(|row| {
        Ok(LeashedCall {
            mint: call,
            session: row.session_id.map(Into::into),
            provider_call: ProviderCall::read(&row.provider_call)
                .map_err(|_| inconsistent("provider_call"))?,
            opened_at: row.opened_at,
            ends_by: row.ends_by,
            ended_at: row.ended_at,
            reason: row
                .reason
                .map(|text| text.parse::<Reason>().map_err(|_| inconsistent("reason")))
                .transpose()?,
            hung_up: row.hung_up_at.is_some(),
        })
    })
    .transpose()
}

/// Notes that a call is hung up.
#[instrument(name = "db.call.hung_up", skip_all)]
pub async fn hung_up(connection: &mut PgConnection, call: MintId, at: Timestamp) -> Result<(), StoreError> {
    sqlx::query!("update call set hung_up_at = $2 where mint_id = $1", call.as_uuid(), at)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes a call that belongs to nobody, when nothing more is to be done about it.
#[instrument(name = "db.call.let_go", skip_all)]
pub async fn let_go(connection: &mut PgConnection, call: MintId) -> Result<(), StoreError> {
    sqlx::query!("delete from call where mint_id = $1 and session_id is null", call.as_uuid())
        .execute(connection)
        .await?;
    Ok(())
}

/// When the calls of these sessions were.
#[instrument(name = "db.call.times", skip_all)]
pub async fn times(
    connection: &mut PgConnection,
    sessions: &[Uuid],
) -> Result<Vec<(SessionId, CallTime)>, StoreError> {
    let rows = sqlx::query!(
        r#"select session_id as "session_id!", opened_at, ends_by, ended_at from call
           where session_id = any($1)"#,
        sessions,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let time = CallTime { opened_at: row.opened_at, ends_by: row.ends_by, ended_at: row.ended_at };
            (row.session_id.into(), time)
        })
        .collect())
}

/// Removes calls whose budget was used up before then. Says which those were.
#[instrument(name = "db.call.forget", skip_all)]
pub async fn forget(connection: &mut PgConnection, before: Timestamp) -> Result<Vec<MintId>, StoreError> {
    let forgotten = sqlx::query_scalar!("delete from call where ends_by < $1 returning mint_id", before)
        .fetch_all(connection)
        .await?;
    Ok(forgotten.into_iter().map(Into::into).collect())
}
