//! `POST /api/sessions/{id}/heartbeat`

use crate::support::TestApp;
use http::Method;
use ids::{Ids, SessionId};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_heartbeat_keeps_a_session_open_and_tells_nobody() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let said = app.count("select count(*) from outbox").await;
    app.nobody_comes_back(session, Duration::ZERO).await;
    assert!(maya.beats(1, session).await.is(204).is_null());
    assert_eq!(app.looks_for_abandoned(0).await, 0);
    assert_eq!(maya.looks_at(session).await.is(200)["state"], "open");
    assert_eq!(app.count("select count(*) from outbox").await, said);
}

#[tokio::test]
async fn words_are_a_sign_of_life_too_also_when_they_are_saved_already() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    for _ in 0..2 {
        app.nobody_comes_back(session, Duration::ZERO).await;
        maya.saves(session, 1, json!([])).await.is(200);
        assert_eq!(app.looks_for_abandoned(0).await, 0);
    }
}

#[tokio::test]
async fn a_session_that_is_over_has_no_heartbeat() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.finalizes(session).await.is(200);
    let before = maya.looks_at(session).await;
    maya.beats(0, session).await.is_refused(409, "invalid-state");
    assert_eq!(maya.looks_at(session).await.body, before.body);
}

#[tokio::test]
async fn nobody_keeps_a_session_open_that_is_not_theirs_or_not_there() {
    let app = TestApp::start().await;
    let (maya, ben) = (app.learner(), app.learner());
    let session = maya.starts().await;
    ben.beats(0, session).await.is_refused(404, "not-found");
    maya.beats(0, Ids.mint::<SessionId>()).await.is_refused(404, "not-found");
    maya.deletes(session).await.is(204);
    maya.beats(0, session).await.is_refused(404, "not-found");
}

#[tokio::test]
async fn another_page_cannot_keep_a_session_open() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let mut request = maya.request(Method::POST, &format!("/api/sessions/{session}/heartbeat"), None, None);
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    app.sends(0, request).await.is_refused(403, "csrf-rejected");
}
