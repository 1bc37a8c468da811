//! A learner who practises with a simple client.

use super::Product;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures::stream;
use reqwest::{
    Body, Client, Method, RequestBuilder, Response, StatusCode,
    header::{self, HeaderMap, HeaderValue},
};
use serde_json::{Value, json};
use std::{convert::Infallible, process::Command};
use test_kit::eventually;

const EMAIL: &str = "maya@learners.example";
const PASSWORD: &str = "corkvine under glass";

/// Signed in on one browser.
pub struct Learner<'a> {
    product: &'a Product,
    browser: Client,
    cookies: String,
}

impl<'a> Learner<'a> {
    /// Registers and signs in.
    pub async fn registers(product: &'a Product) -> Self {
        let given = json!({"email": EMAIL, "password": PASSWORD, "display_name": "Maya"});
        let url = product.url("accounts", "/api/auth/register");
        let answer = browser().post(url).json(&given).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        Self::signs_in(product).await
    }

    /// Signs in to the account she has.
    pub async fn signs_in(product: &'a Product) -> Self {
        let browser = browser();
        let given = json!({"email": EMAIL, "password": PASSWORD});
        let url = product.url("accounts", "/api/auth/sign-in");
        let answer = browser.post(url).json(&given).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let cookies = answer.headers().get_all(header::SET_COOKIE).iter();
        let cookies = cookies.filter_map(|line| line.to_str().ok()?.split(';').next()).collect::<Vec<_>>();
        Self { product, browser, cookies: cookies.join("; ") }
    }

    /// Whether her login can still be refreshed.
    pub async fn can_refresh(cookies: &str, product: &Product) -> bool {
        let url = product.url("accounts", "/api/auth/refresh");
        let answer = browser().post(url).header(header::COOKIE, cookies).send().await.unwrap();
        answer.status().is_success()
    }

    /// What her browser keeps.
    pub fn cookies(&self) -> &str {
        &self.cookies
    }

    /// Practises from start to end, with so many seconds recorded, and waits until it can be replayed and is rated.
    pub async fn practises(&self, key: &str, seconds: u32) -> String {
        let session = self.starts(key).await;
        let upload = format!("/api/sessions/{session}/upload");
        let upload = self.asks(Method::POST, "upload", &upload).header(header::CONTENT_TYPE, "audio/webm");
        assert_eq!(upload.body(recording(seconds)).send().await.unwrap().status(), StatusCode::CREATED);
        let ending = json!({
            "turns": [{
                "item_id": "one", "speaker": "learner", "start_ms": 0, "end_ms": 1200, "text": key,
                "state": "complete", "call": 0,
            }],
            "duration_ms": 2000,
            "end_reason": "learner",
        });
        self.sends(&format!("/api/sessions/{session}/finalize"), &format!("end-{key}"), &ending).await;
        eventually("the session is whole", async || {
            let session = self.looks_at(&session).await?;
            (session["recording"]["state"] == "ready" && session["rating"]["state"] == "ready").then_some(())
        })
        .await;
        session
    }

    /// Starts a practice of which the recording is kept.
    async fn starts(&self, key: &str) -> String {
        let topics = self.asks(Method::GET, "topics", "/api/topics").send().await.unwrap();
        let topics: Value = topics.json().await.unwrap();
        let wanted = json!({"topic_id": topics["topics"][0]["id"], "recording_policy": "keep"});
        let started = self.sends("/api/sessions", &format!("start-{key}"), &wanted).await;
        started["id"].as_str().unwrap().to_owned()
    }

    /// Starts a practice and sends a take of so many mebibytes of noise, all of it in one request; how it was answered.
    pub async fn sends_a_take(&self, key: &str, mebibytes: u64) -> Response {
        let session = BASE64_STANDARD.encode(self.starts(key).await);
        let metadata = format!(
            "session {session},start_ms {},filetype {}",
            BASE64_STANDARD.encode("0"),
            BASE64_STANDARD.encode("audio/webm")
        );
        let length = mebibytes << 20;
        let take = self
            .asks(Method::POST, "upload", "/api/uploads")
            .header("tus-resumable", "1.0.0")
            .header("upload-length", length)
            .header("upload-metadata", metadata);
        let take = take.send().await.unwrap().error_for_status().unwrap();
        let place = take.headers()[header::LOCATION].to_str().unwrap();
        let noise: Bytes =
            (0..1_u32 << 18).flat_map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let noise = stream::iter((0..mebibytes).map(move |_| Ok::<_, Infallible>(noise.clone())));
        self.asks(Method::PATCH, "upload", place)
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", 0)
            .header(header::CONTENT_TYPE, "application/offset+octet-stream")
            .header(header::CONTENT_LENGTH, length)
            .body(Body::wrap_stream(noise))
            .send()
            .await
            .unwrap()
    }

    /// The session with its words; none when there is no such session.
    pub async fn looks_at(&self, session: &str) -> Option<Value> {
        let answer = self.asks(Method::GET, "sessions", &format!("/api/sessions/{session}")).send().await;
        let answer = answer.unwrap();
        match answer.status() {
            StatusCode::NOT_FOUND => None,
            _ => Some(answer.error_for_status().unwrap().json().await.unwrap()),
        }
    }

    /// What she hears when she plays the recording; none when there is none.
    pub async fn plays(&self, session: &str) -> Option<Vec<u8>> {
        let answer = self.asks(Method::GET, "upload", &format!("/api/sessions/{session}/audio")).send().await;
        let answer = answer.unwrap();
        match answer.status() {
            StatusCode::NOT_FOUND => None,
            _ => Some(answer.error_for_status().unwrap().bytes().await.unwrap().to_vec()),
        }
    }

    pub async fn deletes(&self, session: &str) {
        let answer = self.asks(Method::DELETE, "sessions", &format!("/api/sessions/{session}")).send().await;
        answer.unwrap().error_for_status().unwrap();
    }

    async fn sends(&self, path: &str, key: &str, body: &Value) -> Value {
        let request = self.asks(Method::POST, "sessions", path).header("idempotency-key", key).json(body);
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }

    fn asks(&self, method: Method, service: &str, path: &str) -> RequestBuilder {
        self.browser.request(method, self.product.url(service, path)).header(header::COOKIE, &self.cookies)
    }
}

/// So many seconds of a tone on the left.
fn recording(seconds: u32) -> Vec<u8> {
    let tone = format!("aevalsrc='0.8*sin(880*PI*t)|0':d={seconds}:s=48000");
    let made = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-f", "lavfi", "-i", &tone, "-c:a", "libopus", "-f", "webm", "pipe:1"])
        .output()
        .expect("ffmpeg runs");
    assert!(made.status.success(), "{made:?}");
    made.stdout
}

/// Sends as a page of ours does.
fn browser() -> Client {
    let mut sent = HeaderMap::new();
    sent.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
    Client::builder().default_headers(sent).build().unwrap()
}
