//! What the others say: twice, late, in any order.

use crate::support::{TestApp, ending, rating};
use events::{AudioStored, RatingFailed, SessionRated, catalogue};
use ids::{EventId, Ids, SessionId};
use inbox::Refusal;
use serde_json::{Value, json};
use test_kit::eventually;

fn audio_stored(session: SessionId, revision: u32) -> AudioStored {
    AudioStored {
        session_id: session.to_string(),
        learner_id: String::new(),
        medium_id: String::new(),
        revision,
        duration_ms: 4000 + revision,
        bytes: 100,
        media_type: "audio/webm".into(),
        channel_layout: "learner_left_coach_right".into(),
        warnings: vec![],
    }
}

fn session_rated(session: SessionId, rating_revision: u32) -> SessionRated {
    SessionRated { session_id: session.to_string(), learner_id: String::new(), rating_revision }
}

fn rating_failed(session: SessionId, rating_revision: u32) -> RatingFailed {
    RatingFailed {
        session_id: session.to_string(),
        learner_id: String::new(),
        rating_revision,
        reason: "provider_unavailable".into(),
    }
}

pub async fn the_recording_is_stored(app: &TestApp, session: SessionId, revision: u32) {
    let event = audio_stored(session, revision);
    app.hears(0, catalogue::SESSIONS_AUDIO_STORED, Ids.mint(), event).await.unwrap();
}

pub async fn rating_gives_up(app: &TestApp, session: SessionId, revision: u32) {
    let event = rating_failed(session, revision);
    app.hears(0, catalogue::SESSIONS_RATING_FAILED, Ids.mint(), event).await.unwrap();
}

pub async fn the_rating_is_ready(app: &TestApp, session: SessionId, revision: u32) {
    let event = session_rated(session, revision);
    app.hears(1, catalogue::SESSIONS_SESSION_RATED, Ids.mint(), event).await.unwrap();
}

#[tokio::test]
async fn a_stored_recording_can_be_played_and_only_a_newer_one_replaces_it() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    the_recording_is_stored(&app, session, 2).await;
    the_recording_is_stored(&app, session, 1).await;
    let recording = maya.looks_at(session).await.is(200)["recording"].clone();
    assert_eq!(
        recording,
        json!({
            "state": "ready", "revision": 2, "duration_ms": 4002, "media_type": "audio/webm",
            "channel_layout": "learner_left_coach_right", "audio_url": format!("/api/sessions/{session}/audio"),
            "peaks_url": format!("/api/sessions/{session}/audio/peaks"), "warnings": [],
        })
    );
}

/// What a session looks like after the given news, each told five times, to both replicas in turn.
async fn after(app: &TestApp, news: &[usize]) -> Value {
    let maya = app.learner();
    let session = maya.starts().await;
    maya.finalizes_under(0, session, "k", ending()).await.is(200);
    let ids: [EventId; 4] = [Ids.mint(), Ids.mint(), Ids.mint(), Ids.mint()];
    for told in 0..5 {
        for at in news {
            let replica = (told + at) % 2;
            let id = ids[*at];
            match at {
                0 => app.hears(replica, catalogue::SESSIONS_AUDIO_STORED, id, audio_stored(session, 1)).await,
                1 => app.hears(replica, catalogue::SESSIONS_AUDIO_STORED, id, audio_stored(session, 2)).await,
                2 => {
                    app.hears(replica, catalogue::SESSIONS_RATING_FAILED, id, rating_failed(session, 1)).await
                }
                _ => {
                    app.hears(replica, catalogue::SESSIONS_SESSION_RATED, id, session_rated(session, 2)).await
                }
            }
            .unwrap();
        }
    }
    eventually("the rating is there", async || {
        let shown = maya.looks_at(session).await.is(200);
        (shown["rating"]["state"] == "ready").then_some(())
    })
    .await;
    let shown = maya.looks_at(session).await.is(200);
    json!({
        "recording": {"revision": shown["recording"]["revision"], "duration_ms": shown["recording"]["duration_ms"]},
        "rating": shown["rating"], "transcript": shown["transcript"],
    })
}

#[tokio::test]
async fn news_told_five_times_and_in_reverse_ends_the_same() {
    let app = TestApp::start().await;
    app.neighbours.rating_has(rating(2));
    app.does_its_jobs();
    let in_order = after(&app, &[0, 1, 2, 3]).await;
    assert_eq!(in_order["recording"]["revision"], 2);
    assert_eq!(in_order["rating"]["revision"], 2);
    assert_eq!(
        in_order["rating"]["findings"][0],
        json!({
            "subject": "learner", "metric": "speaking_time", "value": 12.5, "unit": "s",
            "definition": "How long you spoke", "evidence": [{"start_ms": 0, "end_ms": 900}],
            "source": "audio", "not_measured": null,
        })
    );
    assert_eq!(after(&app, &[3, 2, 1, 0]).await, in_order);
    assert_eq!(app.count("select count(*) from inbox").await, 8);
}

#[tokio::test]
async fn a_rating_shows_as_soon_as_rating_is_back() {
    let app = TestApp::start().await;
    app.neighbours.rating_goes_away();
    app.neighbours.rating_has(rating(1));
    app.does_its_jobs();
    let maya = app.learner();
    let session = maya.starts().await;
    maya.finalizes(session).await.is(200);
    the_rating_is_ready(&app, session, 1).await;
    eventually("it was tried in vain", async || {
        (app.count("select count(*) from job where last_error = 'rating_unavailable'").await == 1)
            .then_some(())
    })
    .await;
    assert_eq!(maya.looks_at(session).await.is(200)["rating"]["state"], "waiting");
    app.neighbours.rating_comes_back();
    eventually("the rating is there", async || {
        (maya.looks_at(session).await.is(200)["rating"]["state"] == "ready").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_rating_that_failed_says_why() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.finalizes(session).await.is(200);
    rating_gives_up(&app, session, 1).await;
    let rating = maya.looks_at(session).await.is(200)["rating"].clone();
    assert_eq!((&rating["state"], &rating["reason"]), (&json!("failed"), &json!("provider_unavailable")));
}

#[tokio::test]
async fn news_that_names_no_session_is_never_handled() {
    let app = TestApp::start().await;
    let event = AudioStored { session_id: "nonsense".into(), ..AudioStored::default() };
    let refused = app.hears(0, catalogue::SESSIONS_AUDIO_STORED, Ids.mint(), event).await;
    assert!(matches!(refused, Err(Refusal::Never(_))));
}
