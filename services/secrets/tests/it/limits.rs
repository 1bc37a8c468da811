//! How often, and for how long.

use crate::support::{Answer, EXCHANGES, TestApp};
use ids::SessionId;
use std::time::Duration;

const TWO: usize = 2;
/// The rules for calls of which only the browser knows when they end.
const DIRECT: &[(&str, &str)] = &[("REALTIME_EXCHANGE", "direct")];

#[tokio::test]
async fn the_seventh_practice_within_a_minute_is_refused_on_whichever_replica() {
    let app = TestApp::with(TWO, &[], |_| {}).await;
    let maya = app.someone();
    let sessions: Vec<SessionId> = (0..7).map(|_| app.sessions.start_one(maya.id, app.clock.now())).collect();
    for (nth, session) in sessions[..6].iter().enumerate() {
        app.replicas[nth % TWO].mint(&maya, *session).await.granted();
        app.clock.advance(Duration::from_secs(2));
    }
    for replica in &app.replicas {
        let answer = replica.mint(&maya, sessions[6]).await;
        answer.refused_with(429, "quota-exceeded");
        assert_eq!(answer.retry_after(), 48);
        assert_eq!(answer.body["violated_policies"], serde_json::json!(["first-calls"]));
        assert_eq!(answer.header("ratelimit-policy"), r#""first-calls";q=6;w=60"#);
        assert_eq!(answer.header("ratelimit"), r#""first-calls";r=0;t=48"#);
    }
    let other = app.someone();
    app.mint(&other, app.sessions.start_one(other.id, app.clock.now())).await.granted();
    app.clock.advance(Duration::from_secs(48));
    app.mint(&maya, sessions[6]).await.granted();
}

#[tokio::test]
async fn of_many_first_calls_at_once_on_two_replicas_no_more_than_six_are_admitted() {
    let app = TestApp::with(TWO, DIRECT, |_| {}).await;
    let maya = app.someone();
    let asking = (0..20).map(|nth| {
        let session = app.sessions.start_one(maya.id, app.clock.now());
        app.replicas[nth % TWO].mint(&maya, session)
    });
    let answers: Vec<Answer> = futures::future::join_all(asking).await;
    let admitted = answers.iter().filter(|answer| answer.status == 200).count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((admitted, refused), (6, 14));
    assert_eq!(app.provider.asked().len(), 6);
}

#[tokio::test]
async fn a_lost_call_is_dialled_again_without_using_up_first_calls() {
    for exchange in EXCHANGES {
        let settings = [("REALTIME_EXCHANGE", exchange), ("SECRETS_SESSION_MINUTES", "120")];
        let app = TestApp::with(TWO, &settings, |_| {}).await;
        let (maya, session) = app.someone_practising();
        for nth in 0..31 {
            app.replicas[nth % TWO].attempt(&maya, session).await.opened();
        }
        let answer = app.mint(&maya, session).await;
        answer.refused_with(429, "quota-exceeded");
        assert_eq!(answer.body["violated_policies"], serde_json::json!(["re-dials"]));
        assert_eq!(answer.retry_after(), 3600);
        let next = app.sessions.start_one(maya.id, app.clock.now());
        app.mint(&maya, next).await.granted();
        app.clock.advance(Duration::from_hours(1));
        app.mint(&app.signed_in_again(&maya), session).await.granted();
    }
}

#[tokio::test]
async fn an_attempt_that_the_provider_failed_counts_as_a_first_call() {
    for exchange in EXCHANGES {
        let app = TestApp::of(exchange).await;
        let (maya, session) = app.someone_practising();
        app.provider.behave(crate::support::Behaviour::status(401));
        for _ in 0..6 {
            app.attempt(&maya, session).await.refused_with(502, "provider-refused");
        }
        app.attempt(&maya, session).await.refused_with(429, "quota-exceeded");
        assert_eq!(app.provider.asked().len(), 6);
    }
}

#[tokio::test]
async fn when_the_minutes_of_the_day_are_used_up_there_is_no_call_until_midnight() {
    let app = TestApp::with(1, &[DIRECT, &[("SECRETS_DAILY_MINUTES", "10")]].concat(), |_| {}).await;
    let (maya, first) = app.someone_practising();
    assert_eq!(app.mint(&maya, first).await.granted()["max_duration_s"], 360);

    // The open one has run for six minutes, as long as its call may take; four are left.
    app.clock.advance(Duration::from_mins(6));
    let second = app.sessions.start_one(maya.id, app.clock.now());
    assert_eq!(app.mint(&maya, second).await.granted()["max_duration_s"], 240);

    app.clock.advance(Duration::from_mins(4));
    let third = app.sessions.start_one(maya.id, app.clock.now());
    let answer = app.mint(&maya, third).await;
    answer.refused_with(429, "quota-exceeded");
    assert_eq!(answer.body["violated_policies"], serde_json::json!(["daily-minutes"]));
    assert_eq!(answer.retry_after(), 12 * 3600 - 600);
    assert_eq!(answer.header("ratelimit"), r#""daily-minutes";r=0;t=42600"#);

    // Had the first one taken only a minute, there would be time left.
    let took = crate::events::finalized(maya.id, first, &app, 60_000);
    app.hear(::events::catalogue::SECRETS_SESSION_FINALIZED, took).await;
    assert_eq!(app.mint(&maya, third).await.granted()["max_duration_s"], 300);
}

#[tokio::test]
async fn a_new_day_brings_new_minutes() {
    let app = TestApp::with(1, &[DIRECT, &[("SECRETS_DAILY_MINUTES", "6")]].concat(), |_| {}).await;
    let (maya, session) = app.someone_practising();
    app.mint(&maya, session).await.granted();
    app.clock.advance(Duration::from_mins(6));
    let took = crate::events::finalized(maya.id, session, &app, 360_000);
    app.hear(::events::catalogue::SECRETS_SESSION_FINALIZED, took).await;
    let next = app.sessions.start_one(maya.id, app.clock.now());
    app.mint(&maya, next).await.refused_with(429, "quota-exceeded");

    app.clock.advance(Duration::from_hours(12));
    app.mint(&app.signed_in_again(&maya), next).await.granted();
}
