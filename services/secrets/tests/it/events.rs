//! What becomes of what the others say, in whichever order.

use crate::support::{Someone, TestApp};
use events::{
    LoginRevoked, SessionDeleted, SessionErased, SessionFinalized, SessionStarted,
    catalogue::{SECRETS_SESSION_DELETED, SECRETS_SESSION_FINALIZED, SECRETS_SESSION_STARTED},
};
use ids::{EventId, Ids, LearnerId, SessionId};
use std::time::Duration;
use test_kit::{Nats, announced, eventually};

pub fn started(learner: LearnerId, session: SessionId, app: &TestApp) -> SessionStarted {
    SessionStarted {
        session_id: session.to_string(),
        learner_id: learner.to_string(),
        topic_id: Ids.mint::<ids::TopicId>().to_string(),
        mode: "conversation".to_owned(),
        recording_policy: "keep".to_owned(),
        started_at_ms: clock::millis(app.clock.now()),
    }
}

pub fn finalized(
    learner: LearnerId,
    session: SessionId,
    app: &TestApp,
    duration_ms: u32,
) -> SessionFinalized {
    SessionFinalized {
        session_id: session.to_string(),
        learner_id: learner.to_string(),
        finalized_at_ms: clock::millis(app.clock.now()),
        duration_ms,
        transcript_revision: 1,
        recording_policy: "keep".to_owned(),
        end_reason: "learner".to_owned(),
    }
}

pub fn deleted(learner: LearnerId, session: SessionId, app: &TestApp) -> SessionDeleted {
    SessionDeleted {
        session_id: session.to_string(),
        learner_id: learner.to_string(),
        deleted_at_ms: clock::millis(app.clock.now()),
    }
}

pub fn revoked(maya: &Someone, app: &TestApp) -> LoginRevoked {
    LoginRevoked {
        login_id: maya.login.to_string(),
        learner_id: maya.id.to_string(),
        revoked_at_ms: clock::millis(app.clock.now()),
    }
}

const QUOTAS: &str = "select count(*) from session_quota";
const SECRETS: &str = "select count(*) from client_secret";

#[tokio::test]
async fn the_end_of_a_session_closes_its_quota_and_revokes_its_secrets() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    app.hear(SECRETS_SESSION_STARTED, started(maya.id, session, &app)).await;
    app.mint(&maya, session).await.granted();

    app.hear(SECRETS_SESSION_FINALIZED, finalized(maya.id, session, &app, 90_000)).await;

    assert_eq!(app.count("select count(*) from client_secret where revoked_at is not null").await, 1);
    assert_eq!(app.count("select duration_ms from session_quota").await, 90_000);
    app.mint(&maya, session).await.refused_with(409, "invalid-state");
}

#[tokio::test]
async fn the_order_of_start_and_end_makes_no_difference() {
    let mut outcomes = Vec::new();
    for backwards in [false, true] {
        let app = TestApp::start().await;
        let (maya, session) = app.someone_practising();
        let start = started(maya.id, session, &app);
        app.clock.advance(Duration::from_mins(3));
        let end = finalized(maya.id, session, &app, 90_000);
        if backwards {
            app.hear(SECRETS_SESSION_FINALIZED, end.clone()).await;
            app.hear(SECRETS_SESSION_STARTED, start).await;
        } else {
            app.hear(SECRETS_SESSION_STARTED, start).await;
            app.hear(SECRETS_SESSION_FINALIZED, end.clone()).await;
        }
        // Said once more with another time, as nobody should: the first end counts.
        app.hear(SECRETS_SESSION_FINALIZED, SessionFinalized { duration_ms: 1, ..end }).await;
        outcomes.push((
            app.count("select extract(epoch from finalized_at - started_at)::int8 from session_quota").await,
            app.count("select duration_ms from session_quota").await,
        ));
    }
    assert_eq!(outcomes, [(180, 90_000), (180, 90_000)]);
}

#[tokio::test]
async fn nothing_of_a_deleted_session_is_left_and_that_is_said() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    app.mint(&maya, session).await.granted();

    app.hear(SECRETS_SESSION_DELETED, deleted(maya.id, session, &app)).await;

    assert_eq!((app.count(QUOTAS).await, app.count(SECRETS).await), (0, 0));
    let said = announced::<SessionErased>(app.database.pool()).await;
    assert_eq!(said, [SessionErased { session_id: session.to_string(), part: "secrets".to_owned() }]);
}

#[tokio::test]
async fn nothing_that_comes_late_revives_a_deleted_session() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    app.hear(SECRETS_SESSION_DELETED, deleted(maya.id, session, &app)).await;
    app.hear(SECRETS_SESSION_STARTED, started(maya.id, session, &app)).await;
    app.hear(SECRETS_SESSION_FINALIZED, finalized(maya.id, session, &app, 90_000)).await;
    // `sessions` still shows it to whoever asked just before.
    app.mint(&maya, session).await.refused_with(404, "not-found");
    assert_eq!(app.count(QUOTAS).await, 0);
    assert!(app.provider.asked().is_empty());
}

#[tokio::test]
async fn deleting_a_session_gives_neither_its_minutes_nor_its_call_back() {
    let settings = [
        ("REALTIME_EXCHANGE", "direct"),
        ("SECRETS_DAILY_MINUTES", "6"),
        ("SECRETS_FIRST_CALLS_PER_MINUTE", "1"),
    ];
    let app = TestApp::with(1, &settings, |_| {}).await;
    let (maya, session) = app.someone_practising();
    app.mint(&maya, session).await.granted();
    app.hear(SECRETS_SESSION_DELETED, deleted(maya.id, session, &app)).await;
    let next = app.sessions.start_one(maya.id, app.clock.now());
    let answer = app.mint(&maya, next).await;
    assert_eq!(answer.body["violated_policies"], serde_json::json!(["first-calls"]));

    app.clock.advance(Duration::from_mins(1));
    app.mint(&maya, next).await.granted();
    app.hear(SECRETS_SESSION_FINALIZED, finalized(maya.id, next, &app, 330_000)).await;
    app.hear(SECRETS_SESSION_DELETED, deleted(maya.id, next, &app)).await;
    app.clock.advance(Duration::from_mins(1));
    let last = app.sessions.start_one(maya.id, app.clock.now());
    let answer = app.mint(&maya, last).await;
    assert_eq!(answer.body["violated_policies"], serde_json::json!(["daily-minutes"]));
}

#[tokio::test]
async fn an_event_that_names_nothing_can_never_be_handled() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    let event = SessionStarted { learner_id: "nobody".to_owned(), ..started(maya.id, session, &app) };
    let id: EventId = Ids.mint();
    let secrets = &*app.replicas[0].secrets;
    let refusal = inbox::deliver(app.database.pool(), SECRETS_SESSION_STARTED, id, event, secrets).await;
    assert!(matches!(refusal, Err(inbox::Refusal::Never(_))), "{refusal:?}");
    assert_eq!(app.count(QUOTAS).await, 0);
}

#[tokio::test]
async fn what_is_old_is_forgotten_and_what_is_open_is_not() {
    let app = TestApp::start().await;
    let (maya, open) = app.someone_practising();
    app.mint(&maya, open).await.granted();
    let (old, gone) = (Ids.mint(), Ids.mint());
    app.hear(SECRETS_SESSION_FINALIZED, finalized(maya.id, old, &app, 1000)).await;
    app.hear(SECRETS_SESSION_DELETED, deleted(maya.id, gone, &app)).await;
    let secrets = &app.replicas[0].secrets;

    assert_eq!(secrets.forget().await.unwrap(), 0);
    app.clock.advance(Duration::from_hours(8 * 24));
    assert_eq!(secrets.forget().await.unwrap(), 1, "the closed quota; the mark of the deletion stays");
    assert_eq!((app.count(QUOTAS).await, app.count(SECRETS).await), (1, 1));
    app.clock.advance(Duration::from_hours(21 * 24));
    assert_eq!(secrets.forget().await.unwrap(), 1);
}

#[tokio::test]
async fn events_arrive_over_a_real_broker_on_two_replicas() {
    let app = TestApp::with(2, &[], |_| {}).await;
    let nats = Nats::start().await;
    let (maya, session) = app.someone_practising();
    app.mint(&maya, session).await.granted();
    for replica in &app.replicas {
        secrets::consumers::listen(&replica.secrets, &nats.bus().await, &app.lifecycle);
        outbox::relay(&replica.secrets.outbox, app.database.pool().clone(), nats.bus().await, &app.lifecycle);
    }
    let mut tx = postgres::begin(app.database.pool()).await.unwrap();
    let said = &app.replicas[0].secrets.outbox;
    said.append(&mut tx, &finalized(maya.id, session, &app, 90_000)).await.unwrap();
    said.append(&mut tx, &deleted(maya.id, session, &app)).await.unwrap();
    tx.commit().await.unwrap();

    eventually("the session is erased", async || (app.count(QUOTAS).await == 0).then_some(())).await;
    eventually("the erasure is published", async || {
        let waiting = app.count("select count(*) from outbox where published_at is null").await;
        (waiting == 0 && announced::<SessionErased>(app.database.pool()).await.len() == 1).then_some(())
    })
    .await;
    app.lifecycle.stop();
}
