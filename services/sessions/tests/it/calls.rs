//! The calls of a session, as they are sent and shown.

use crate::support::{TestApp, call, ending};
use serde_json::{Value, json};

fn ending_with(calls: Value) -> Value {
    let mut ending = ending();
    ending["calls"] = calls;
    ending
}

#[tokio::test]
async fn calls_are_saved_with_the_words_and_stay_when_they_are_not_mentioned() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let calls = json!([call(0, 0, Some(900)), call(1, 12_000, None)]);
    maya.saves_with_calls(session, 1, json!([]), calls.clone()).await.is(200);
    maya.saves_with_calls(session, 1, json!([]), calls.clone()).await.is(200);
    maya.saves(session, 1, json!([])).await.is(200);
    maya.saves(session, 2, json!([])).await.is(200);
    assert_eq!(maya.looks_at(session).await.is(200)["transcript"]["calls"], calls);
    // Other calls are other words.
    maya.saves_with_calls(session, 2, json!([]), json!([])).await.is_refused(409, "stale-revision");
    maya.saves_with_calls(session, 3, json!([]), json!([call(0, 0, None)])).await.is(200);
    assert_eq!(maya.looks_at(session).await.is(200)["transcript"]["calls"], json!([call(0, 0, None)]));
}

#[tokio::test]
async fn calls_that_make_no_sense_are_refused_while_speaking() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let many: Vec<_> = (0..1001).map(|number| call(number, 0, None)).collect();
    for calls in [
        json!([call(1, 0, None), call(1, 5, None)]),
        json!([call(1, 0, None), call(0, 5, None)]),
        json!([call(0, 10, Some(9))]),
        json!([call(0, -1, None)]),
        json!([{"number": 0, "start_ms": 0}]),
        json!([{"number": 0, "start_ms": 0, "end_ms": "5"}]),
        json!([{"number": -1, "start_ms": 0, "end_ms": null}]),
        json!([{"number": 0, "start_ms": 0, "end_ms": null, "ice": "host"}]),
        json!(many),
    ] {
        maya.saves_with_calls(session, 1, json!([]), calls).await.is_refused(422, "validation-failed");
    }
    assert_eq!(maya.looks_at(session).await.is(200)["transcript"]["revision"], 0);
}

#[tokio::test]
async fn calls_are_sealed_with_the_words_each_with_an_end() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.saves_with_calls(session, 1, json!([]), json!([call(0, 0, Some(1300))])).await.is(200);
    let sealed = maya
        .finalizes_under(
            0,
            session,
            "k",
            ending_with(json!([call(1, 1450, Some(2000)), call(2, 2500, None)])),
        )
        .await
        .is(200);
    assert_eq!(
        sealed["transcript"]["calls"],
        json!([call(0, 0, Some(1300)), call(1, 1450, Some(2000)), call(2, 2500, Some(4000))])
    );
    assert_eq!((&sealed["warnings"], &sealed["duration_ms"]), (&json!([]), &json!(4000)));
}

#[tokio::test]
async fn odd_calls_cost_no_word_at_the_end() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let odd = json!([call(1, 3000, Some(-2)), call(0, -5, Some(2000)), call(1, 7, None)]);
    let sealed = maya.finalizes_under(0, session, "k", ending_with(odd)).await.is(200);
    assert_eq!(sealed["transcript"]["turns"], ending()["turns"]);
    assert_eq!(sealed["transcript"]["calls"], json!([call(0, 0, Some(2000)), call(1, 3000, Some(3000))]));
    assert_eq!(sealed["warnings"], json!(["times_clamped"]));
}

#[tokio::test]
async fn an_ending_with_other_calls_is_another_ending() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let calls = json!([call(0, 0, Some(4000))]);
    let first = maya.finalizes_under(0, session, "one", ending_with(calls.clone())).await;
    first.is(200);
    assert_eq!(maya.finalizes_under(1, session, "two", ending_with(calls)).await.body, first.body);
    let other = ending_with(json!([call(0, 0, Some(3999))]));
    maya.finalizes_under(1, session, "one", other.clone()).await.is_refused(422, "idempotency-key-reused");
    maya.finalizes_under(1, session, "three", other).await.is_refused(409, "already-finalized");
    maya.finalizes_under(1, session, "four", ending()).await.is_refused(409, "already-finalized");
}
