//! A tiny provider that speaks the mint of the Realtime API.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use futures::stream;
use lifecycle::Lifecycle;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// How it answers.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// As the contract says.
    Mint,
    /// With an error.
    Fail { status: u16, retry_after: Option<&'static str>, body: String },
    /// With something that is no answer, and this status.
    Say { status: u16, body: &'static str },
    /// As the contract says, but not before it is told to.
    MintWhenTold(Arc<Notify>),
    /// Never.
    Hang,
    /// With a hundred megabytes.
    Flood,
    /// By sending the caller, and its key, elsewhere.
    Redirect,
}

impl Behaviour {
    pub fn status(status: u16) -> Self {
        Self::Fail { status, retry_after: None, body: r#"{"error":{"message":"no","type":"t"}}"#.to_owned() }
    }
}

/// One question it was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub headers: HeaderMap,
    pub body: Value,
}

#[derive(Clone)]
pub struct FakeProvider {
    pub url: String,
    inside: Arc<Inside>,
}

struct Inside {
    behaviour: Mutex<Behaviour>,
    asked: Mutex<Vec<Asked>>,
}

impl FakeProvider {
    pub async fn start(lifecycle: &Lifecycle) -> Self {
        let inside = Arc::new(Inside { behaviour: Mutex::new(Behaviour::Mint), asked: Mutex::default() });
        let router = Router::new()
            .route("/v1/realtime/client_secrets", post(answer))
            .route("/elsewhere", post(answer))
            .with_state(inside.clone());
        Self { url: super::serve(lifecycle, router).await, inside }
    }

    pub fn behave(&self, behaviour: Behaviour) {
        *self.inside.behaviour.lock().unwrap() = behaviour;
    }

    /// Everything it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.inside.asked.lock().unwrap().clone()
    }
}

/// The secret of the nth call.
pub fn secret(nth: usize) -> String {
    format!("ek_client-secret-canary-{nth}")
}

async fn answer(State(inside): State<Arc<Inside>>, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).expect("we send JSON");
    let nth = {
        let mut asked = inside.asked.lock().unwrap();
        asked.push(Asked { headers, body: body.clone() });
        asked.len()
    };
    let behaviour = inside.behaviour.lock().unwrap().clone();
    if let Behaviour::MintWhenTold(told) = &behaviour {
        told.notified().await;
    }
    match behaviour {
        Behaviour::Mint | Behaviour::MintWhenTold(_) => {
            let expires_at = clock::Clock::System.now().unix_timestamp() + 60;
            let minted = json!({"value": secret(nth), "expires_at": expires_at, "session": body["session"]});
            (StatusCode::OK, minted.to_string()).into_response()
        }
        Behaviour::Fail { status, retry_after, body } => {
            let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
            if let Some(when) = retry_after {
                response.headers_mut().insert("retry-after", when.parse().unwrap());
            }
            response
        }
        Behaviour::Say { status, body } => (StatusCode::from_u16(status).unwrap(), body).into_response(),
        Behaviour::Hang => std::future::pending().await,
        Behaviour::Flood => {
            let megabyte = Bytes::from(vec![b' '; 1024 * 1024]);
            let chunks = std::iter::repeat_n(megabyte, 100).map(Ok::<_, std::io::Error>);
            Body::from_stream(stream::iter(chunks)).into_response()
        }
        Behaviour::Redirect => (StatusCode::TEMPORARY_REDIRECT, [("location", "/elsewhere")]).into_response(),
    }
}
