//! What is refused before anything is looked up.

use crate::support::{Answer, ORIGIN, TestApp};
use reqwest::Body;

#[tokio::test]
async fn a_body_that_is_not_what_we_ask_for_is_refused() {
    let app = TestApp::start().await;
    let maya = app.someone();
    let id = "01936c2e-5f1b-7a40-9c1e-2b7d8f3a6e10";
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let cases: Vec<(Vec<u8>, u16, &str)> = vec![
        (b"".to_vec(), 400, "malformed-request"),
        (b"{\"session_id\":".to_vec(), 400, "malformed-request"),
        (format!("{{\"session_id\":\"{id}\"}} x").into_bytes(), 400, "malformed-request"),
        (deep.into_bytes(), 400, "malformed-request"),
        (
            format!("{{\"session_id\":\"{id}\",\"session_id\":\"{id}\"}}").into_bytes(),
            400,
            "malformed-request",
        ),
        (b"{\"session_id\":\"\xff\"}".to_vec(), 400, "malformed-request"),
        (br#"{"session_id":"\ud800"}"#.to_vec(), 400, "malformed-request"),
        (br#"{"session_id":"a\u0000"}"#.to_vec(), 422, "validation-failed"),
        (br#"{"session_id":"not-a-uuid"}"#.to_vec(), 422, "validation-failed"),
        (br#"{"session_id":7}"#.to_vec(), 422, "validation-failed"),
        (br#"{"session_id":null}"#.to_vec(), 422, "validation-failed"),
        (b"{}".to_vec(), 422, "validation-failed"),
        (vec![b' '; 1024 * 1024 + 1], 413, "content-too-large"),
    ];
    for (body, status, slug) in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let sent = app.replicas[0].ask().header("cookie", &maya.cookie).body(body).send().await.unwrap();
        println!("{shown}");
        Answer::of(sent).await.refused_with(status, slug);
    }
}

#[tokio::test]
async fn a_learner_cannot_choose_the_model_the_voice_or_the_instructions() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    for field in ["model", "voice", "instructions", "owner_id", "learner_id", "max_duration_s"] {
        let body = format!(r#"{{"session_id":"{session}","{field}":"anything"}}"#);
        let sent = app.replicas[0].ask().header("cookie", &maya.cookie).body(body).send().await.unwrap();
        Answer::of(sent).await.refused_with(422, "validation-failed");
    }
    assert!(app.provider.asked().is_empty());
}

#[tokio::test]
async fn a_body_without_a_length_has_the_same_limit() {
    let app = TestApp::start().await;
    let maya = app.someone();
    let chunks = (0..1025).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1024]));
    let body = Body::wrap_stream(futures::stream::iter(chunks));
    let sent = app.replicas[0].ask().header("cookie", &maya.cookie).body(body).send().await.unwrap();
    Answer::of(sent).await.refused_with(413, "content-too-large");
}

#[tokio::test]
async fn only_json_is_read_and_only_json_is_sent() {
    let app = TestApp::start().await;
    let maya = app.someone();
    for (name, value, status, slug) in [
        ("content-type", "text/plain", 415, "unsupported-media-type"),
        ("content-type", "application/json; charset=utf-16", 415, "unsupported-media-type"),
        ("accept", "application/xml", 406, "not-acceptable"),
    ] {
        let url = format!("{}/api/realtime/session", app.replicas[0].url);
        let mut asking =
            reqwest::Client::new().post(url).header("origin", ORIGIN).header("cookie", &maya.cookie);
        asking = asking.header(name, value);
        if name != "content-type" {
            asking = asking.header("content-type", "application/json");
        }
        Answer::of(asking.body("{}").send().await.unwrap()).await.refused_with(status, slug);
    }
}

#[tokio::test]
async fn other_methods_are_not_offered() {
    let app = TestApp::start().await;
    let url = format!("{}/api/realtime/session", app.replicas[0].url);
    for method in [reqwest::Method::GET, reqwest::Method::PUT, reqwest::Method::DELETE] {
        let sent =
            reqwest::Client::new().request(method, &url).header("origin", ORIGIN).send().await.unwrap();
        let answer = Answer::of(sent).await;
        answer.refused_with(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), "POST");
    }
}

#[tokio::test]
async fn nobody_gets_a_secret_without_being_signed_in() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    let body = format!(r#"{{"session_id":"{session}"}}"#);
    let sent = app.replicas[0].ask().body(body.clone()).send().await.unwrap();
    Answer::of(sent).await.refused_with(401, "unauthenticated");

    let tampered = format!("{}x", maya.cookie);
    for cookie in [test_kit::Learners::forged_cookie(), tampered] {
        let sent = app.replicas[0].ask().header("cookie", cookie).body(body.clone()).send().await.unwrap();
        let answer = Answer::of(sent).await;
        answer.refused_with(401, "unauthenticated");
        assert!(answer.header("set-cookie").contains("Max-Age=0"));
    }
    assert!(app.provider.asked().is_empty());
}

#[tokio::test]
async fn pages_of_others_cannot_ask() {
    let app = TestApp::start().await;
    let (maya, session) = app.someone_practising();
    let url = format!("{}/api/realtime/session", app.replicas[0].url);
    for headers in [
        vec![("sec-fetch-site", "cross-site"), ("origin", ORIGIN)],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
        vec![],
    ] {
        let mut asking = reqwest::Client::new().post(&url).header("content-type", "application/json");
        for (name, value) in headers {
            asking = asking.header(name, value);
        }
        let body = format!(r#"{{"session_id":"{session}"}}"#);
        let sent = asking.header("cookie", &maya.cookie).body(body).send().await.unwrap();
        Answer::of(sent).await.refused_with(403, "csrf-rejected");
    }
    assert!(app.provider.asked().is_empty());
}
