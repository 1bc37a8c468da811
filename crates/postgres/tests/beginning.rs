//! Transactions whose beginner goes away.

use sqlx::postgres::PgPoolOptions;
use std::time::Duration;
use test_kit::{Database, eventually};

#[tokio::test]
async fn a_beginner_who_goes_away_leaves_no_transaction_open() {
    let database = Database::with(&[]).await;
    let one = PgPoolOptions::new().max_connections(1).connect(&database.url()).await.expect("a connection");
    let process: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(&one)
        .await
        .expect("the connection's process");
    // Somewhere among these, the beginner goes away between the question and its answer.
    let mut begun = 0;
    for microseconds in (0..4_000).step_by(10) {
        let beginning =
            tokio::time::timeout(Duration::from_micros(microseconds), postgres::begin(&one)).await;
        begun += usize::from(beginning.is_ok());
        drop(beginning);
        eventually("the connection is out of every transaction", async || {
            let state = sqlx::query_scalar::<_, String>("select state from pg_stat_activity where pid = $1");
            let state = state.bind(process).fetch_one(database.pool()).await.expect("it is there");
            (state == "idle").then_some(())
        })
        .await;
    }
    assert!((1..400).contains(&begun), "{begun} of 400 stayed");
}
