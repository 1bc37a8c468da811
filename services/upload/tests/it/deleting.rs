//! A deleted session takes its recording along, wherever it is.

use crate::support::{Practice, TestApp, media};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use ids::Ids;
use reqwest::Body;
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
