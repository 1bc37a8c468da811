//! `POST /api/telemetry`

use crate::support::TestApp;
use http::Method;
use serde_json::{Value, json};

fn one(measure: &str, value: &Value) -> Value {
    json!({"measurements": [{"measure": measure, "value": value}]})
}

#[tokio::test]
async fn what_a_page_may_measure_is_counted_by_any_replica_and_nothing_is_kept() {
    let app = TestApp::start().await;
    let maya = app.learner();
    for (replica, measure) in [
        "first_sound",
        "reply",
        "reconnect",
        "playback_start",
        "largest_contentful_paint",
        "interaction_to_next_paint",
        "cumulative_layout_shift",
    ]
    .into_iter()
    .enumerate()
    {
        let request = maya.request(Method::POST, "/api/telemetry", None, Some(one(measure, &json!(0.25))));
        assert!(app.sends(replica % 2, request).await.is(204).is_null());
    }
    assert_eq!(app.count("select count(*) from outbox").await, 0);
}

fn at(traceparent: &str, ended_ms_ago: u32) -> Value {
    let place = json!({"traceparent": traceparent, "ended_ms_ago": ended_ms_ago});
    json!({"measurements": [{"measure": "reply", "value": 700, "place": place}]})
}

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[tokio::test]
async fn a_wait_may_have_its_place_in_a_trace() {
    let app = TestApp::start().await;
    let request = app.learner().request(Method::POST, "/api/telemetry", None, Some(at(TRACEPARENT, 9000)));
    app.sends(0, request).await.is(204);
}

#[tokio::test]
async fn everything_else_is_refused_as_a_whole() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let many: Vec<Value> = vec![json!({"measure": "reply", "value": 1}); 33];
    for body in [
        one("reply", &json!(-1)),
        one("reply", &json!(600_001)),
        one("cumulative_layout_shift", &json!(11)),
        one("reply", &json!("soon")),
        one("reply", &json!(null)),
        one("heart_rate", &json!(70)),
        json!({"measurements": [{"measure": "reply", "value": 1, "session_id": "x"}]}),
        json!({"measurements": [{"measure": "reply", "value": 1}], "learner": "maya"}),
        at("00-0-0-00", 0),
        at(TRACEPARENT, 600_001),
        json!({"measurements": [{"measure": "reply", "value": 1, "place": {"traceparent": TRACEPARENT}}]}),
        json!({"measurements": []}),
        json!({"measurements": many}),
        json!({}),
    ] {
        let request = maya.request(Method::POST, "/api/telemetry", None, Some(body));
        app.sends(0, request).await.is_refused(422, "validation-failed");
    }
}

#[tokio::test]
async fn whoever_is_not_signed_in_measures_nothing() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let mut request = maya.request(Method::POST, "/api/telemetry", None, Some(one("reply", &json!(1))));
    request.headers_mut().remove("cookie");
    app.sends(0, request).await.is_refused(401, "unauthenticated");
}
