//! `GET /api/sessions/{id}/events`

use crate::{events::the_recording_is_stored, support::TestApp};

#[tokio::test]
async fn who_watches_sees_every_change_made_on_any_replica_until_the_session_is_deleted() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let mut seen = maya.watches(0, session).await;
    seen.until(
        r#"event: changed
data: {"state":"open","recording_state":"expected","rating_state":"none"}"#,
    )
    .await;
    maya.finalizes(session).await.is(200);
    seen.until(r#""state":"finalized","recording_state":"expected","rating_state":"waiting""#).await;
    the_recording_is_stored(&app, session, 1).await;
    seen.until(r#""recording_state":"ready""#).await;
    maya.deletes(session).await.is(204);
    seen.until("event: deleted").await;
    seen.end().await;
}

#[tokio::test]
async fn who_watches_sees_changes_also_after_the_listening_connection_broke() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let mut seen = maya.watches(0, session).await;
    seen.until(r#""rating_state":"none""#).await;
    // Every connection of the replicas, those that listen included.
    let _: Vec<bool> = sqlx::query_scalar(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen%'",
    )
    .fetch_all(app.pool())
    .await
    .unwrap();
    maya.finalizes(session).await.is(200);
    seen.until(r#""state":"finalized""#).await;
}

#[tokio::test]
async fn watching_ends_when_the_process_stops() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let seen = maya.watches(1, session).await;
    app.lifecycle.stop();
    seen.end().await;
}
