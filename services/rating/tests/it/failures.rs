//! What rating does when the services it asks fail: it tries again, gives up visibly, and begins again when asked.

use crate::{
    scene::{RMS, SLT, Scene},
    support::TestApp,
};
use events::{RatingFailed, SessionRated};
use ids::Ids;
use std::sync::atomic::Ordering;
use test_kit::{announced, eventually};

fn recording() -> Vec<u8> {
    Scene::default()
        .coach(RMS, "What is your name?")
        .silence(500)
        .learner(SLT, "My name is Maria Fernandez and I come from Madrid")
        .webm()
}

async fn failure(app: &TestApp) -> RatingFailed {
    eventually("rating.failed", async || announced::<RatingFailed>(app.pool()).await.pop()).await
}

#[tokio::test]
async fn a_failing_dependency_is_tried_again_then_given_up_and_a_request_begins_again() {
    let app = TestApp::start().await;
    app.recording_is(recording());
    app.sessions.failures.next(-1);
    app.works(2);
    app.hears_finalized(Ids.mint(), app.finalized("keep")).await;
    app.hears_stored(Ids.mint(), app.stored(1)).await;

    let failed = failure(&app).await;
    assert_eq!((&*failed.reason, failed.rating_revision), ("transcript_unavailable", 1));
    assert_eq!(app.sessions.asked.load(Ordering::SeqCst), 10, "five tries, each of which asks once more");
    assert_eq!(app.count("select count(*) from job where state = 'failed'").await, 1);
    assert_eq!(app.rating().await, None);

    app.sessions.failures.next(0);
    app.hears_requested(Ids.mint()).await;

    let rated = app.rated(2).await;
    assert_eq!(rated.revision, 2, "the failure took the first revision");
    app.idle().await;
    assert_eq!(announced::<SessionRated>(app.pool()).await.len(), 1);
    assert_eq!(announced::<RatingFailed>(app.pool()).await.len(), 1);
}

#[tokio::test]
async fn a_dependency_that_comes_back_leads_to_one_rating() {
    let app = TestApp::start().await;
    app.recording_is(recording());
    app.sessions.failures.next(1);
    app.upload.failures.next(1);
    app.upload.breaks.next(1);
    app.works(1);
    app.hears_finalized(Ids.mint(), app.finalized("keep")).await;
    app.hears_stored(Ids.mint(), app.stored(1)).await;

    let rated = app.rated(1).await;

    assert_eq!((rated.revision, rated.recording_revision), (1, 1));
    assert_eq!(announced::<RatingFailed>(app.pool()).await, []);
    assert!(app.scratch_is_empty());
}

#[tokio::test]
async fn a_recording_that_cannot_be_decoded_is_a_failure_with_that_reason() {
    let app = TestApp::start().await;
    app.recording_is(b"this is no recording".repeat(1000));
    app.works(1);
    app.hears_finalized(Ids.mint(), app.finalized("keep")).await;
    app.hears_stored(Ids.mint(), app.stored(1)).await;
    assert_eq!(failure(&app).await.reason, "recording_unreadable");
    assert!(app.scratch_is_empty());

    // A repaired recording is a reason to try again, without anybody asking.
    app.recording_is(recording());
    app.hears_stored(Ids.mint(), app.stored(2)).await;
    assert_eq!(app.rated(2).await.recording_revision, 2);
}

#[tokio::test]
async fn a_session_that_is_not_there_is_given_up_at_once() {
    let app = TestApp::start().await;
    *app.sessions.missing.lock().unwrap() = true;
    app.works(1);
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    assert_eq!(failure(&app).await.reason, "transcript_missing");
    assert_eq!(app.sessions.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_learner_who_asks_again_gets_a_new_revision() {
    let app = TestApp::start().await;
    app.works(1);
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    app.rated(1).await;
    let request = Ids.mint();
    app.hears_requested(request).await;
    app.hears_requested(request).await;
    app.rated(2).await;
    app.idle().await;
    assert_eq!(app.count("select count(*) from rating").await, 2);
}
