//! All SQL of this service.

use crate::{
    account::{Account, DisplayName, Email},
    login::{Login, LoginSecret},
    practice::{CoachSpeed, Patience, Practice, PracticeChange},
    throttle::{self, Subject},
};
use clock::Timestamp;
use ids::LearnerId;
use postgres::StoreError;
use sqlx::PgConnection;
use time::OffsetDateTime;
use tracing::instrument;

struct AccountRow {
    account_id: uuid::Uuid,
    email: String,
    display_name: String,
    roles: Vec<String>,
    created_at: OffsetDateTime,
    patience: String,
    push_to_talk: bool,
    coach_speed: i16,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.account_id.into(),
            email: Email::stored(row.email),
            display_name: DisplayName::stored(row.display_name),
            roles: row.roles,
            created_at: row.created_at,
            practice: Practice {
                patience: Patience::stored(&row.patience),
                push_to_talk: row.push_to_talk,
                coach_speed: CoachSpeed::stored(row.coach_speed),
            },
        }
    }
}

/// Adds an account, unless somebody has that address already. Says whether it was added.
#[instrument(name = "db.account.insert", skip_all)]
pub async fn insert_account(
    connection: &mut PgConnection,
    account: &Account,
    password_hash: &str,
) -> Result<bool, StoreError> {
    let added = sqlx::query!(
        "insert into account (account_id, email, display_name, password_hash, roles, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (email) do nothing",
        account.id.as_uuid(),
        account.email.as_str(),
        account.display_name.as_str(),
        password_hash,
        &account.roles,
        account.created_at,
    )
    .execute(connection)
    .await?
    .rows_affected();
    Ok(added == 1)
}

/// The account, if it exists.
#[instrument(name = "db.account.find", skip_all)]
pub async fn find_account(
    connection: &mut PgConnection,
    learner: LearnerId,
) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query_as!(
        AccountRow,
        "select account_id, email, display_name, roles, created_at, patience, push_to_talk, coach_speed
         from account where account_id = $1",
        learner.as_uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Account::from))
}

/// The account with that address and the hash of its password.
#[instrument(name = "db.account.find_by_email", skip_all)]
pub async fn find_account_by_email(
    connection: &mut PgConnection,
    email: &Email,
) -> Result<Option<(Account, String)>, StoreError> {
    let row = sqlx::query!(
        "select account_id, email, display_name, roles, created_at, patience, push_to_talk, coach_speed, password_hash
         from account where email = $1",
        email.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let account = AccountRow {
            account_id: row.account_id,
            email: row.email,
            display_name: row.display_name,
            roles: row.roles,
            created_at: row.created_at,
            patience: row.patience,
            push_to_talk: row.push_to_talk,
            coach_speed: row.coach_speed,
        };
        (account.into(), row.password_hash)
    }))
}

/// Changes how a learner likes to practise, and answers their account, if it exists.
#[instrument(name = "db.account.update_practice", skip_all)]
pub async fn update_practice(
    connection: &mut PgConnection,
    learner: LearnerId,
    change: PracticeChange,
) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query_as!(
        AccountRow,
        "update account set
             patience = coalesce($2, patience),
             push_to_talk = coalesce($3, push_to_talk),
             coach_speed = coalesce($4, coach_speed)
         where account_id = $1
         returning account_id, email, display_name, roles, created_at, patience, push_to_talk, coach_speed",
        learner.as_uuid(),
        change.patience.map(Patience::as_str),
        change.push_to_talk,
        change.coach_speed.map(CoachSpeed::hundredths),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Account::from))
}

/// Adds a login.
#[instrument(name = "db.login.insert", skip_all)]
pub async fn insert_login(
    connection: &mut PgConnection,
    login: &Login,
    secret: &LoginSecret,
) -> Result<(), StoreError> {
    let hash = secret.hash();
    sqlx::query!(
        "insert into login (login_id, account_id, secret_hash, created_at, expires_at) values ($1, $2, $3, $4, $5)",
        login.id.as_uuid(),
        login.learner.as_uuid(),
        hash.as_slice(),
        login.created_at,
        login.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The login with that secret and its account, as long as it lasts.
#[instrument(name = "db.login.find", skip_all)]
pub async fn find_login(
    connection: &mut PgConnection,
    secret: &LoginSecret,
    now: Timestamp,
) -> Result<Option<(Login, Account)>, StoreError> {
    let hash = secret.hash();
    let row = sqlx::query!(
        "select login_id, login.created_at as began_at, expires_at,
                account_id, email, display_name, roles, account.created_at,
                patience, push_to_talk, coach_speed
         from login join account using (account_id)
         where secret_hash = $1 and expires_at > $2",
        hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let login = Login {
            id: row.login_id.into(),
            learner: row.account_id.into(),
            created_at: row.began_at,
            expires_at: row.expires_at,
        };
        let account = AccountRow {
            account_id: row.account_id,
            email: row.email,
            display_name: row.display_name,
            roles: row.roles,
            created_at: row.created_at,
            patience: row.patience,
            push_to_talk: row.push_to_talk,
            coach_speed: row.coach_speed,
        };
        (login, account.into())
    }))
}

/// Removes the login with that secret and says which it was.
#[instrument(name = "db.login.delete", skip_all)]
pub async fn delete_login(
    connection: &mut PgConnection,
    secret: &LoginSecret,
) -> Result<Option<Login>, StoreError> {
    let hash = secret.hash();
    let row = sqlx::query!(
        "delete from login where secret_hash = $1 returning login_id, account_id, created_at, expires_at",
        hash.as_slice(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Login {
        id: row.login_id.into(),
        learner: row.account_id.into(),
        created_at: row.created_at,
        expires_at: row.expires_at,
    }))
}

/// Failures of one subject, the present attempt included.
#[derive(Clone, Copy, Debug)]
pub struct Failures {
    /// How many.
    pub count: i32,
    /// When the first of them was.
    pub since: Timestamp,
}

/// Counts an attempt as failed before it is looked at, so that many at once cannot all slip under the limit.
/// Answers in the order of the subjects.
#[instrument(name = "db.sign_in_failure.count", skip_all)]
pub async fn count_failure(
    connection: &mut PgConnection,
    subjects: &[Subject],
    now: Timestamp,
) -> Result<Vec<Failures>, StoreError> {
    let hashes: Vec<Vec<u8>> = subjects.iter().map(|subject| subject.hash().to_vec()).collect();
    // Rows are locked in one order, whoever comes from wherever.
    let rows = sqlx::query!(
        "insert into sign_in_failure as before (subject, failures, since)
         select subject, 1, $2 from unnest($1::bytea[]) as wanted (subject) order by subject
         on conflict (subject) do update set
             failures = case when before.since > $3 and before.since < $4 then least(before.failures + 1, 1000000) else 1 end,
             since = case when before.since > $3 and before.since < $4 then before.since else excluded.since end
         returning subject, failures, since",
        &hashes,
        now,
        now - throttle::WINDOW,
        // What lies further ahead was counted before a clock was set back, and would count until it is there again.
        now + throttle::WINDOW,
    )
    .fetch_all(connection)
    .await?;
    let of = |subject: &Subject| {
        let row = rows.iter().find(|row| row.subject == subject.hash());
        row.map_or(Failures { count: 1, since: now }, |row| Failures {
            count: row.failures,
            since: row.since,
        })
    };
    Ok(subjects.iter().map(of).collect())
}

/// Takes back the attempt that succeeded: the account starts afresh, the address has one failure less.
#[instrument(name = "db.sign_in_failure.forgive", skip_all)]
pub async fn forgive(
    connection: &mut PgConnection,
    account: &Subject,
    address: Option<&Subject>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "with afresh as (delete from sign_in_failure where subject = $1)
         update sign_in_failure set failures = failures - 1 where subject = $2",
        account.hash().as_slice(),
        address.map(|address| address.hash().as_slice()),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets logins that have ended and failures that no longer count.
#[instrument(name = "db.login.forget_expired", skip_all)]
pub async fn forget_expired(connection: &mut PgConnection, now: Timestamp) -> Result<u64, StoreError> {
    let logins = sqlx::query!("delete from login where expires_at <= $1", now)
        .execute(&mut *connection)
        .await?
        .rows_affected();
    let failures = sqlx::query!("delete from sign_in_failure where since <= $1", now - throttle::WINDOW)
        .execute(connection)
        .await?
        .rows_affected();
    Ok(logins + failures)
}
