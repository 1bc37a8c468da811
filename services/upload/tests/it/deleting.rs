//! A deleted session takes its recording along, wherever it is.

use crate::support::{Practice, TestApp, media};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use ids::{Ids, SessionId};
use reqwest::Body;
use sqlx::{Postgres, Transaction};
use std::convert::Infallible;
use test_kit::eventually;

async fn deletes(app: &TestApp, maya: &Practice<'_>) {
    app.sessions.forgets(maya.session);
    app.hears_deleted(Ids.mint(), maya.session).await;
}

async fn is_erased(app: &TestApp, maya: &Practice<'_>) {
    let erased = eventually("the erasure is announced", async || app.announced_erasures().await.pop()).await;
    assert_eq!((erased.session_id, erased.part.as_str()), (maya.session.to_string(), "upload"));
    assert_eq!((app.s3.leftovers(), app.media_rows().await), (Vec::new(), 0));
}

#[tokio::test]
async fn a_deleted_recording_is_gone_from_everywhere() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    app.hears_started(Ids.mint(), maya.started("keep")).await;
    maya.uploads("audio/webm", media::webm()).await.is(201);
    maya.recording_is_announced().await;
    deletes(&app, &maya).await;
    maya.gets("audio", &[]).await.refused_with(404, "not-found");
    is_erased(&app, &maya).await;

    // Old events said again revive nothing, and say nothing again.
    app.hears_started(Ids.mint(), maya.started("keep")).await;
    app.hears_deleted(Ids.mint(), maya.session).await;
    app.sessions.falls_silent();
    maya.uploads("audio/webm", media::webm()).await.refused_with(404, "not-found");
    maya.gets("audio", &[]).await.refused_with(404, "not-found");
    assert_eq!((app.s3.leftovers(), app.media_rows().await), (Vec::new(), 0));
    assert_eq!(app.announced_erasures().await.len(), 1);
}

#[tokio::test]
async fn a_session_without_a_recording_is_erased_too() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    deletes(&app, &maya).await;
    is_erased(&app, &maya).await;
}

#[tokio::test]
async fn sessions_that_know_it_first_are_believed_before_the_event_comes() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    maya.recording_is_announced().await;
    app.sessions.forgets(maya.session);
    maya.gets("audio", &[]).await.refused_with(404, "not-found");
    maya.gets("audio/peaks", &[]).await.refused_with(404, "not-found");
}

#[tokio::test]
async fn a_recording_on_its_way_ends_when_its_session_is_deleted() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let begun = Bytes::from(media::padded(&media::webm(), 18 * 1024 * 1024));
    let endless = stream::once(async { Ok::<_, Infallible>(begun) }).chain(stream::pending());
    let sent = maya.uploads("audio/webm", Body::wrap_stream(endless));
    let deleted = async {
        eventually("parts are in storage", async || (app.s3.parts_seen() == 2).then_some(())).await;
        deletes(&app, &maya).await;
    };
    let (answer, ()) = tokio::join!(sent, deleted);
    answer.refused_with(404, "not-found");
    is_erased(&app, &maya).await;
    assert_eq!(app.announced_recordings().await.len(), 0);
}

#[tokio::test]
async fn a_whole_recording_is_discarded_at_its_commit_when_its_session_is_deleted() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    app.s3.holds_parts();
    let sent = maya.uploads("audio/webm", media::padded(&media::webm(), 10 * 1024 * 1024));
    let deleted = async {
        eventually("parts are on their way", async || (app.s3.parts_now() == 2).then_some(())).await;
        deletes(&app, &maya).await;
        app.s3.lets_parts_pass();
    };
    let (answer, ()) = tokio::join!(sent, deleted);
    answer.refused_with(404, "not-found");
    is_erased(&app, &maya).await;
}

#[tokio::test]
async fn a_recording_that_is_being_processed_is_erased_unannounced() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    deletes(&app, &maya).await;
    app.start_workers();
    is_erased(&app, &maya).await;
    assert_eq!(app.announced_recordings().await.len(), 0);
}

/// Whoever keeps or deletes a session's recording waits from here on, in the order in which they come.
async fn holds_up(app: &TestApp, session: SessionId) -> Transaction<'static, Postgres> {
    let mut held = postgres::begin(app.pool()).await.expect("a transaction");
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "select pg_advisory_xact_lock(hashtextextended('{session}', 0))"
    )))
    .execute(&mut *held)
    .await
    .expect("the lock is free");
    held
}

async fn so_many_wait(app: &TestApp, wanted: i64) {
    eventually("they wait for the lock", async || {
        let waiting: i64 = sqlx::query_scalar(
            "select count(*) from pg_locks
             where locktype = 'advisory' and not granted
               and database = (select oid from pg_database where datname = current_database())",
        )
        .fetch_one(app.pool())
        .await
        .expect("a count");
        (waiting == wanted).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_recording_that_is_joined_just_before_its_session_is_deleted_is_erased() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.recorder().records(0, &media::webm()).await;
    let held = holds_up(&app, maya.session).await;
    app.hears_finalized(Ids.mint(), maya.session).await;
    so_many_wait(&app, 1).await;
    let let_go = async {
        so_many_wait(&app, 2).await;
        held.commit().await.expect("the lock is given back");
    };
    tokio::join!(deletes(&app, &maya), let_go);
    is_erased(&app, &maya).await;
    assert_eq!(app.announced_recordings().await.len(), 1, "it was one, for a moment");
}

#[tokio::test]
async fn a_recording_that_is_joined_just_after_its_session_was_deleted_is_none() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.recorder().records(0, &media::webm()).await;
    let held = holds_up(&app, maya.session).await;
    let let_go = async {
        so_many_wait(&app, 1).await;
        app.hears_finalized(Ids.mint(), maya.session).await;
        so_many_wait(&app, 2).await;
        held.commit().await.expect("the lock is given back");
    };
    tokio::join!(deletes(&app, &maya), let_go);
    // It would begin a little later, because somebody was joining; what they put into storage is waited for as ever.
    sqlx::raw_sql("update job set run_at = now() where kind = 'erase_recording'")
        .execute(app.pool())
        .await
        .expect("the statement runs");
    is_erased(&app, &maya).await;
    assert_eq!(app.announced_recordings().await.len(), 0);
}
