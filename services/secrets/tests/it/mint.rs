//! Who gets a secret, and what it is.

use crate::{
    events,
    support::{Behaviour, TestApp},
};
use ::events::catalogue::{SECRETS_SESSION_DELETED, SECRETS_SESSION_FINALIZED};
use ids::{Ids, SessionId};
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use test_kit::eventually;
use time::format_description::well_known::Rfc3339;
use tokio::sync::Notify;

#[tokio::test]
async fn a_learner_gets_a_secret_for_an_open_session() {
    let app = TestApp::of("direct").await;
    let (maya, session) = app.someone_practising();

    let answer = app.mint(&maya, session).await;

    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("ratelimit-policy"), r#""first-calls";q=6;w=60, "daily-minutes";q=120;w=86400"#);
    assert_eq!(answer.header("ratelimit"), r#""first-calls";r=5;t=60, "daily-minutes";r=120;t=43200"#);
    let mut body = answer.granted();
    assert!(body["expires_at"].take().as_str().unwrap().ends_with('Z'));
    assert_eq!(
        body,
        json!({
            "client_secret": "ek_client-secret-canary-1", "expires_at": null, "calls_url": "/v1/realtime/calls",
            "exchange": "direct", "provider": "coach", "model": "gpt-realtime-2.1-mini", "ice_servers": [],
            "max_duration_s": 360, "minutes_left_today": 120,
        })
    );
}

#[tokio::test]
async fn a_secret_of_ours_costs_the_provider_nothing() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    let mut body = app.mint(&maya, session).await.granted();
    let secret = body["client_secret"].take();
    assert!(secret.as_str().is_some_and(|text| text.starts_with("vk_") && text.len() == 46));
    let expires_at = body["expires_at"].take();
    let in_a_minute = (app.clock.now() + Duration::from_mins(1)).format(&Rfc3339).unwrap();
    assert_eq!(expires_at, in_a_minute);
    assert_eq!(
        body,
        json!({
            "client_secret": null, "expires_at": null, "calls_url": "/api/realtime/calls",
            "exchange": "relay", "provider": "coach", "model": "gpt-realtime-2.1-mini", "ice_servers": [],
            "max_duration_s": 360, "minutes_left_today": 120,
        })
    );
    assert!(app.provider.asked().is_empty());
}

#[tokio::test]
async fn the_provider_is_asked_for_a_call_about_the_lesson() {
    let app = TestApp::of("direct").await;
    let (maya, session) = app.someone_practising();
    app.mint(&maya, session).await.granted();

    let mut asked = app.provider.asked().remove(0);
    let instructions = asked.body["session"]["instructions"].take();
    assert_eq!(
        asked.body,
        json!({
            "expires_after": {"anchor": "created_at", "seconds": 60},
            "session": {
                "type": "realtime", "model": "gpt-realtime-2.1-mini", "instructions": null,
                "output_modalities": ["audio"],
                "audio": {
                    "input": {
                        "noise_reduction": {"type": "near_field"},
                        "transcription": {"model": "gpt-4o-mini-transcribe", "language": "en"},
                        "turn_detection": {"type": "semantic_vad", "eagerness": "low",
                                           "create_response": true, "interrupt_response": true},
                    },
                    "output": {"voice": "marin", "speed": 0.85},
                },
            },
        })
    );
    let lesson = lesson::extract(instructions.as_str().unwrap()).expect("the coach finds the lesson in it");
    assert_eq!((lesson.id.as_str(), lesson.minutes), ("weekend", 5));
}

#[tokio::test]
async fn only_a_hash_of_the_secret_is_kept() {
    let app = TestApp::of("direct").await;
    let (maya, session) = app.someone_practising();
    app.mint(&maya, session).await.granted();
    app.mint(&maya, session).await.granted();
    let kept = app
        .count("select count(*) from client_secret where secret_sha256 = sha256('ek_client-secret-canary-1'::bytea)")
        .await;
    assert_eq!(kept, 1);
    assert_eq!(app.count("select count(*) from client_secret where revoked_at is null").await, 2);
}

#[tokio::test]
async fn another_learners_session_is_answered_like_none() {
    let app = TestApp::start().await;
    let (_, session) = app.someone_practising();
    let other = app.someone();

    let foreign = app.mint(&other, session).await;
    let absent = app.mint(&other, Ids.mint::<SessionId>()).await;

    foreign.refused_with(404, "not-found");
    assert_eq!((foreign.status, &foreign.body), (absent.status, &absent.body));
    let names = |answer: &crate::support::Answer| {
        answer.headers.keys().map(ToString::to_string).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(names(&foreign), names(&absent));
    assert_eq!(app.count("select count(*) from learner_allowance").await, 0, "nothing was counted");
    assert!(app.provider.asked().is_empty());
}

#[tokio::test]
async fn a_finalized_session_gets_no_secret() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    app.sessions.finalize(session);
    app.mint(&maya, session).await.refused_with(409, "invalid-state");
    assert!(app.provider.asked().is_empty());
}

#[tokio::test]
async fn without_an_answer_from_sessions_there_is_no_secret() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    app.sessions.break_down();
    let answer = app.mint(&maya, session).await;
    answer.refused_with(503, "service-unavailable");
    assert!(answer.retry_after() >= 1);
}

#[tokio::test]
async fn a_silent_sessions_is_not_waited_for_long() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    app.sessions.fall_silent();
    let asked = Instant::now();
    app.mint(&maya, session).await.refused_with(503, "service-unavailable");
    // Two seconds, and the rest for a busy machine.
    assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_secret_minted_for_a_session_that_ended_or_was_deleted_meanwhile_is_not_given() {
    for (deleted, status, slug) in [(false, 409, "invalid-state"), (true, 404, "not-found")] {
        let app = TestApp::of("direct").await;
        let (maya, session) = app.someone_practising();
        let told = Arc::new(Notify::new());
        app.provider.behave(Behaviour::AgreeWhenTold(told.clone()));
        let meanwhile = async {
            eventually("the provider is asked", async || app.provider.asked().first().map(drop)).await;
            if deleted {
                app.hear(SECRETS_SESSION_DELETED, events::deleted(maya.id, session, &app)).await;
            } else {
                app.hear(SECRETS_SESSION_FINALIZED, events::finalized(maya.id, session, &app, 1000)).await;
            }
            told.notify_one();
        };
        let (answer, ()) = tokio::join!(app.mint(&maya, session), meanwhile);
        answer.refused_with(status, slug);
        assert_eq!(app.count("select count(*) from client_secret").await, 0);
    }
}

#[tokio::test]
async fn one_way_of_asking_serves_both_providers() {
    let mut bodies = Vec::new();
    for (provider, calls_url) in
        [("coach", "/v1/realtime/calls"), ("openai", "https://api.openai.com/v1/realtime/calls")]
    {
        let app =
            TestApp::with(1, &[("REALTIME_PROVIDER", provider), ("REALTIME_EXCHANGE", "direct")], |_| {})
                .await;
        let (maya, session) = app.someone_practising();
        let answer = app.mint(&maya, session).await.granted();
        assert_eq!((&answer["provider"], &answer["calls_url"]), (&json!(provider), &json!(calls_url)));

        let asked = app.provider.asked().remove(0);
        assert_eq!(asked.headers["authorization"], format!("Bearer {}", crate::support::KEY));
        let pseudonym = asked.headers.get("openai-safety-identifier").map(|value| value.to_str().unwrap());
        match provider {
            "openai" => {
                let pseudonym = pseudonym.expect("OpenAI is told who calls, under a pseudonym");
                assert!(!pseudonym.contains(&maya.id.to_string()));
            }
            _ => assert_eq!(pseudonym, None),
        }
        bodies.push(asked.body);
    }
    assert_eq!(bodies[0], bodies[1]);
}
