//! A recording that comes late, never, or in a form that cannot be measured.

use crate::{
    scene::{RMS, SLT, Scene},
    support::{TestApp, finding, value},
};
use events::SessionRated;
use ids::Ids;
use std::{sync::atomic::Ordering, time::Duration};
use test_kit::announced;
use wire::sessions::v1::Turn;

fn a_few_words() -> Scene {
    Scene::default()
        .coach(RMS, "What is your name?")
        .silence(500)
        .learner(SLT, "My name is Maria Fernandez and I come from Madrid")
        .silence(300)
}

#[tokio::test]
async fn a_recording_that_comes_after_the_rating_is_rated_as_the_next_revision() {
    let app = TestApp::with_patience(Duration::ZERO).await;
    app.recording_is(a_few_words().webm());
    app.works(2);
    app.hears_finalized(Ids.mint(), app.finalized("keep")).await;
    let first = app.rated(1).await;
    assert_eq!(first.recording_revision, 0);
    assert_eq!(
        finding(&first, "speaking_time").not_measured.as_deref(),
        Some("There is no recording of this session to listen to.")
    );

    app.hears_stored(Ids.mint(), app.stored(1)).await;

    let second = app.rated(2).await;
    assert_eq!((second.revision, second.recording_revision), (2, 1));
    assert!(value(&second, "speaking_time") > 2.0);
    app.idle().await;
    let revisions: Vec<u32> =
        announced::<SessionRated>(app.pool()).await.into_iter().map(|rated| rated.rating_revision).collect();
    assert_eq!(revisions, [1, 2]);

    // A revision that was overtaken changes nothing any more.
    app.hears_stored(Ids.mint(), app.stored(1)).await;
    app.idle().await;
    assert_eq!(app.rating().await.expect("it is rated").revision, 2);
}

#[tokio::test]
async fn a_session_waits_for_its_recording() {
    let app = TestApp::start().await;
    app.works(1);
    app.hears_finalized(Ids.mint(), app.finalized("keep")).await;
    let due_in_ten_minutes =
        "select count(*) from job where state = 'waiting' and run_at > now() + interval '9 minutes'";
    assert_eq!(app.count(due_in_ten_minutes).await, 1);
    assert_eq!(app.rating().await, None);
}

#[tokio::test]
async fn a_session_that_keeps_no_recording_is_rated_at_once() {
    let app = TestApp::start().await;
    app.works(1);
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    let rated = app.rated(1).await;
    assert_eq!(
        finding(&rated, "speaking_time").not_measured.as_deref(),
        Some("You chose not to keep a recording, so there is nothing to listen to.")
    );
}

#[tokio::test]
async fn voices_on_one_track_are_not_told_apart() {
    for layout in ["mixed", "unknown"] {
        let app = TestApp::start().await;
        *app.upload.layout.lock().unwrap() = layout;
        app.works(1);
        app.hears_finalized(Ids.mint(), app.finalized("keep")).await;
        app.hears_stored(Ids.mint(), app.stored(1)).await;
        let rated = app.rated(1).await;
        let reason = finding(&rated, "silent_pauses").not_measured.clone().unwrap();
        assert!(reason.contains("not on separate tracks"), "{reason}");
        assert_eq!(app.upload.read.load(Ordering::SeqCst), 0, "there is nothing to read");
    }
}

#[tokio::test]
async fn a_word_or_two_are_not_enough_to_measure() {
    let app = TestApp::start().await;
    app.recording_is(Scene::default().silence(500).learner(SLT, "Yes please").silence(500).webm());
    app.works(1);
    app.hears_finalized(Ids.mint(), app.finalized("keep")).await;
    app.hears_stored(Ids.mint(), app.stored(1)).await;
    let rated = app.rated(1).await;
    for metric in ["speaking_time", "silent_pauses", "syllable_rate"] {
        assert_eq!(finding(&rated, metric).not_measured.as_deref(), Some("Not enough speech to measure."));
    }
}

#[tokio::test]
async fn words_are_counted_only_where_the_transcript_has_every_one_of_them() {
    let app = TestApp::start().await;
    *app.sessions.verbatim.lock().unwrap() = true;
    let turn = |speaker: &str, start_ms, text: &str| Turn {
        item_id: format!("item_{start_ms}"),
        speaker: speaker.to_owned(),
        start_ms,
        end_ms: start_ms + 6000,
        text: Some(text.to_owned()),
    };
    *app.sessions.turns.lock().unwrap() = vec![
        turn("coach", 0, "What is your name?"),
        turn("learner", 7000, "Um, my name is um Maria, er, Fernandez."),
    ];
    app.works(1);
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    let rated = app.rated(1).await;
    assert!((value(&rated, "words_per_minute") - 80.0).abs() < 1e-9);
    assert!((value(&rated, "fillers") - 3.0).abs() < 1e-9);
    assert!((value(&rated, "fillers_um") - 2.0).abs() < 1e-9);
    assert_eq!(
        finding(&rated, "mtld").not_measured.as_deref(),
        Some("Fewer than 50 words: too few to say how varied they were.")
    );
}
