//! A stored recording is made playable and announced.

use crate::support::{TestApp, media};
use ids::Ids;
use sqlx::PgPool;
use test_kit::eventually;

async fn jobs_left(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from job").fetch_one(pool).await.expect("a count")
}

#[tokio::test]
async fn every_recording_is_announced_once_whoever_works_on_it() {
    let app = TestApp::start().await;
    app.start_workers();
    let learners: Vec<_> = (0..6).map(|_| app.learner_in_a_session()).collect();
    for learner in &learners {
        learner.uploads("audio/webm", media::webm()).await.is(201);
    }
    eventually("all jobs are done", async || (jobs_left(app.pool()).await == 0).then_some(())).await;
    let told = app.announced_recordings().await;
    let sessions: std::collections::BTreeSet<_> = told.iter().map(|told| told.session_id.clone()).collect();
    assert_eq!((told.len(), sessions.len()), (6, 6));
    assert!(std::fs::read_dir(app.scratch.path()).expect("the folder").next().is_none(), "scratch is empty");
}

#[tokio::test]
async fn a_recording_that_breaks_off_is_kept_and_played() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recording = media::webm();
    maya.uploads("audio/webm", recording[..recording.len() * 2 / 3].to_vec()).await.is(201);
    let told = maya.recording_is_announced().await;
    assert_eq!(told.warnings, ["truncated"]);
    assert!((1000..2000).contains(&told.duration_ms), "{}", told.duration_ms);
    let played = maya.gets("audio", &[]).await.is(200);
    assert!(media::stated_duration_ms(&played.body).is_some());
}

#[tokio::test]
async fn a_recording_that_cannot_be_converted_is_kept_and_played_as_it_came() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recording = [media::header_of(&media::webm()), &[0xa5; 5000]].concat();
    maya.uploads("audio/webm", recording.clone()).await.is(201);
    let told = maya.recording_is_announced().await;
    assert_eq!((told.revision, told.bytes), (1, recording.len() as u64));
    assert_eq!(told.warnings, ["post_processing_failed"]);
    assert_eq!(maya.gets("audio", &[]).await.is(200).body, recording);
    assert_eq!(maya.gets("audio?format=mp4", &[]).await.is(200).header("content-type"), "audio/webm");
    maya.gets("audio/peaks", &[]).await.refused_with(404, "not-found");
    assert_eq!(maya.uploads("audio/webm", recording).await.is(200).json()["state"], "ready");
    assert_eq!(app.announced_recordings().await.len(), 1);
}

#[tokio::test]
async fn a_session_that_started_twice_is_expected_once() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    let event = Ids.mint();
    assert_eq!(app.hears_started(event, maya.started("keep")).await, inbox::Heard::Effective);
    assert_eq!(app.hears_started(event, maya.started("keep")).await, inbox::Heard::Before);
    app.hears_started(Ids.mint(), maya.started("never")).await;
    app.sessions.falls_silent();
    maya.uploads("audio/webm", media::webm()).await.is(201);
}
