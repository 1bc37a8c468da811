//! `POST /api/sessions`

use crate::support::TestApp;
use events::SessionStarted;
use futures::future::join_all;
use http::Method;
use ids::{Ids, TopicId};
use serde_json::json;
use test_kit::announced;

#[tokio::test]
async fn a_learner_starts_a_session_and_the_others_are_told() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let answer = maya.starts_under(0, "first").await;
    let session = answer.is(201);
    assert_eq!(answer.headers["location"], format!("/api/sessions/{}", session["id"].as_str().unwrap()));
    assert_eq!(session["state"], "open");
    assert_eq!(session["mode"], "conversation");
    assert_eq!(session["topic"]["title"], "Ordering coffee");
    assert_eq!(session["topic"]["phrases"].as_array().unwrap().len(), 2);
    assert_eq!(session["recording"]["state"], "expected");
    assert_eq!(session["rating"]["state"], "none");
    assert_eq!(
        session["transcript"],
        json!({
            "source": "live", "revision": 0, "final": false, "approximate": true, "turns": [], "calls": [],
        })
    );
    assert_eq!(session["ended_at"], json!(null));

    let told: Vec<SessionStarted> = announced(app.pool()).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].session_id, session["id"].as_str().unwrap());
    assert_eq!(told[0].learner_id, maya.id.to_string());
    assert_eq!((told[0].mode.as_str(), told[0].recording_policy.as_str()), ("conversation", "keep"));
}

#[tokio::test]
async fn without_a_wish_for_a_recording_none_is_expected() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let wanted = json!({"topic_id": app.topic, "recording_policy": "never"});
    let session =
        app.sends(0, maya.request(Method::POST, "/api/sessions", Some("k"), Some(wanted))).await.is(201);
    assert_eq!(session["recording"]["state"], "none");
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_also_when_topics_are_away_and_the_session_went_on() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let first = maya.starts_under(0, "first").await;
    let id = first.is(201)["id"].as_str().unwrap().parse().unwrap();
    app.neighbours.topics_go_away();
    assert_eq!(maya.starts_under(1, "first").await.body, first.body);
    maya.finalizes(id).await.is(200);
    assert_eq!(maya.starts_under(1, "first").await.body, first.body);
    assert_eq!(announced::<SessionStarted>(app.pool()).await.len(), 1);

    let other = json!({"topic_id": app.topic, "recording_policy": "never"});
    app.sends(0, maya.request(Method::POST, "/api/sessions", Some("first"), Some(other)))
        .await
        .is_refused(422, "idempotency-key-reused");
}

#[tokio::test]
async fn a_learner_cannot_open_two_sessions_at_once() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let open = maya.starts().await;
    let refused = maya.starts_under(1, "second").await.is_refused(409, "session-already-open");
    assert_eq!(refused["session_id"], open.to_string());

    maya.finalizes(open).await.is(200);
    maya.starts_under(1, "second").await.is(201);
}

#[tokio::test]
async fn of_twenty_starts_at_once_one_succeeds() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let keys: Vec<String> = (0..20).map(|at| format!("key {at}")).collect();
    let answers = join_all(keys.iter().enumerate().map(|(at, key)| maya.starts_under(at % 2, key))).await;
    let started = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(started, 1);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.is_refused(409, "session-already-open");
    }
    assert_eq!(announced::<SessionStarted>(app.pool()).await.len(), 1);
}

#[tokio::test]
async fn of_twenty_equal_starts_at_once_all_get_the_same_answer() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let answers = join_all((0..20).map(|at| maya.starts_under(at % 2, "the same"))).await;
    for answer in &answers {
        answer.is(201);
        assert_eq!(answer.body, answers[0].body);
    }
    assert_eq!(announced::<SessionStarted>(app.pool()).await.len(), 1);
}

#[tokio::test]
async fn a_topic_that_is_not_offered_starts_nothing() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let wanted = json!({"topic_id": Ids.mint::<TopicId>(), "recording_policy": "keep"});
    app.sends(0, maya.request(Method::POST, "/api/sessions", Some("k"), Some(wanted)))
        .await
        .is_refused(422, "topic-not-offered");
    assert_eq!(app.count("select count(*) from session").await, 0);
    assert_eq!(app.count("select count(*) from idempotency_key").await, 0);
}

#[tokio::test]
async fn without_the_catalogue_a_learner_is_told_to_come_back() {
    let app = TestApp::start().await;
    app.neighbours.topics_go_away();
    let answer = app.learner().starts_under(0, "k").await;
    answer.is_refused(503, "service-unavailable");
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn a_start_that_is_repeated_after_the_session_was_deleted_starts_nothing() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let id = maya.starts_under(0, "first").await.is(201)["id"].as_str().unwrap().parse().unwrap();
    maya.deletes(id).await.is(204);
    maya.starts_under(0, "first").await.is_refused(404, "not-found");
    assert_eq!(app.count("select count(*) from session").await, 0);
}

#[tokio::test]
async fn one_practice_is_one_trace_that_begins_with_itself() {
    let config = telemetry::Config { otlp_endpoint: None, log: "info,sqlx=warn".to_owned() };
    telemetry::start(&config, "sessions").expect("this process has no other telemetry");
    let app = TestApp::start().await;
    let maya = app.learner();
    let wanted = json!({"topic_id": app.topic, "recording_policy": "keep"});
    let mut request = maya.request(Method::POST, "/api/sessions", Some("k"), Some(wanted));
    let browsing = "4bf92f3577b34da6a3ce929d0e0e4736";
    let header = format!("00-{browsing}-00f067aa0ba902b7-01");
    request.headers_mut().insert("traceparent", header.parse().unwrap());
    let answer = app.sends(0, request).await;
    let session = answer.is(201);
    assert_eq!(answer.headers["trace-id"], browsing);

    let practice: telemetry::Traceparent = session["traceparent"].as_str().unwrap().parse().unwrap();
    assert_ne!(practice.trace_id(), browsing);
    let told: String =
        sqlx::query_scalar("select traceparent from outbox").fetch_one(app.pool()).await.unwrap();
    assert_eq!(told.parse::<telemetry::Traceparent>().unwrap().trace_id(), practice.trace_id());
}
