//! Storage fails, and nothing that was acknowledged is lost.

use crate::support::{TestApp, media};
use std::time::Duration;
use test_kit::eventually;

#[tokio::test]
async fn storage_that_comes_back_in_time_is_not_noticed() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recording = media::padded(&media::webm(), 20 * 1024 * 1024);
    app.s3.holds_parts();
    let sent = maya.uploads("audio/webm", recording.clone());
    let cut = async {
        eventually("a part is on its way", async || (app.s3.parts_now() > 0).then_some(())).await;
        app.s3.refuses(4);
        app.s3.lets_parts_pass();
    };
    let (answer, ()) = tokio::join!(sent, cut);
    answer.is(201);
    maya.recording_is_announced().await;
    let kept = maya.uploads("audio/webm", recording).await.is(200);
    assert_eq!(kept.json()["state"], "ready");
}

#[tokio::test]
async fn storage_that_stays_away_means_nothing_is_acknowledged_and_nothing_left() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    app.s3.refuses(i64::MAX);
    let recording = media::padded(&media::webm(), 10 * 1024 * 1024);
    maya.uploads("audio/webm", recording.clone()).await.refused_with(503, "service-unavailable");
    app.s3.refuses(0);
    app.media.sweep(Duration::ZERO).await.expect("what is left is cleared away");
    assert_eq!((app.s3.leftovers(), app.media_rows().await), (Vec::new(), 0));
    maya.uploads("audio/webm", recording).await.is(201);
}

#[tokio::test]
async fn a_completion_whose_answer_is_lost_is_seen_from_what_lies_there() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    app.s3.loses_the_next_completion();
    maya.uploads("audio/webm", media::padded(&media::webm(), 20 * 1024 * 1024)).await.is(201);
    maya.recording_is_announced().await;
    assert_eq!(app.announced_recordings().await.len(), 1);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test writes what a killed process leaves")]
async fn a_whole_recording_whose_receiver_died_is_kept() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    let recording = media::webm();
    maya.uploads("audio/webm", recording.clone()).await.is(201);
    maya.recording_is_announced().await;
    // As if the process had been killed between the last byte and the commit.
    sqlx::query("update medium set state = 'receiving', revision = 0, stored_at = null")
        .execute(app.pool())
        .await
        .expect("the row is set back");
    sqlx::query("delete from outbox").execute(app.pool()).await.expect("nothing was said");

    app.media.sweep(Duration::ZERO).await.expect("storage answers");
    let told = maya.recording_is_announced().await;
    assert_eq!(told.revision, 1);
    maya.uploads("audio/webm", recording).await.is(200);
    assert_eq!(app.announced_recordings().await.len(), 1);
}

#[tokio::test]
async fn a_damaged_object_is_not_played_as_if_it_were_whole() {
    let app = TestApp::start().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    maya.recording_is_announced().await;
    for object in app.s3.objects() {
        let bytes = std::fs::read(&object).expect("the object");
        std::fs::write(&object, &bytes[..bytes.len() / 2]).expect("it is cut");
    }
    maya.gets("audio", &[]).await.refused_with(500, "internal");
}

#[tokio::test]
async fn a_recording_that_storage_changed_is_announced_as_corrupted() {
    let app = TestApp::without_workers().await;
    let maya = app.learner_in_a_session();
    maya.uploads("audio/webm", media::webm()).await.is(201);
    for object in app.s3.objects() {
        let mut bytes = std::fs::read(&object).expect("the object");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&object, bytes).expect("it is changed");
    }
    app.start_workers();
    let told = maya.recording_is_announced().await;
    assert_eq!(told.warnings, ["post_processing_failed", "corrupted"]);
}
