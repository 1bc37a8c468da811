//! A tus client, in as many words as a test needs.

use super::{Answer, Practice, Replica};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Body, Method, RequestBuilder};

/// A learner's recorder that sends to one replica.
pub struct Recorder<'a> {
    replica: &'a Replica,
    practice: &'a Practice<'a>,
}

impl<'a> Recorder<'a> {
    pub fn new(practice: &'a Practice<'a>, replica: &'a Replica) -> Self {
        Self { replica, practice }
    }

    /// A request of any kind, as tus clients send it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}{path}", self.replica.address);
        let request = self.practice.app.browser.request(method, url).header("origin", super::ORIGIN);
        request.header("cookie", &self.practice.cookie).header("tus-resumable", "1.0.0")
    }

    /// What is said of a take of this session that begins there.
    pub fn metadata(&self, start_ms: u32) -> String {
        let said = [
            ("session", self.practice.session.to_string()),
            ("start_ms", start_ms.to_string()),
            ("filetype", "audio/webm;codecs=opus".to_owned()),
        ];
        metadata(&said)
    }

    /// Begins a take; its length is said later when it is not known.
    pub async fn begins(&self, start_ms: u32, length: Option<usize>) -> Take {
        let request =
            self.request(Method::POST, "/api/uploads").header("upload-metadata", self.metadata(start_ms));
        let request = match length {
            Some(length) => request.header("upload-length", length),
            None => request.header("upload-defer-length", "1"),
        };
        let answer = Answer::of(request.send().await.expect("an answer")).await.is(201);
        assert_eq!(answer.header("tus-resumable"), "1.0.0");
        Take { path: answer.header("location").to_owned() }
    }

    /// Sends a whole take of known length.
    pub async fn records(&self, start_ms: u32, sound: &[u8]) -> Take {
        let take = self.begins(start_ms, Some(sound.len())).await;
        self.sends(&take, 0, sound.to_vec()).await.is(204);
        take
    }

    /// The request with which bytes are sent, before it is sent.
    pub fn sending(&self, take: &Take, at: usize, body: impl Into<Body>) -> RequestBuilder {
        self.request(Method::PATCH, &take.path)
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", at)
            .body(body)
    }

    pub async fn sends(&self, take: &Take, at: usize, body: impl Into<Body>) -> Answer {
        Answer::of(self.sending(take, at, body).send().await.expect("an answer")).await
    }

    pub async fn asks(&self, take: &Take) -> Answer {
        Answer::of(self.request(Method::HEAD, &take.path).send().await.expect("an answer")).await
    }

    /// How many bytes of a take are durable.
    pub async fn offset(&self, take: &Take) -> usize {
        self.asks(take).await.is(200).header("upload-offset").parse().expect("a number")
    }

    pub async fn terminates(&self, take: &Take) -> Answer {
        Answer::of(self.request(Method::DELETE, &take.path).send().await.expect("an answer")).await
    }
}

/// A take as its sender knows it.
#[derive(Clone, Debug)]
pub struct Take {
    pub path: String,
}

impl Take {
    pub fn id(&self) -> &str {
        self.path.rsplit('/').next().expect("a path")
    }
}

pub fn metadata(said: &[(&str, String)]) -> String {
    let pairs = said.iter().map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value)));
    pairs.collect::<Vec<_>>().join(",")
}
