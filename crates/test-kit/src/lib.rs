//! What tests run against: a real Postgres database each, a real NATS server each, and learners who are signed in.
//!
//! `TEST_POSTGRES_URL` names a server on which databases may be created and `TEST_NATS_SERVER` the broker's program;
//! `cargo xtask test` sets both. A test without them fails: a test that did not run has shown nothing.

mod address;
mod database;
mod keys;
mod learners;
mod nats;

pub use address::own_address;
pub use database::Database;
pub use keys::{OTHER_KEY, SIGNING_KEY};
pub use learners::Learners;
pub use nats::Nats;

use events::Event;
use sqlx::PgPool;
use std::{future::Future, time::Duration};

/// Asks until there is an answer, for at most twenty seconds.
///
/// # Panics
/// When there is none; `what` says what was waited for.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asked)
        .await
        .unwrap_or_else(|_| panic!("never seen: {what}"))
}

/// The events of one kind that a service has written to its outbox, oldest first.
#[expect(
    clippy::disallowed_methods,
    reason = "the outbox of whichever service is tested has no database at compile time"
)]
pub async fn announced<E: Event>(pool: &PgPool) -> Vec<E> {
    let rows: Vec<(Vec<u8>,)> =
        sqlx::query_as("select payload from outbox where subject = $1 order by event_id")
            .bind(E::SUBJECT)
            .fetch_all(pool)
            .await
            .expect("the outbox can be read");
    rows.into_iter()
        .map(|(payload,)| E::decode(&payload[..]).expect("an event decodes as what it is"))
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "tests are configured by whoever runs them")]
fn setting(key: &str) -> String {
    std::env::var(key).unwrap_or_else(|_| panic!("{key} is not set: run the tests with `cargo xtask test`"))
}
