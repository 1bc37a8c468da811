//! Requests that cannot be carried out, and what is said about them.

use crate::support::{ORIGIN, TestApp, ending};
use axum::body::Body;
use http::{Method, Request, header::HeaderName};
use ids::{Ids, SessionId};
use serde_json::json;
use test_kit::Learners;

#[tokio::test]
async fn bodies_that_cannot_be_read_are_malformed_and_wrong_values_fail_validation() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let topic = app.topic;
    let good = json!({"topic_id": topic, "recording_policy": "keep"}).to_string();
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let cases: Vec<(Vec<u8>, u16, &str)> = vec![
        (vec![], 400, "malformed-request"),
        (good.as_bytes()[..good.len() - 1].to_vec(), 400, "malformed-request"),
        (format!("{good} x").into_bytes(), 400, "malformed-request"),
        (deep.into_bytes(), 400, "malformed-request"),
        (
            format!(r#"{{"topic_id":"{topic}","topic_id":"{topic}","recording_policy":"keep"}}"#)
                .into_bytes(),
            400,
            "malformed-request",
        ),
        (b"{\"topic_id\":\"\xff\",\"recording_policy\":\"keep\"}".to_vec(), 400, "malformed-request"),
        (br#"{"topic_id":"\ud800","recording_policy":"keep"}"#.to_vec(), 400, "malformed-request"),
        (
            format!(r#"{{"topic_id":"{topic}","recording_policy":"keep","owner_id":"x"}}"#).into_bytes(),
            422,
            "validation-failed",
        ),
        (
            format!(r#"{{"topic_id":"{topic}","recording_policy":null}}"#).into_bytes(),
            422,
            "validation-failed",
        ),
        (format!(r#"{{"topic_id":"{topic}","recording_policy":7}}"#).into_bytes(), 422, "validation-failed"),
        (
            format!(r#"{{"topic_id":"{topic}","recording_policy":"later"}}"#).into_bytes(),
            422,
            "validation-failed",
        ),
        (br#"{"topic_id":"not-an-id","recording_policy":"keep"}"#.to_vec(), 422, "validation-failed"),
        (vec![b' '; 1024 * 1024 + 1], 413, "content-too-large"),
    ];
    for (body, status, slug) in cases {
        let mut request = maya.request(Method::POST, "/api/sessions", Some("k"), Some(json!({})));
        *request.body_mut() = Body::from(body);
        app.sends(0, request).await.is_refused(status, slug);
    }
    let nul = json!({
        "turns": [crate::support::turn("a", "coach", 0, 1, "\0")], "duration_ms": 1, "end_reason": "coach",
    });
    let session = maya.starts().await;
    maya.finalizes_under(0, session, "k", nul).await.is_refused(422, "validation-failed");
}

#[tokio::test]
async fn what_is_no_json_or_wants_none_is_refused() {
    let app = TestApp::start().await;
    let maya = app.learner();
    for kind in [Some("text/plain"), Some("application/json; charset=utf-16"), None] {
        let mut request = maya.request(Method::POST, "/api/sessions", Some("k"), Some(json!({})));
        request.headers_mut().remove("content-type");
        if let Some(kind) = kind {
            request.headers_mut().insert("content-type", kind.parse().unwrap());
        }
        app.sends(0, request).await.is_refused(415, "unsupported-media-type");
    }
    let mut request = maya.request(Method::GET, "/api/sessions", None, None);
    request.headers_mut().insert("accept", "application/xml".parse().unwrap());
    app.sends(0, request).await.is_refused(406, "not-acceptable");
}

#[tokio::test]
async fn keys_that_are_missing_or_none_are_refused() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let start = json!({"topic_id": app.topic, "recording_policy": "keep"});
    for (path, body) in [
        ("/api/sessions".to_owned(), Some(start)),
        (format!("/api/sessions/{session}/finalize"), Some(ending())),
        (format!("/api/sessions/{session}/rating"), None),
    ] {
        let without = maya.request(Method::POST, &path, None, body.clone());
        app.sends(0, without).await.is_refused(400, "idempotency-key-missing");
        for key in [&b"k".repeat(256)[..], "schlüssel".as_bytes(), b"tab\there", b""] {
            let mut request = maya.request(Method::POST, &path, None, body.clone());
            let value = http::HeaderValue::from_bytes(key).unwrap();
            request.headers_mut().insert(HeaderName::from_static("idempotency-key"), value);
            app.sends(0, request).await.is_refused(400, "malformed-request");
        }
    }
    maya.finalizes_under(0, session, &"k".repeat(255), ending()).await.is(200);
}

#[tokio::test]
async fn paths_and_methods_that_do_not_exist_are_refused() {
    let app = TestApp::start().await;
    let maya = app.learner();
    maya.gets("/api/sessions/not-an-id").await.is_refused(404, "not-found");
    maya.gets("/api/sessions/a/b/c").await.is_refused(404, "not-found");
    let patch =
        maya.request(Method::PATCH, &format!("/api/sessions/{}", Ids.mint::<SessionId>()), None, None);
    let answer = app.sends(0, patch).await;
    answer.is_refused(405, "method-not-allowed");
    assert!(answer.headers["allow"].to_str().unwrap().contains("DELETE"));
}

#[tokio::test]
async fn who_is_not_signed_in_or_comes_from_elsewhere_is_refused() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let id: SessionId = Ids.mint();
    for (method, path) in [
        (Method::GET, "/api/sessions".to_owned()),
        (Method::POST, "/api/sessions".to_owned()),
        (Method::GET, format!("/api/sessions/{id}")),
        (Method::DELETE, format!("/api/sessions/{id}")),
        (Method::PUT, format!("/api/sessions/{id}/transcript")),
        (Method::POST, format!("/api/sessions/{id}/finalize")),
        (Method::GET, format!("/api/sessions/{id}/events")),
        (Method::POST, format!("/api/sessions/{id}/rating")),
    ] {
        let nobody = Request::builder().method(method.clone()).uri(&path).header("origin", ORIGIN);
        app.sends(0, nobody.body(Body::empty()).unwrap()).await.is_refused(401, "unauthenticated");
        let mut forged = maya.request(method.clone(), &path, Some("k"), None);
        forged.headers_mut().insert("cookie", Learners::forged_cookie().parse().unwrap());
        let answer = app.sends(0, forged).await;
        answer.is_refused(401, "unauthenticated");
        assert!(answer.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
        if method != Method::GET {
            let mut elsewhere = maya.request(method, &path, Some("k"), None);
            elsewhere.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
            app.sends(0, elsewhere).await.is_refused(403, "csrf-rejected");
        }
    }
}
