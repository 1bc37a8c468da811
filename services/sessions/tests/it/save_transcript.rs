//! `PUT /api/sessions/{id}/transcript`

use crate::support::{TestApp, turn};
use serde_json::json;

#[tokio::test]
async fn only_a_higher_revision_replaces_the_words_so_far() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let one = json!([turn("a", "coach", 0, 10, "Hello")]);
    let two = json!([turn("a", "coach", 0, 10, "Hello"), turn("b", "learner", 20, 30, "Hi")]);

    assert_eq!(maya.saves(session, 3, one.clone()).await.is(200), json!({"revision": 3}));
    assert_eq!(maya.saves(session, 3, one.clone()).await.is(200), json!({"revision": 3}));
    assert_eq!(maya.saves(session, 3, two.clone()).await.is_refused(409, "stale-revision")["revision"], 3);
    assert_eq!(maya.saves(session, 2, two.clone()).await.is_refused(409, "stale-revision")["revision"], 3);
    maya.saves(session, 7, two.clone()).await.is(200);
    assert_eq!(maya.saves(session, 5, one).await.is_refused(409, "stale-revision")["revision"], 7);

    let transcript = maya.looks_at(session).await.is(200)["transcript"].clone();
    assert_eq!(transcript["revision"], 7);
    assert_eq!(transcript["final"], false);
    assert_eq!(transcript["turns"], two);
}

#[tokio::test]
async fn words_after_the_end_are_refused_and_change_nothing() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.saves(session, 1, json!([])).await.is(200);
    maya.finalizes(session).await.is(200);
    let before = maya.looks_at(session).await;
    maya.saves(session, 1, json!([])).await.is_refused(409, "transcript-finalized");
    maya.saves(session, 99, json!([turn("late", "learner", 0, 10, "late")]))
        .await
        .is_refused(409, "transcript-finalized");
    assert_eq!(maya.looks_at(session).await.body, before.body);
}

#[tokio::test]
async fn words_with_impossible_times_are_refused() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    for (start, end) in
        [("10", "9"), ("-1", "5"), ("0", "1e309"), ("0", "99999999999"), ("0", "\"NaN\""), ("null", "1")]
    {
        let body = format!(
            r#"{{"revision":1,"turns":[{{"item_id":"a","speaker":"learner","start_ms":{start},"end_ms":{end},"text":"x","state":"complete","call":0}}]}}"#
        );
        let mut request = maya.request(
            http::Method::PUT,
            &format!("/api/sessions/{session}/transcript"),
            None,
            Some(json!({})),
        );
        *request.body_mut() = axum::body::Body::from(body);
        app.sends(0, request).await.is_refused(422, "validation-failed");
    }
    assert_eq!(maya.looks_at(session).await.is(200)["transcript"]["revision"], 0);
}

#[tokio::test]
async fn too_many_turns_or_identifiers_that_are_none_are_refused() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let short = |at: usize| json!({"item_id": format!("{at}"), "speaker": "coach", "start_ms": 0, "end_ms": 1, "text": null, "state": "not_transcribed", "call": 0});
    let many: Vec<_> = (0..10_001).map(short).collect();
    for turns in [
        json!([turn("", "coach", 0, 1, "x")]),
        json!([turn(&"x".repeat(65), "coach", 0, 1, "x")]),
        json!([turn("a", "coach", 0, 1, "x"), turn("a", "coach", 0, 1, "y")]),
        json!([turn("a", "somebody", 0, 1, "x")]),
    ] {
        maya.saves(session, 1, turns).await.is_refused(422, "validation-failed");
    }
    maya.saves(session, 0, json!([])).await.is_refused(422, "validation-failed");
    // As compact as turns are, this many are just over the limit of a body, too.
    let answer = maya.saves(session, 1, json!(many)).await;
    assert!([413, 422].contains(&answer.status.as_u16()), "{}", answer.status);
}

#[tokio::test]
async fn lists_are_neither_turns_nor_calls() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    for turns in [
        json!([["a", "coach", 0, 10, "Hello", "complete", 0]]),
        json!([[]]),
        json!(vec![json!([]); 300_000]),
        json!([{"item_id": [["a"]]}]),
    ] {
        maya.saves(session, 1, turns).await.is_refused(422, "validation-failed");
    }
    let calls = json!([[0, 0, null]]);
    maya.saves_with_calls(session, 1, json!([]), calls).await.is_refused(422, "validation-failed");
    assert_eq!(maya.saves(session, 1, json!([])).await.is(200), json!({"revision": 1}));
}
