//! What was heard long ago is forgotten; what may come again is not.

use clock::Clock;
use events::catalogue::{REMEMBERED_DAYS, UPLOAD_SESSION_DELETED, UPLOAD_SESSION_STARTED};
use std::time::Duration;
use test_kit::Database;
use uuid::{NoContext, Timestamp, Uuid};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test writes what was heard weeks ago")]
async fn only_what_was_said_and_heard_long_ago_is_forgotten() {
    let database = Database::with(&[&inbox::MIGRATOR]).await;
    let now = Clock::System.now();
    let (old, recent) = (now - DAY * (REMEMBERED_DAYS + 1), now - DAY * (REMEMBERED_DAYS - 1));
    let heard = [
        (UPLOAD_SESSION_STARTED, old, old),
        (UPLOAD_SESSION_STARTED, old, recent),
        (UPLOAD_SESSION_STARTED, recent, recent),
        (UPLOAD_SESSION_DELETED, old, old),
    ];
    for (consumer, said, handled) in heard {
        let seconds = said.unix_timestamp().cast_unsigned();
        sqlx::query("insert into inbox (consumer, event_id, handled_at) values ($1, $2, $3)")
            .bind(consumer.name)
            .bind(Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, 0)))
            .bind(handled)
            .execute(database.pool())
            .await
            .expect("it is written");
    }
    let forgotten = inbox::forget(database.pool(), UPLOAD_SESSION_STARTED, now).await;
    assert_eq!(forgotten.expect("the database answers"), 1);
    let left: Vec<(String, bool)> =
        sqlx::query_as("select consumer, handled_at < $1 from inbox order by consumer, handled_at")
            .bind(now - DAY * REMEMBERED_DAYS)
            .fetch_all(database.pool())
            .await
            .expect("rows");
    let started = UPLOAD_SESSION_STARTED.name.to_owned();
    let expected =
        [(UPLOAD_SESSION_DELETED.name.to_owned(), true), (started.clone(), false), (started, false)];
    assert_eq!(left, expected);
}
