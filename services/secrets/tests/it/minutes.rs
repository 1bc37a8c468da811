//! What a learner is told to have left.

use crate::{
    events,
    support::{Answer, Someone, TestApp},
};
use ::events::catalogue::SECRETS_SESSION_DELETED;
use serde_json::json;
use std::time::Duration;

const TEN: &[(&str, &str)] = &[("SECRETS_DAILY_MINUTES", "10")];

async fn left(app: &TestApp, learner: &Someone) -> u64 {
    let answer = app.replicas[0].minutes(learner).await.granted();
    answer["minutes_left_today"].as_u64().expect("a number of minutes")
}

#[tokio::test]
async fn who_never_called_has_the_whole_day_and_asking_writes_nothing() {
    let app = TestApp::start().await;
    let maya = app.someone();
    let answer = app.replicas[0].minutes(&maya).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let midnight = format!("{}T00:00:00Z", app.clock.now().date().next_day().unwrap());
    assert_eq!(answer.granted(), json!({"minutes_left_today": 120, "new_minutes_at": midnight}));
    assert_eq!(app.count("select count(*) from learner_allowance").await, 0);
}

#[tokio::test]
async fn it_is_what_the_mint_grants_also_while_a_call_goes_on() {
    let app = TestApp::with(1, TEN, |_| {}).await;
    let (maya, session, _) = app.someone_calling().await;
    assert_eq!(left(&app, &maya).await, 10);
    app.clock.advance(Duration::from_secs(210));
    assert_eq!(left(&app, &maya).await, 6);
    assert_eq!(app.mint(&maya, session).await.granted()["minutes_left_today"], 6);
    assert_eq!(left(&app, &app.someone()).await, 10, "another learner's calls take nothing");
}

#[tokio::test]
async fn with_less_than_a_minute_there_is_none_and_no_practice_can_be_begun() {
    let app = TestApp::with(1, &[("SECRETS_DAILY_MINUTES", "6")], |_| {}).await;
    let (maya, _, _) = app.someone_calling().await;
    app.clock.advance(Duration::from_secs(330));
    assert_eq!(left(&app, &maya).await, 0);
    let next = app.sessions.start_one(maya.id, app.clock.now());
    app.mint(&maya, next).await.refused_with(429, "quota-exceeded");
}

#[tokio::test]
async fn a_deleted_session_counts_until_midnight() {
    let app = TestApp::with(1, TEN, |_| {}).await;
    let (maya, session, _) = app.someone_calling().await;
    app.clock.advance(Duration::from_mins(4));
    app.hear(SECRETS_SESSION_DELETED, events::deleted(maya.id, session, &app)).await;
    assert_eq!(left(&app, &maya).await, 6);
    app.clock.advance(Duration::from_hours(12));
    assert_eq!(left(&app, &app.signed_in_again(&maya)).await, 10);
}

#[tokio::test]
async fn nobody_is_told_without_signing_in() {
    let app = TestApp::start().await;
    let asked = reqwest::get(format!("{}/api/realtime/minutes", app.replicas[0].url)).await.unwrap();
    Answer::of(asked).await.refused_with(401, "unauthenticated");
}

#[tokio::test]
async fn without_a_database_it_is_said_that_nobody_knows() {
    let app = TestApp::start().await;
    let maya = app.someone();
    app.database.pool().close().await;
    app.replicas[0].minutes(&maya).await.refused_with(503, "service-unavailable");
}
