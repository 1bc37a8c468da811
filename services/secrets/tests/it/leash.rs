//! A call ends when it should, whatever the browser does.

use crate::{
    events,
    support::{Someone, TestApp, call_name},
};
use ::events::catalogue::{
    SECRETS_LOGIN_REVOKED, SECRETS_SESSION_DELETED, SECRETS_SESSION_FINALIZED, SECRETS_SESSION_STARTED,
};
use ids::{EventId, Ids};
use std::time::Duration;
use test_kit::{Nats, eventually};

const LIVE: &str = "select count(*) from call where ended_at is null";

#[tokio::test]
async fn a_call_whose_budget_is_used_up_is_hung_up_once_although_nobody_says_anything() {
    let app = TestApp::with(2, &[], |config| config.limits.session = Duration::from_secs(2)).await;
    let (maya, session) = app.someone_practising();
    assert_eq!(app.mint(&maya, session).await.granted()["max_duration_s"], 2);
    app.attempt(&maya, session).await.opened();
    assert_eq!(app.provider.asked_to_hang_up(), [""; 0]);

    app.hung_up(&["rtc_1"]).await;
    assert_eq!(app.provider.asked_to_hang_up().len(), 1, "two replicas look, one of them hangs up");
    assert_eq!(
        app.count("select count(*) from call where reason = 'time_limit' and ended_at = ends_by").await,
        1
    );

    let answer = app.mint(&maya, session).await;
    answer.refused_with(429, "quota-exceeded");
    assert_eq!(answer.body["violated_policies"], serde_json::json!(["session-minutes"]));
    assert_eq!(answer.header("ratelimit"), r#""session-minutes";r=0"#);
    assert_eq!(answer.header("retry-after"), "", "waiting does not help");
}

#[tokio::test]
async fn the_end_of_a_session_hangs_up_its_call_however_often_and_in_whichever_order_it_is_said() {
    for backwards in [false, true] {
        let app = TestApp::start().await;
        let (maya, session, call) = app.someone_calling().await;
        let start = events::started(maya.id, session, &app);
        app.clock.advance(Duration::from_mins(2));
        let end = events::finalized(maya.id, session, &app, 110_000);
        if backwards {
            app.hear(SECRETS_SESSION_FINALIZED, end.clone()).await;
            app.hear(SECRETS_SESSION_STARTED, start).await;
        } else {
            app.hear(SECRETS_SESSION_STARTED, start).await;
            app.hear(SECRETS_SESSION_FINALIZED, end.clone()).await;
        }
        app.hung_up(&[&call]).await;
        app.hear(SECRETS_SESSION_FINALIZED, end).await;
        app.hear(SECRETS_LOGIN_REVOKED, events::revoked(&maya, &app)).await;
        assert_eq!(app.provider.asked_to_hang_up(), [call]);
        let took =
            "select extract(epoch from ended_at - opened_at)::int8 from call where reason = 'finalized'";
        assert_eq!(app.count(took).await, 120);
    }
}

#[tokio::test]
async fn a_delivery_that_comes_twice_has_one_effect() {
    let app = TestApp::with(2, &[], |_| {}).await;
    let (maya, session, call) = app.someone_calling().await;
    let event = events::finalized(maya.id, session, &app, 1000);
    let id: EventId = Ids.mint();
    for replica in &app.replicas {
        inbox::deliver(app.database.pool(), SECRETS_SESSION_FINALIZED, id, event.clone(), &*replica.secrets)
            .await
            .unwrap();
    }
    app.hung_up(&[&call]).await;
    assert_eq!(app.provider.asked_to_hang_up().len(), 1);
}

#[tokio::test]
async fn deleting_a_session_hangs_up_its_call_and_leaves_no_trace_of_it() {
    let app = TestApp::start().await;
    let (maya, session, call) = app.someone_calling().await;
    app.provider.fail_hang_ups(500);
    app.hear(SECRETS_SESSION_DELETED, events::deleted(maya.id, session, &app)).await;

    let named = "select count(*) from call where session_id is not null or learner_id is not null or login_id is not null";
    assert_eq!((app.count("select count(*) from call").await, app.count(named).await), (1, 0));
    app.hear(SECRETS_SESSION_FINALIZED, events::finalized(maya.id, session, &app, 1000)).await;
    app.provider.hang_up_again();
    app.hung_up(&[&call]).await;
    assert_eq!(app.count("select count(*) from call").await, 0);
}

#[tokio::test]
async fn signing_out_hangs_up_that_browsers_call_and_no_other() {
    let app = TestApp::start().await;
    let (maya, session, call) = app.someone_calling().await;
    let elsewhere = app.signed_in_again(&maya);
    let other = app.sessions.start_one(maya.id, app.clock.now());
    app.attempt(&elsewhere, other).await.opened();
    let unused = app.mint(&maya, session).await;

    app.hear(SECRETS_LOGIN_REVOKED, events::revoked(&maya, &app)).await;

    eventually("the call is hung up", async || (!app.provider.hung_up().is_empty()).then_some(())).await;
    assert_eq!((app.provider.hung_up(), app.count(LIVE).await), (vec![call], 1));
    // This replica may not have heard yet that the login's tokens are worth nothing.
    app.replicas[0].call(&maya, unused.secret()).await.refused_with(401, "unauthenticated");
    app.mint(&maya, session).await.refused_with(401, "unauthenticated");
    app.mint(&elsewhere, session).await.granted();
}

#[tokio::test]
async fn a_provider_that_does_not_hang_up_is_asked_until_it_does() {
    let app = TestApp::start().await;
    let (maya, session, call) = app.someone_calling().await;
    app.provider.fail_hang_ups(503);
    app.hear(SECRETS_SESSION_FINALIZED, events::finalized(maya.id, session, &app, 1000)).await;
    eventually("it is asked again", async || (app.provider.asked_to_hang_up().len() >= 2).then_some(()))
        .await;
    assert_eq!(app.count("select count(*) from call where hung_up_at is null").await, 1);
    app.provider.hang_up_again();
    app.hung_up(&[&call]).await;
}

#[tokio::test]
async fn a_call_that_is_over_at_the_provider_is_over() {
    let app = TestApp::start().await;
    let (maya, session, _) = app.someone_calling().await;
    app.provider.fail_hang_ups(404);
    app.hear(SECRETS_SESSION_FINALIZED, events::finalized(maya.id, session, &app, 1000)).await;
    app.hung_up(&[]).await;
    assert_eq!(app.provider.asked_to_hang_up().len(), 1);
}

#[tokio::test]
async fn long_after_its_time_a_call_is_given_up() {
    let app = TestApp::start().await;
    let (maya, session, _) = app.someone_calling().await;
    app.provider.fail_hang_ups(500);
    app.hear(SECRETS_SESSION_FINALIZED, events::finalized(maya.id, session, &app, 1000)).await;
    eventually("it is tried", async || (!app.provider.asked_to_hang_up().is_empty()).then_some(())).await;
    app.clock.advance(Duration::from_mins(22));
    let given_up = "select count(*) from job where kind = 'hang_up' and state = 'failed'";
    eventually("it is given up", async || (app.count(given_up).await == 1).then_some(())).await;
}

#[tokio::test]
async fn the_day_is_used_up_by_what_calls_took_and_not_by_what_a_browser_says() {
    let app = TestApp::with(1, &[("SECRETS_DAILY_MINUTES", "10")], |_| {}).await;
    let (maya, first, call) = app.someone_calling().await;
    app.clock.advance(Duration::from_mins(4));
    // The browser says that it took a second.
    app.hear(SECRETS_SESSION_FINALIZED, events::finalized(maya.id, first, &app, 1000)).await;
    app.hung_up(&[&call]).await;

    let second = app.sessions.start_one(maya.id, app.clock.now());
    let ticket = app.mint(&maya, second).await.granted();
    assert_eq!((&ticket["max_duration_s"], &ticket["minutes_left_today"]), (&360.into(), &6.into()));
    app.attempt(&maya, second).await.opened();
    app.clock.advance(Duration::from_secs(330));
    // Thirty seconds are no beginning, but enough for who was cut off.
    assert_eq!(app.mint(&maya, second).await.granted()["max_duration_s"], 30);
    let third = app.sessions.start_one(maya.id, app.clock.now());
    let answer = app.mint(&maya, third).await;
    answer.refused_with(429, "quota-exceeded");
    assert_eq!(answer.body["violated_policies"], serde_json::json!(["daily-minutes"]));

    // A secret for which there was time when it was minted is no way around it.
    let minted = app.mint(&maya, second).await;
    app.clock.advance(Duration::from_secs(30));
    app.replicas[0].call(&maya, minted.secret()).await.refused_with(429, "quota-exceeded");
}

#[tokio::test]
async fn deleting_a_session_gives_the_minutes_of_its_calls_not_back() {
    let app = TestApp::with(1, &[("SECRETS_DAILY_MINUTES", "6")], |_| {}).await;
    let (maya, session, call) = app.someone_calling().await;
    app.clock.advance(Duration::from_secs(330));
    app.hear(SECRETS_SESSION_DELETED, events::deleted(maya.id, session, &app)).await;
    app.hung_up(&[&call]).await;
    let next = app.sessions.start_one(maya.id, app.clock.now());
    let answer = app.mint(&maya, next).await;
    assert_eq!(answer.body["violated_policies"], serde_json::json!(["daily-minutes"]));
}

#[tokio::test]
async fn calls_of_long_ago_are_forgotten_and_their_jobs_with_them() {
    let app = TestApp::start().await;
    let (maya, session, call) = app.someone_calling().await;
    app.hear(SECRETS_SESSION_FINALIZED, events::finalized(maya.id, session, &app, 1000)).await;
    app.hung_up(&[&call]).await;
    app.clock.advance(Duration::from_hours(8 * 24));
    app.replicas[0].secrets.forget().await.unwrap();
    for rows in
        ["select count(*) from call", "select count(*) from job", "select count(*) from client_secret"]
    {
        assert_eq!(app.count(rows).await, 0, "{rows}");
    }
}

#[tokio::test]
async fn over_a_real_broker_two_replicas_hang_up_what_ends() {
    let app = TestApp::with(2, &[], |_| {}).await;
    let nats = Nats::start().await;
    for replica in &app.replicas {
        secrets::consumers::listen(&replica.secrets, &nats.bus().await, &app.lifecycle);
        outbox::relay(&replica.secrets.outbox, app.database.pool().clone(), nats.bus().await, &app.lifecycle);
    }
    let (maya, finalized, _) = app.someone_calling().await;
    let (ben, deleted, _) = app.someone_calling().await;
    let (ada, _, _): (Someone, _, _) = app.someone_calling().await;
    let said = &app.replicas[0].secrets.outbox;
    let mut tx = postgres::begin(app.database.pool()).await.unwrap();
    said.append(&mut tx, &events::finalized(maya.id, finalized, &app, 1000)).await.unwrap();
    said.append(&mut tx, &events::deleted(ben.id, deleted, &app)).await.unwrap();
    said.append(&mut tx, &events::revoked(&ada, &app)).await.unwrap();
    tx.commit().await.unwrap();

    eventually("all are hung up", async || (app.provider.hung_up().len() == 3).then_some(())).await;
    let mut hung_up = app.provider.asked_to_hang_up();
    hung_up.sort();
    assert_eq!(hung_up, [call_name(1), call_name(2), call_name(3)]);
    app.lifecycle.stop();
}
