//! A coach to talk to.

use std::{future::Future, time::Duration};

use axum::{Router, body::Body};
use clock::Clock;
use coach::{App, Config};
use environment::Environment;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use lifecycle::Lifecycle;
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub const KEY: &str = "test-key-of-the-coach";
pub const ORIGIN: &str = "http://127.0.0.1:8080";

/// A coach that stops when it is dropped.
pub struct TestCoach {
    pub routes: Router,
    pub clock: Clock,
    pub lifecycle: Lifecycle,
}

impl Drop for TestCoach {
    fn drop(&mut self) {
        self.lifecycle.stop();
    }
}

/// The command line of the recogniser: `TEST_RECOGNIZER`, or the one beside this crate with the machine's Python.
pub fn recognizer() -> Vec<String> {
    let beside = format!("python3 {}/recognizer/recognize.py", env!("CARGO_MANIFEST_DIR"));
    let command = Environment::of_this_process("test").text("TEST_RECOGNIZER", "Recogniser command", &beside);
    command.split_whitespace().map(str::to_owned).collect()
}

/// A coach with these settings on top of the usual ones.
pub async fn coach(extra: &[(&str, &str)]) -> TestCoach {
    let recognizer = recognizer().join(" ");
    let usual = [
        ("COACH_KEY", KEY),
        ("COACH_UDP_BIND", "127.0.0.1:0"),
        ("COACH_ADVERTISE", "127.0.0.1:0"),
        ("COACH_RECOGNIZER", recognizer.as_str()),
        ("PUBLIC_ORIGIN", ORIGIN),
    ];
    let values = usual.iter().chain(extra).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let config = Config::read(&Environment::of_values("coach", values)).expect("the settings are valid");
    let lifecycle = Lifecycle::new();
    let clock = Clock::manual(clock::from_millis(1_700_000_000_000));
    let app = App::build(config, clock.clone(), &lifecycle).await.expect("the coach starts");
    TestCoach { routes: app.routes(None), clock, lifecycle }
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.body))
    }

    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl TestCoach {
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.routes.clone().oneshot(request).await.expect("routes do not fail");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    pub async fn post(&self, path: &str, key: &str, kind: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, kind)
            .body(body.into())
            .expect("a request");
        self.send(request).await
    }

    pub async fn mint_with(&self, body: &Value) -> Answer {
        self.post("/v1/realtime/client_secrets", KEY, "application/json", body.to_string()).await
    }

    /// A secret for a session in which the learner is transcribed.
    pub async fn mint(&self, instructions: &str) -> String {
        let low = json!({"type": "semantic_vad", "eagerness": "low"});
        self.mint_for(instructions, &low, &Value::Null).await
    }

    /// A secret for a session in which turns end like this and the coach speaks at this pace.
    pub async fn mint_for(&self, instructions: &str, turn_detection: &Value, speed: &Value) -> String {
        let body = json!({
            "expires_after": {"anchor": "created_at", "seconds": 60},
            "session": {
                "type": "realtime", "model": "gpt-realtime", "instructions": instructions,
                "audio": {
                    "input": {
                        "transcription": {"model": "gpt-4o-mini-transcribe"},
                        "turn_detection": turn_detection
                    },
                    "output": {"speed": speed}
                }
            }
        });
        let answer = self.mint_with(&body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()["value"].as_str().expect("a secret").to_owned()
    }
}

/// Asks again and again until there is an answer.
pub async fn eventually<T, F, A>(what: &str, within: Duration, ask: F) -> T
where
    F: Fn() -> A,
    A: Future<Output = Option<T>>,
{
    let deadline = std::time::Instant::now() + within;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(std::time::Instant::now() < deadline, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
