//! What is planted in a recording is found in it.

use crate::scene::{AWB, RMS, SLT, Scene, Voice, a_conversation};
use rating::{
    audio::Conversation,
    finding::{Span, seconds},
};

fn close(found: f64, truth: f64, share: f64, what: &str) {
    assert!((found - truth).abs() <= truth * share, "{what}: found {found:.3}, planted {truth:.3}");
}

/// Every stretch of one list has its counterpart in the other, each edge within `ms`.
fn match_up(found: &[Span], planted: &[Span], ms: u32, what: &str) {
    assert_eq!(found.len(), planted.len(), "{what}: found {found:?}, planted {planted:?}");
    for (found, planted) in found.iter().zip(planted) {
        let off = found.start_ms.abs_diff(planted.start_ms).max(found.end_ms.abs_diff(planted.end_ms));
        assert!(off <= ms, "{what}: found {found:?}, planted {planted:?}");
    }
}

/// `edge_ms` is how far a beginning or an end may be off.
fn finds_what_was_planted(scene: &Scene, heard: &Conversation, edge_ms: u32, what: &str) {
    match_up(&heard.pauses, &scene.pauses, edge_ms, &format!("{what}, pauses"));
    close(seconds(&heard.pauses), seconds(&scene.pauses), 0.1, &format!("{what}, pause time"));
    close(heard.speaking_s(), scene.speaking_s(), 0.05, &format!("{what}, speaking time"));
    match_up(&heard.runs, &scene.speech, edge_ms, &format!("{what}, runs"));
    match_up(&heard.answers, &scene.answers, edge_ms + 40, &format!("{what}, answers"));
}

async fn in_silence_and_in_noise(voice: Voice, what: &str) {
    let scene = a_conversation(voice);
    finds_what_was_planted(&scene, &scene.heard().await, 80, what);
    let scene = scene.in_noise(-52.0);
    // The breath of a "th" is as loud as the noise.
    finds_what_was_planted(&scene, &scene.heard().await, 110, &format!("{what} in noise"));
}

#[tokio::test]
async fn planted_pauses_speaking_time_and_onsets_are_found_for_a_higher_voice() {
    in_silence_and_in_noise(SLT, "slt").await;
}

#[tokio::test]
async fn planted_pauses_speaking_time_and_onsets_are_found_for_a_lower_voice() {
    in_silence_and_in_noise(RMS, "rms").await;
}

#[tokio::test]
async fn planted_pauses_speaking_time_and_onsets_are_found_for_a_scottish_voice() {
    in_silence_and_in_noise(AWB, "awb").await;
}

#[tokio::test]
async fn planted_pauses_are_found_for_a_slow_voice() {
    in_silence_and_in_noise(SLT.at(1.5), "slow slt").await;
}

#[tokio::test]
async fn a_learner_who_says_nothing_is_not_heard_through_the_coach() {
    let scene = Scene::default()
        .silence(500)
        .coach(RMS, "Hello and welcome. What would you like to drink today?")
        .silence(3000)
        .coach(SLT, "Take your time. Would you like a coffee or a tea?")
        .silence(1000);
    for scene in
        [scene, Scene::default().coach(AWB, "Nobody answers me in this room").silence(900).in_noise(-50.0)]
    {
        let heard = scene.heard().await;
        assert_eq!(heard.runs, [], "the coach does not leak");
        assert!(!heard.coach.is_empty());
        assert!(!heard.is_enough());
    }
}

#[tokio::test]
async fn a_silence_in_which_the_coach_speaks_is_not_the_learners_pause() {
    let scene = Scene::default()
        .learner(SLT, "I would like to tell you about my family")
        .silence(300)
        .coach(RMS, "Please")
        .silence(300)
        .learner(SLT, "We are four people and one very old dog")
        .silence(400);
    let heard = scene.heard().await;
    assert_eq!(heard.pauses, []);
    match_up(&heard.answers, &scene.answers, 120, "answers");
}
