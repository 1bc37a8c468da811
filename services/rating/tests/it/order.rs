//! Events come twice, late and in any order: the end is the same.

use crate::{
    scene::{RMS, SLT, Scene, a_conversation},
    support::{TestApp, finding, value},
};
use events::{RatingFailed, SessionRated};
use ids::Ids;
use inbox::Heard;
use std::sync::atomic::Ordering;
use test_kit::announced;

fn a_short_conversation() -> Scene {
    Scene::default()
        .coach(RMS, "What is your name?")
        .silence(600)
        .learner_with_pauses(SLT, &["My name is Maria Fernandez", "and I come from Madrid"], &[700])
        .silence(300)
}

#[tokio::test]
async fn a_finalized_session_with_a_recording_is_rated_once_in_whatever_order_its_events_come() {
    let recording = a_short_conversation().webm();
    for reversed in [false, true] {
        let app = TestApp::start().await;
        app.recording_is(recording.clone());
        app.works(3);
        let (finalized, stored) = (app.finalized("keep"), app.stored(1));
        let (finalized_id, stored_id) = (Ids.mint(), Ids.mint());
        for delivery in 0..10 {
            let is_finalized = (delivery < 5) != reversed;
            let heard = if is_finalized {
                app.hears_finalized(finalized_id, finalized.clone()).await
            } else {
                app.hears_stored(stored_id, stored.clone()).await
            };
            assert_eq!(heard == Heard::Effective, delivery % 5 == 0);
        }

        let rated = app.rated(1).await;
        app.idle().await;

        assert_eq!(app.count("select count(*) from rating").await, 1);
        assert_eq!((rated.revision, rated.recording_revision, rated.transcript_revision), (1, 1, 3));
        assert_eq!(announced::<SessionRated>(app.pool()).await.len(), 1);
        assert_eq!(announced::<RatingFailed>(app.pool()).await, []);
        assert_eq!(app.sessions.asked.load(Ordering::SeqCst), 1, "the registry is asked once");
        assert_eq!(app.upload.read.load(Ordering::SeqCst), 1, "the recording is read once");
        assert!((value(&rated, "silent_pauses") - 1.0).abs() < f64::EPSILON);
        assert!(app.scratch_is_empty());
    }
}

#[tokio::test]
async fn a_rating_names_what_it_measured_with_its_evidence() {
    let app = TestApp::start().await;
    let scene = a_conversation(SLT);
    app.recording_is(scene.webm());
    app.works(1);
    app.hears_stored(Ids.mint(), app.stored(1)).await;
    app.hears_finalized(Ids.mint(), app.finalized("keep")).await;

    let rated = app.rated(1).await;

    assert_eq!((&*rated.provider, &*rated.rubric_version), ("local", "measured-1"));
    let metrics: Vec<&str> = rated.findings.iter().map(|finding| &*finding.metric).collect();
    assert_eq!(
        metrics,
        [
            "speaking_time",
            "turn_share",
            "silent_pauses",
            "pause_time",
            "pauses_per_minute",
            "mean_pause",
            "longest_run",
            "mean_run",
            "time_to_answer",
            "syllable_rate",
            "articulation_rate",
            "words_per_minute",
            "fillers",
            "mtld",
            "range",
            "accuracy",
            "coherence",
            "interaction",
        ]
    );
    for finding in &rated.findings {
        assert!(!finding.definition.is_empty());
        assert_eq!(finding.value.is_none(), finding.not_measured.is_some());
        assert_eq!(finding.value.is_none(), finding.evidence.0.is_empty());
        assert!(finding.evidence.0.iter().all(|span| span.end_ms <= scene.duration_ms()));
        assert_eq!(finding.value.is_some(), finding.source == "audio");
    }
    assert_eq!(finding(&rated, "silent_pauses").evidence.0.len(), scene.pauses.len());
    let waits: Vec<u32> = scene.answers.iter().map(|answer| answer.ms()).collect();
    assert_eq!(waits, [800, 1200, 400]);
    assert!((value(&rated, "time_to_answer") - 800.0).abs() < 100.0);
    assert_eq!(
        finding(&rated, "mtld").not_measured.as_deref(),
        Some("The recogniser of the practice partner drops words, so this would mislead.")
    );
    assert_eq!(
        finding(&rated, "range").not_measured.as_deref(),
        Some("Nothing judged this session: only measurements are made here.")
    );
}
