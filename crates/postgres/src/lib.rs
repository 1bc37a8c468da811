//! Connections to a service's own Postgres database, and what a store can fail with.

use environment::{ConfigError, Environment};
use lifecycle::Lifecycle;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{future::Future, str::FromStr as _, time::Duration};

/// Which database, and how many connections to it.
#[derive(Clone, Debug)]
pub struct Config {
    url: SecretString,
    max_connections: u32,
}

impl Config {
    /// Reads `<SERVICE>_DATABASE_URL` and `<SERVICE>_DATABASE_CONNECTIONS`.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        let key = env.own_key("DATABASE_URL");
        let url = env.secret(&key, "URL of the service's own Postgres database, with its role")?;
        if url.expose_secret() != "example" && PgConnectOptions::from_str(url.expose_secret()).is_err() {
            return Err(ConfigError::Malformed { key, expected: "a Postgres URL" });
        }
        let max_connections = env.within(
            &env.own_key("DATABASE_CONNECTIONS"),
            "How many database connections one replica may hold",
            "10",
            1..=1000,
            "a number from 1 to 1000",
        )?;
        Ok(Self { url, max_connections })
    }

    /// A configuration made by a test.
    #[must_use]
    pub fn of_url(url: &str) -> Self {
        Self { url: url.into(), max_connections: 5 }
    }

    /// Where the database is, with the role's password: for Postgres' own programs.
    #[must_use]
    pub fn url(&self) -> &SecretString {
        &self.url
    }

    /// A pool that connects when it is first needed, so that a service starts while its database does.
    pub fn pool(&self) -> Result<PgPool, sqlx::Error> {
        let options = PgConnectOptions::from_str(self.url.expose_secret())?
            // A statement that takes this long holds a connection others wait for.
            .options([("statement_timeout", "15s"), ("idle_in_transaction_session_timeout", "30s")]);
        Ok(PgPoolOptions::new()
            .max_connections(self.max_connections)
            .acquire_timeout(Duration::from_secs(3))
            // By itself the pool would wait for the answer of a connection whose other end is gone until nobody has time
            // left for the next one.
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(async { Ok(is_there(connection).await) }))
            // Neither would it give up one that somebody stopped waiting for, nor let another take its place.
            .after_release(|connection, _| Box::pin(async { Ok(is_there(connection).await) }))
            .connect_lazy_with(options))
    }
}

/// How long a connection that nobody uses may take to show that it is still one.
const ANSWER: Duration = Duration::from_millis(500);

/// Whether it does; what it was asked before may still have to end.
async fn is_there(connection: &mut PgConnection) -> bool {
    tokio::time::timeout(ANSWER, connection.ping()).await.is_ok_and(|answer| answer.is_ok())
}

/// Longer than any statement may take.
const PATIENCE: Duration = Duration::from_secs(20);

fn silent() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())
}

/// Gives up what the database does not answer any more. A loop that waited for a connection whose other end is gone without
/// a word would stand still until the kernel gives it up, which takes a quarter of an hour.
pub async fn patiently<T, E: From<StoreError>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(StoreError::from(silent()).into()))
}

/// A database could not do what a store asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection, or it broke, or the transaction was in another's way: nothing was decided, trying again may help.
    #[error("the database gives no answer")]
    Unreachable(#[source] sqlx::Error),
    /// The statement was refused.
    #[error("the database refused the statement")]
    Refused(#[source] sqlx::Error),
    /// A row holds what no version of this code has written.
    #[error("a row of {table} cannot be understood: column {column}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unreachable(error),
            // 57P0x: the server is shutting down or starting; 53xxx: out of connections or disk; 58xxx: its own system
            // failed it; 40xxx: rolled back for the sake of another transaction.
            sqlx::Error::Database(refusal)
                if refusal.code().is_some_and(|code| {
                    ["57P", "53", "58", "40"].iter().any(|class| code.starts_with(class))
                }) =>
            {
                Self::Unreachable(error)
            }
            _ => Self::Refused(error),
        }
    }
}

impl StoreError {
    /// The constraint that refused the statement, by its name in the migrations.
    #[must_use]
    pub fn violated(&self) -> Option<&str> {
        match self {
            Self::Refused(sqlx::Error::Database(refusal)) => refusal.constraint(),
            _ => None,
        }
    }

    /// Whether a lock was not to be had in time (SQLSTATE 55P03).
    #[must_use]
    pub fn lock_timed_out(&self) -> bool {
        matches!(self, Self::Refused(sqlx::Error::Database(refusal)) if refusal.code().as_deref() == Some("55P03"))
    }
}

/// Begins a transaction. Its beginner may be gone before there is an answer, as a request is whose browser went away: it
/// is begun all the same, and rolled back. By itself sqlx would give the connection back in the middle of it, and what is
/// written through that connection next would be lost when it is closed (launchbadge/sqlx, issue 4393).
pub async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let pool = pool.clone();
    #[expect(
        clippy::disallowed_methods,
        reason = "it is rolled back with its connection, and need not be waited for"
    )]
    let beginning = tokio::spawn(async move { pool.begin().await });
    beginning.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
}

/// Whether the database answers.
pub async fn answers(pool: &PgPool) -> bool {
    match pool.acquire().await {
        Ok(mut connection) => connection.ping().await.is_ok(),
        Err(_) => false,
    }
}

/// How often connections are counted.
const COUNTED_EVERY: Duration = Duration::from_secs(5);

/// Says how a pool's connections are used, until the process stops.
pub fn watch(pool: &PgPool, lifecycle: &Lifecycle) {
    let (pool, life) = (pool.clone(), lifecycle.clone());
    lifecycle.spawn(async move {
        metrics::gauge!("database_connections_limit").set(f64::from(pool.options().get_max_connections()));
        loop {
            let (open, idle) = (pool.size() as usize, pool.num_idle());
            metrics::gauge!("database_connections", "state" => "idle").set(idle as f64);
            metrics::gauge!("database_connections", "state" => "used").set(open.saturating_sub(idle) as f64);
            if !life.pause(COUNTED_EVERY).await {
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_holds_some_connections_and_not_all_there_are() {
        let read = |connections: &str| {
            let values =
                [("X_DATABASE_URL", "postgres://localhost/x"), ("X_DATABASE_CONNECTIONS", connections)];
            let values = values.map(|(key, value)| (key.to_owned(), value.to_owned()));
            Config::read(&Environment::of_values("x", values))
        };
        assert_eq!(read("1000").unwrap().max_connections, 1000);
        for beyond in ["0", "1001"] {
            assert_eq!(
                read(beyond).unwrap_err().to_string(),
                "setting X_DATABASE_CONNECTIONS is not a number from 1 to 1000"
            );
        }
    }
}
