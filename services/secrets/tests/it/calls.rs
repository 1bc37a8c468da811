//! A browser calls through us.

use crate::{
    events,
    support::{ANSWER, Answer, Behaviour, KEY, OFFER, Someone, TestApp, call_name},
};
use ::events::catalogue::{SECRETS_LOGIN_REVOKED, SECRETS_SESSION_DELETED, SECRETS_SESSION_FINALIZED};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use test_kit::eventually;
use tokio::sync::Notify;

const CALLS: &str = "select count(*) from call";

#[tokio::test]
async fn offer_and_answer_pass_as_they_are_and_the_key_stays_here() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    let minted = app.mint(&maya, session).await;

    let answer = app.replicas[0].call(&maya, minted.secret()).await;

    assert_eq!((answer.status, answer.header("content-type")), (201, "application/sdp"), "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("location"), "", "where the provider keeps the call is nobody's business");
    assert_eq!(answer.body, json!(ANSWER));
    let asked = app.provider.asked().remove(0);
    assert_eq!(asked.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(asked.offer.as_deref(), Some(OFFER.as_bytes()));
    assert_eq!(
        app.count("select count(*) from call where provider_call = 'rtc_1' and ended_at is null").await,
        1
    );
}

#[tokio::test]
async fn both_exchanges_ask_for_the_same_session() {
    let mut sessions = Vec::new();
    for exchange in crate::support::EXCHANGES {
        let app = TestApp::of(exchange).await;
        let (maya, session) = app.someone_practising();
        app.attempt(&maya, session).await.opened();
        let body = app.provider.asked().remove(0).body;
        sessions.push(if exchange == "direct" { body["session"].clone() } else { body });
    }
    assert_eq!(sessions[0], sessions[1]);
    assert_eq!(sessions[0]["type"], "realtime");
}

#[tokio::test]
async fn of_twenty_who_show_a_secret_at_once_one_gets_a_call() {
    let app = TestApp::with(2, &[], |_| {}).await;
    let (maya, session) = app.someone_practising();
    let minted = app.mint(&maya, session).await;
    let dialling = (0..20).map(|nth| app.replicas[nth % 2].call(&maya, minted.secret()));
    let answers: Vec<Answer> = futures::future::join_all(dialling).await;
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.refused_with(401, "secret-refused");
    }
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!((app.provider.asked().len(), app.count(CALLS).await), (1, 1));
}

#[tokio::test]
async fn a_secret_opens_nothing_for_anybody_else_and_nothing_later() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    let minted = app.mint(&maya, session).await;
    let secret = minted.secret();
    let ben = app.someone();
    let elsewhere = app.signed_in_again(&maya);
    for (who, shown) in [(&maya, "vk_unknown"), (&ben, secret), (&elsewhere, secret), (&maya, KEY)] {
        app.replicas[0].call(who, shown).await.refused_with(401, "secret-refused");
    }
    app.clock.advance(Duration::from_mins(1));
    app.replicas[0].call(&maya, secret).await.refused_with(401, "secret-refused");
    assert!(app.provider.asked().is_empty());

    app.attempt(&maya, session).await.opened();
    let used = app.mint(&maya, session).await;
    app.replicas[0].call(&maya, used.secret()).await.opened();
    app.replicas[0].call(&maya, used.secret()).await.refused_with(401, "secret-refused");
}

#[tokio::test]
async fn a_secret_of_a_session_that_ended_opens_nothing_whether_or_not_the_event_came() {
    for heard in [false, true] {
        let app = TestApp::start().await;
        let (maya, session) = app.someone_practising();
        let minted = app.mint(&maya, session).await;
        app.sessions.finalize(session);
        if heard {
            app.hear(SECRETS_SESSION_FINALIZED, events::finalized(maya.id, session, &app, 1000)).await;
        }
        app.replicas[0].call(&maya, minted.secret()).await.refused_with(409, "invalid-state");
        assert!(app.provider.asked().is_empty());
    }
}

#[tokio::test]
async fn what_is_no_offer_is_refused_and_uses_nothing_up() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    let minted = app.mint(&maya, session).await;
    let dial = || app.replicas[0].dial(&maya, minted.secret());
    let long = format!("{OFFER}{}", "a=x\r\n".repeat(20_000));
    for (body, status, slug) in [
        (String::new(), 400, "malformed-request"),
        ("{\"sdp\":\"v=0\"}".to_owned(), 400, "malformed-request"),
        ("v=0\r\ns=-\r\n".to_owned(), 400, "malformed-request"),
        (long, 413, "content-too-large"),
    ] {
        Answer::of(dial().body(body).send().await.unwrap()).await.refused_with(status, slug);
    }
    let url = format!("{}/api/realtime/calls", app.replicas[0].url);
    let bare = || reqwest::Client::new().post(&url).header("origin", crate::support::ORIGIN).body(OFFER);
    let json = bare().header("content-type", "application/json").header("cookie", &maya.cookie);
    let json = Answer::of(json.bearer_auth(minted.secret()).send().await.unwrap()).await;
    json.refused_with(415, "unsupported-media-type");
    let coded = Answer::of(dial().header("content-encoding", "gzip").body(OFFER).send().await.unwrap()).await;
    coded.refused_with(415, "unsupported-media-type");
    let unnamed = bare().header("content-type", "application/sdp").header("cookie", &maya.cookie);
    Answer::of(unnamed.send().await.unwrap()).await.refused_with(401, "secret-refused");
    let nobody = bare().header("content-type", "application/sdp").bearer_auth(minted.secret());
    Answer::of(nobody.send().await.unwrap()).await.refused_with(401, "unauthenticated");
    let abroad = dial().header("sec-fetch-site", "cross-site").body(OFFER).send().await.unwrap();
    Answer::of(abroad).await.refused_with(403, "csrf-rejected");

    assert!(app.provider.asked().is_empty());
    let accepted = dial().header("accept", "application/sdp").body(OFFER).send().await.unwrap();
    Answer::of(accepted).await.opened();
}

#[tokio::test]
async fn an_offer_that_the_provider_cannot_use_is_the_browsers_affair() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    let body = r#"{"error":{"code":"invalid_offer","message":"Invalid SDP offer."}}"#.to_owned();
    app.provider.behave(Behaviour::Fail { status: 400, retry_after: None, body });
    app.attempt(&maya, session).await.refused_with(422, "validation-failed");
}

/// Opens a call that the provider answers only when told, after `meanwhile`.
async fn called_slowly(
    app: &TestApp,
    maya: &Someone,
    session: ids::SessionId,
    meanwhile: impl Future<Output = ()>,
) -> Answer {
    let told = Arc::new(Notify::new());
    app.provider.behave(Behaviour::AgreeWhenTold(told.clone()));
    let minted = app.mint(maya, session).await;
    let asked_before = app.provider.asked().len();
    let meanwhile = async {
        eventually("the provider is asked", async || {
            (app.provider.asked().len() > asked_before).then_some(())
        })
        .await;
        meanwhile.await;
        app.provider.behave(Behaviour::Agree);
        told.notify_one();
    };
    tokio::join!(app.replicas[0].call(maya, minted.secret()), meanwhile).0
}

#[tokio::test]
async fn a_call_whose_session_or_login_ended_meanwhile_is_hung_up_at_once() {
    for (what, status, slug) in [
        ("finalized", 409, "invalid-state"),
        ("deleted", 404, "not-found"),
        ("signed out", 401, "unauthenticated"),
    ] {
        let app = TestApp::start().await;
        let (maya, session) = app.someone_practising();
        let meanwhile = async {
            match what {
                "finalized" => {
                    let event = events::finalized(maya.id, session, &app, 1000);
                    app.hear(SECRETS_SESSION_FINALIZED, event).await
                }
                "deleted" => {
                    let event = events::deleted(maya.id, session, &app);
                    app.hear(SECRETS_SESSION_DELETED, event).await
                }
                _ => app.hear(SECRETS_LOGIN_REVOKED, events::revoked(&maya, &app)).await,
            };
        };
        called_slowly(&app, &maya, session, meanwhile).await.refused_with(status, slug);
        app.hung_up(&["rtc_1"]).await;
        assert_eq!(app.count(CALLS).await, i64::from(what != "deleted"), "{what}");
    }
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_is_hung_up() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    let told = Arc::new(Notify::new());
    app.provider.behave(Behaviour::AgreeWhenTold(told.clone()));
    let minted = app.mint(&maya, session).await;
    let dialling = app.replicas[0].dial(&maya, minted.secret()).body(OFFER).send();
    let asked = eventually("the provider is asked", async || app.provider.asked().first().map(drop));
    tokio::select! {
        answer = dialling => panic!("answered: {answer:?}"),
        () = asked => {}
    }
    // The browser is gone; the service hears of it when the connection closes.
    eventually("the call is seen through", async || {
        told.notify_one();
        (app.count(CALLS).await == 1).then_some(())
    })
    .await;
    app.hung_up(&["rtc_1"]).await;
    assert_eq!(app.count("select count(*) from call where reason = 'abandoned'").await, 1);
}

#[tokio::test]
async fn a_session_has_one_call_and_a_new_one_replaces_it() {
    let app = TestApp::with(2, &[], |_| {}).await;
    let (maya, session) = app.someone_practising();
    for nth in 0..3 {
        app.replicas[nth % 2].attempt(&maya, session).await.opened();
    }
    eventually("the older ones are hung up", async || (app.provider.hung_up().len() == 2).then_some(()))
        .await;
    assert_eq!(app.provider.hung_up(), [call_name(1), call_name(2)]);
    assert_eq!(app.count("select count(*) from call where ended_at is null").await, 1);
    assert_eq!(app.count("select count(*) from call where reason = 'replaced'").await, 2);
}

#[tokio::test]
async fn an_older_attempt_that_is_answered_late_replaces_nothing() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    let newer = async {
        app.provider.behave(Behaviour::Agree);
        app.attempt(&maya, session).await.opened();
    };
    called_slowly(&app, &maya, session, newer).await.refused_with(409, "invalid-state");
    eventually("the older one is hung up", async || (!app.provider.hung_up().is_empty()).then_some(())).await;
    assert_eq!(app.provider.hung_up(), [call_name(1)]);
    assert_eq!(
        app.count("select count(*) from call where ended_at is null and provider_call = 'rtc_2'").await,
        1
    );
}

#[tokio::test]
async fn a_provider_that_hangs_is_given_up_and_left_alone_after_five() {
    let app = TestApp::with(1, &[("SECRETS_FIRST_CALLS_PER_MINUTE", "1000")], |_| {}).await;
    let (maya, session) = app.someone_practising();
    app.provider.behave(Behaviour::Hang);
    let minted = futures::future::join_all((0..5).map(|_| app.mint(&maya, session))).await;
    let dialling = minted.iter().map(|minted| app.replicas[0].call(&maya, minted.secret()));
    for answer in futures::future::join_all(dialling).await {
        answer.refused_with(504, "provider-timeout");
    }
    let refused = app.attempt(&maya, session).await;
    refused.refused_with(503, "provider-unavailable");
    assert!(refused.retry_after() >= 1);
    assert_eq!(app.provider.asked().len(), 5);
}

#[tokio::test]
async fn how_a_learner_wants_to_be_talked_with_reaches_the_provider() {
    for exchange in crate::support::EXCHANGES {
        for (pace, detection, speed) in [
            (Value::Null, json!("low"), 0.85),
            (json!({"patience": "quick", "push_to_talk": false, "speed": 1.3}), json!("high"), 0.85 * 1.3),
            (json!({"patience": "normal", "push_to_talk": false, "speed": 0.7}), json!("medium"), 0.85 * 0.7),
            (json!({"patience": "patient", "push_to_talk": true, "speed": 1.0}), Value::Null, 0.85),
            (json!({"patience": "quick"}), json!("high"), 0.85),
        ] {
            let app = TestApp::of(exchange).await;
            let (maya, session) = app.someone_practising();
            let body = json!({"session_id": session, "pace": pace}).to_string();
            let sent = app.replicas[0].ask().header("cookie", &maya.cookie).body(body).send().await.unwrap();
            let minted = Answer::of(sent).await;
            assert_eq!(minted.status, 200, "{minted:?}");
            if exchange == "relay" {
                app.replicas[0].call(&maya, minted.secret()).await.opened();
            }
            let body = app.provider.asked().remove(0).body;
            let audio = if exchange == "direct" { &body["session"]["audio"] } else { &body["audio"] };
            let asked = audio["input"].get("turn_detection").expect("absent would mean the default");
            assert_eq!(asked.get("eagerness").unwrap_or(&Value::Null), &detection, "{pace}");
            assert!((audio["output"]["speed"].as_f64().unwrap() - speed).abs() < 1e-6, "{pace}");
        }
    }
}

#[tokio::test]
async fn a_pace_that_is_none_is_refused() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    for pace in [
        json!({"speed": 0.5}),
        json!({"speed": 1.4}),
        json!({"speed": "fast"}),
        json!({"patience": "endless"}),
        json!({"push_to_talk": "yes"}),
        json!({"eagerness": "low"}),
        json!("patient"),
        json!([]),
        json!(["patient", false, 1.0]),
    ] {
        let body = json!({"session_id": session, "pace": pace}).to_string();
        let sent = app.replicas[0].ask().header("cookie", &maya.cookie).body(body).send().await.unwrap();
        Answer::of(sent).await.refused_with(422, "validation-failed");
    }
}
