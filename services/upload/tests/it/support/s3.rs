//! A real S3 wire over a folder, which can be told to fail.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

pub const ACCESS_KEY: &str = "test-access";
pub const SECRET_KEY: &str = "test-secret";
pub const BUCKET: &str = "recordings";

pub struct TestS3 {
    address: SocketAddr,
    folder: TempDir,
    faults: Arc<Faults>,
}

/// What storage does wrong, and what it saw.
pub struct Faults {
    /// Requests that are still refused.
    refusals: AtomicI64,
    lose_completion: AtomicBool,
    /// What the next completion is answered with instead, and whether it is carried out.
    odd_completion: Mutex<Option<(Odd, bool)>>,
    /// Of a hundred requests that change something, so many fail.
    failing: AtomicU64,
    drawn: AtomicU64,
    failed_parts: AtomicUsize,
    here: watch::Sender<bool>,
    find_nothing: AtomicBool,
    parts_pass: watch::Sender<bool>,
    stalling: watch::Sender<bool>,
    /// After so many bytes of what is read next, nothing more comes.
    silent_after: Mutex<Option<usize>>,
    change_part: AtomicBool,
    parts_now: AtomicUsize,
    parts_most: AtomicUsize,
    parts_seen: AtomicUsize,
}

impl TestS3 {
    pub async fn start() -> Self {
        let folder = TempDir::new().expect("a folder for objects");
        fs::create_dir(folder.path().join(BUCKET)).expect("a bucket");
        let files = FileSystem::new(folder.path()).expect("the folder is a file system");
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let faults = Arc::new(Faults {
            refusals: AtomicI64::new(0),
            lose_completion: AtomicBool::new(false),
            odd_completion: Mutex::new(None),
            failing: AtomicU64::new(0),
            drawn: AtomicU64::new(0),
            failed_parts: AtomicUsize::new(0),
            here: watch::Sender::new(true),
            find_nothing: AtomicBool::new(false),
            parts_pass: watch::Sender::new(true),
            stalling: watch::Sender::new(false),
            silent_after: Mutex::new(None),
            change_part: AtomicBool::new(false),
            parts_now: AtomicUsize::new(0),
            parts_most: AtomicUsize::new(0),
            parts_seen: AtomicUsize::new(0),
        });
        let routes = Router::new().fallback(answer).with_state((builder.build(), faults.clone()));
        let address = test_kit::own_address();
        let listener = TcpListener::bind(address).await.expect("nobody else listens there");
        let here = faults.here.subscribe();
        #[expect(clippy::disallowed_methods, reason = "it lives as long as the test's runtime")]
        tokio::spawn(serve(listener, routes, here));
        Self { address, folder, faults }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Refuses that many requests with a 503.
    pub fn refuses(&self, requests: i64) {
        self.faults.refusals.store(requests, SeqCst);
    }

    /// Completes the next multipart upload and says that it failed.
    pub fn loses_the_next_completion(&self) {
        self.faults.lose_completion.store(true, SeqCst);
    }

    /// Refuses connections, and breaks those there are.
    pub fn goes_away(&self) {
        self.faults.here.send_replace(false);
    }

    /// Listens again.
    pub fn comes_back(&self) {
        self.faults.here.send_replace(true);
    }

    /// Answers the next completion oddly, and carries it out or not.
    pub fn completes_oddly(&self, odd: Odd, done: bool) {
        *self.faults.odd_completion.lock().expect("nobody panicked") = Some((odd, done));
    }

    /// Of a hundred requests that change something, fails so many from now on, with 500 or 503.
    pub fn fails(&self, of_a_hundred: u64) {
        self.faults.failing.store(of_a_hundred, SeqCst);
    }

    /// How many parts were refused by chance.
    pub fn failed_parts(&self) -> usize {
        self.faults.failed_parts.load(SeqCst)
    }

    /// Answers everything about an upload in parts, and every look at an object, with a 404 that says no more.
    pub fn finds_nothing(&self, nothing: bool) {
        self.faults.find_nothing.store(nothing, SeqCst);
    }

    /// Lets parts wait from now on.
    pub fn holds_parts(&self) {
        self.faults.parts_pass.send_replace(false);
    }

    /// Lets parts through again.
    pub fn lets_parts_pass(&self) {
        self.faults.parts_pass.send_replace(true);
    }

    /// Takes every byte of whatever changes something, and then says nothing.
    pub fn stalls(&self) {
        self.faults.stalling.send_replace(true);
    }

    /// Gives up what stalled, without having kept it, and goes on as usual.
    pub fn goes_on(&self) {
        self.faults.stalling.send_replace(false);
    }

    /// Gives out so many bytes of what is read next, and then says nothing.
    pub fn falls_silent_after(&self, bytes: usize) {
        *self.faults.silent_after.lock().expect("nobody panicked") = Some(bytes);
    }

    /// Changes a bit of the next part before storage sees it.
    pub fn changes_the_next_part(&self) {
        self.faults.change_part.store(true, SeqCst);
    }

    /// How many parts are being sent.
    pub fn parts_now(&self) -> usize {
        self.faults.parts_now.load(SeqCst)
    }

    /// How many parts were being sent at once, at most.
    pub fn parts_most(&self) -> usize {
        self.faults.parts_most.load(SeqCst)
    }

    /// How many parts were sent.
    pub fn parts_seen(&self) -> usize {
        self.faults.parts_seen.load(SeqCst)
    }

    /// The files objects lie in.
    pub fn objects(&self) -> Vec<PathBuf> {
        files(&self.folder.path().join(BUCKET))
    }

    /// Everything left in storage, parts of unfinished uploads included.
    pub fn leftovers(&self) -> Vec<PathBuf> {
        files(self.folder.path())
    }
}

/// How a completion is answered, whatever became of it.
#[derive(Clone, Copy, Debug)]
pub enum Odd {
    /// With a 200 that says in its body that it failed.
    ErrorWithin200,
    /// With an answer that breaks off.
    BrokenOff,
    /// As one that went well.
    WentWell,
}

impl Odd {
    fn answer(self) -> Response {
        match self {
            Self::ErrorWithin200 => {
                let error = "<Error><Code>InternalError</Code><Message>We are sorry</Message></Error>";
                ([("content-type", "application/xml")], error).into_response()
            }
            Self::WentWell => {
                let result =
                    "<CompleteMultipartUploadResult><ETag>\"one\"</ETag></CompleteMultipartUploadResult>";
                ([("content-type", "application/xml")], result).into_response()
            }
            Self::BrokenOff => {
                let broken = futures::stream::iter([Err::<Vec<u8>, _>(std::io::Error::other("broken off"))]);
                Body::from_stream(broken).into_response()
            }
        }
    }
}

/// Answers connections while it is here; without a listener, nobody is.
async fn serve(listener: TcpListener, routes: Router, mut here: watch::Receiver<bool>) {
    let address = listener.local_addr().expect("its address");
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        if *here.borrow_and_update() {
            if listener.is_none() {
                listener = Some(TcpListener::bind(address).await.expect("its port is free"));
            }
        } else {
            listener = None;
            connections.shutdown().await;
        }
        tokio::select! {
            accepted = async { listener.as_ref().expect("it is here").accept().await }, if listener.is_some() => {
                let Ok((stream, _)) = accepted else { continue };
                let service = TowerToHyperService::new(routes.clone());
                connections.spawn(async move {
                    Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await
                });
            }
            changed = here.changed() => if changed.is_err() { return },
        }
    }
}

/// Files below a folder that hold somebody's bytes: attributes of objects are not among them.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_none_or(|extension| extension != "json") {
            found.push(path);
        }
    }
    found
}

async fn answer(State((s3, faults)): State<(S3Service, Arc<Faults>)>, request: Request) -> Response {
    if faults.refusals.fetch_update(SeqCst, SeqCst, |left| (left > 0).then(|| left - 1)).is_ok() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let query = request.uri().query().unwrap_or("");
    let changes = request.method() != Method::GET && request.method() != Method::HEAD;
    if changes && faults.strikes() {
        if query.contains("partNumber=") {
            faults.failed_parts.fetch_add(1, SeqCst);
        }
        let slow_down = faults.drawn.load(SeqCst).is_multiple_of(2);
        return if slow_down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR }
            .into_response();
    }
    let part = request.method() == Method::PUT && query.contains("partNumber=");
    let completion = request.method() == Method::POST && query.contains("uploadId=");
    let _counted = part.then(|| Counted::new(&faults));
    if changes && *faults.stalling.borrow() {
        request.into_body().into_data_stream().for_each(async |_| ()).await;
        let _ = faults.stalling.subscribe().wait_for(|&stalling| !stalling).await;
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if part {
        let mut pass = faults.parts_pass.subscribe();
        let _ = pass.wait_for(|&pass| pass).await;
        let request = if faults.change_part.swap(false, SeqCst) { changed(request).await } else { request };
        return pass_on(&s3, request).await;
    }
    let looks = completion || request.method() == Method::HEAD || query.contains("uploadId=");
    if looks && faults.find_nothing.load(SeqCst) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let reads = request.method() == Method::GET && query.contains("x-id=GetObject");
    let silent_after = if reads { faults.silent_after.lock().expect("nobody panicked").take() } else { None };
    let odd = if completion { faults.odd_completion.lock().expect("nobody panicked").take() } else { None };
    if let Some((odd, done)) = odd {
        if done {
            pass_on(&s3, request).await;
        }
        return odd.answer();
    }
    let answer = pass_on(&s3, request).await;
    if completion && faults.lose_completion.swap(false, SeqCst) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    match silent_after {
        Some(bytes) => silent(answer, bytes).await,
        None => answer,
    }
}

async fn silent(answer: Response, after: usize) -> Response {
    let (head, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("the whole object").slice(..after);
    let begun = futures::stream::once(async { Ok::<_, std::io::Error>(bytes) });
    Response::from_parts(head, Body::from_stream(begun.chain(futures::stream::pending())))
}

async fn changed(request: Request) -> Request {
    let (head, body) = request.into_parts();
    let mut bytes = to_bytes(body, usize::MAX).await.expect("the whole part").to_vec();
    *bytes.last_mut().expect("a part has bytes") ^= 1;
    Request::from_parts(head, bytes.into())
}

async fn pass_on(s3: &S3Service, request: Request) -> Response {
    match s3.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(answer) => answer.map(Body::new),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Faults {
    /// Whether chance strikes now; the same in every run, as far as requests come in the same order.
    fn strikes(&self) -> bool {
        let draw = self.drawn.fetch_add(1, SeqCst);
        let mixed = (draw + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 29)) % 100 < self.failing.load(SeqCst)
    }
}

struct Counted<'a>(&'a Faults);

impl<'a> Counted<'a> {
    fn new(faults: &'a Faults) -> Self {
        faults.parts_seen.fetch_add(1, SeqCst);
        let now = faults.parts_now.fetch_add(1, SeqCst) + 1;
        faults.parts_most.fetch_max(now, SeqCst);
        Self(faults)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.parts_now.fetch_sub(1, SeqCst);
    }
}
