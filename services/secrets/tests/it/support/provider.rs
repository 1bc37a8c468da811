//! A tiny provider that speaks the mint, the calls and the hang-up of the Realtime API.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use futures::stream;
use lifecycle::Lifecycle;
use problem::Path;
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Notify;

/// How it answers who wants a secret or a call.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// As the contract says.
    Agree,
    /// With an error.
    Fail { status: u16, retry_after: Option<&'static str>, body: String },
    /// With something that is no answer, and this status.
    Say { status: u16, body: &'static str },
    /// As the contract says, but not before it is told to.
    AgreeWhenTold(Arc<Notify>),
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
    /// The JSON that was sent: all of it to the mint, the session with an offer.
    pub body: Value,
    /// The browser's offer, in a call.
    pub offer: Option<Bytes>,
}

#[derive(Clone)]
pub struct FakeProvider {
    pub url: String,
    inside: Arc<Inside>,
}

struct Inside {
    behaviour: Mutex<Behaviour>,
    asked: Mutex<Vec<Asked>>,
    /// With which status the next hang-ups are answered; as the contract says when there is none.
    hang_ups_fail_with: Mutex<Option<u16>>,
    asked_to_hang_up: Mutex<Vec<String>>,
    hung_up: Mutex<Vec<String>>,
    /// How much of a flood was taken from it.
    megabytes: Arc<AtomicUsize>,
}

impl FakeProvider {
    pub async fn start(lifecycle: &Lifecycle) -> Self {
        let inside = Arc::new(Inside {
            behaviour: Mutex::new(Behaviour::Agree),
            asked: Mutex::default(),
            hang_ups_fail_with: Mutex::default(),
            asked_to_hang_up: Mutex::default(),
            hung_up: Mutex::default(),
            megabytes: Arc::default(),
        });
        let router = Router::new()
            .route("/v1/realtime/client_secrets", post(mint))
            .route("/v1/realtime/calls", post(call))
            .route("/v1/realtime/calls/{call}/hangup", post(hang_up))
            .route("/elsewhere", post(mint))
            .with_state(inside.clone());
        Self { url: super::serve(lifecycle, router).await, inside }
    }

    pub fn behave(&self, behaviour: Behaviour) {
        *self.inside.behaviour.lock().unwrap() = behaviour;
    }

    /// Everything it was asked so far, hang-ups aside.
    pub fn asked(&self) -> Vec<Asked> {
        self.inside.asked.lock().unwrap().clone()
    }

    /// How many megabytes of a flood were taken from it.
    pub fn megabytes(&self) -> usize {
        self.inside.megabytes.load(Ordering::SeqCst)
    }

    /// From now on every hang-up is answered with this status.
    pub fn fail_hang_ups(&self, status: u16) {
        *self.inside.hang_ups_fail_with.lock().unwrap() = Some(status);
    }

    pub fn hang_up_again(&self) {
        *self.inside.hang_ups_fail_with.lock().unwrap() = None;
    }

    /// The calls it was asked to hang up, whether or not it did.
    pub fn asked_to_hang_up(&self) -> Vec<String> {
        self.inside.asked_to_hang_up.lock().unwrap().clone()
    }

    /// The calls it hung up, in the order in which that was.
    pub fn hung_up(&self) -> Vec<String> {
        self.inside.hung_up.lock().unwrap().clone()
    }
}

/// The secret that answers the nth question.
pub fn secret(nth: usize) -> String {
    format!("ek_client-secret-canary-{nth}")
}

/// The call that answers the nth question.
pub fn call_name(nth: usize) -> String {
    format!("rtc_{nth}")
}

/// What it answers to an offer.
pub const ANSWER: &str = "v=0\r\no=- 7 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
                          a=ice-pwd:answer-canary\r\n";

async fn mint(State(inside): State<Arc<Inside>>, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).expect("we send JSON");
    let nth = inside.was_asked(Asked { headers, body: body.clone(), offer: None });
    let expires_at = clock::Clock::System.now().unix_timestamp() + 60;
    let minted = json!({"value": secret(nth), "expires_at": expires_at, "session": body["session"]});
    inside.answer((StatusCode::OK, minted.to_string()).into_response()).await
}

async fn call(State(inside): State<Arc<Inside>>, headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers[header::CONTENT_TYPE].to_str().unwrap();
    let boundary = multer::parse_boundary(kind).expect("we send a form");
    let whole = stream::once(async { Ok::<_, std::convert::Infallible>(body) });
    let mut form = multer::Multipart::new(whole, boundary);
    let (mut offer, mut session) = (None, Value::Null);
    while let Some(field) = form.next_field().await.expect("the form can be read") {
        let kind = field.content_type().expect("every part says what it is").to_string();
        match (field.name().unwrap(), kind.as_str()) {
            ("sdp", "application/sdp") => offer = Some(field.bytes().await.unwrap()),
            ("session", "application/json") => {
                session = serde_json::from_slice(&field.bytes().await.unwrap()).expect("we send JSON");
            }
            part => panic!("the contract knows no part {part:?}"),
        }
    }
    assert!(offer.is_some(), "the contract asks for an offer");
    let nth = inside.was_asked(Asked { headers, body: session, offer });
    let at = format!("/v1/realtime/calls/{}", call_name(nth));
    let kind = "application/sdp".to_owned();
    let answered = (StatusCode::CREATED, [(header::LOCATION, at), (header::CONTENT_TYPE, kind)], ANSWER);
    inside.answer(answered.into_response()).await
}

async fn hang_up(
    State(inside): State<Arc<Inside>>,
    Path(call): Path<String>,
    headers: HeaderMap,
) -> StatusCode {
    assert_eq!(headers[header::AUTHORIZATION], format!("Bearer {}", super::KEY));
    inside.asked_to_hang_up.lock().unwrap().push(call.clone());
    if let Some(status) = *inside.hang_ups_fail_with.lock().unwrap() {
        return StatusCode::from_u16(status).unwrap();
    }
    let mut hung_up = inside.hung_up.lock().unwrap();
    if hung_up.contains(&call) {
        return StatusCode::NOT_FOUND;
    }
    hung_up.push(call);
    StatusCode::OK
}

impl Inside {
    fn was_asked(&self, asked: Asked) -> usize {
        let mut all = self.asked.lock().unwrap();
        all.push(asked);
        all.len()
    }

    /// The answer of the contract, or what is given instead.
    async fn answer(&self, right: Response) -> Response {
        let behaviour = self.behaviour.lock().unwrap().clone();
        if let Behaviour::AgreeWhenTold(told) = &behaviour {
            told.notified().await;
        }
        match behaviour {
            Behaviour::Agree | Behaviour::AgreeWhenTold(_) => right,
            Behaviour::Fail { status, retry_after, body } => {
                let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
                if let Some(when) = retry_after {
                    response.headers_mut().insert("retry-after", when.parse().unwrap());
                }
                response
            }
            Behaviour::Say { status, body } => {
                let headers = right.headers().clone();
                (StatusCode::from_u16(status).unwrap(), headers_of_a_call(&headers), body).into_response()
            }
            Behaviour::Hang => std::future::pending().await,
            Behaviour::Flood => {
                let megabyte = Bytes::from(vec![b' '; 1024 * 1024]);
                let taken = self.megabytes.clone();
                let chunks = std::iter::repeat_n(megabyte, 100).map(Ok::<_, std::io::Error>);
                let chunks = chunks.inspect(move |_| {
                    taken.fetch_add(1, Ordering::SeqCst);
                });
                let headers = right.headers().clone();
                (right.status(), headers_of_a_call(&headers), Body::from_stream(stream::iter(chunks)))
                    .into_response()
            }
            Behaviour::Redirect => {
                (StatusCode::TEMPORARY_REDIRECT, [("location", "/elsewhere")]).into_response()
            }
        }
    }
}

/// Where a call is kept, if this is the answer to one.
fn headers_of_a_call(headers: &HeaderMap) -> HeaderMap {
    let at = headers.get(header::LOCATION);
    HeaderMap::from_iter(at.map(|at| (header::LOCATION, at.clone())))
}
