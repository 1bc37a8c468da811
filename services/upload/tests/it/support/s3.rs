//! A real S3 wire over a folder, which can be told to fail.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering::SeqCst},
    },
};
use tempfile::TempDir;
use tokio::sync::watch;

pub const ACCESS_KEY: &str = "test-access";
pub const SECRET_KEY: &str = "test-secret";
const BUCKET: &str = "recordings";

pub struct TestS3 {
    port: u16,
    folder: TempDir,
    faults: Arc<Faults>,
}

/// What storage does wrong, and what it saw.
pub struct Faults {
    /// Requests that are still refused.
    refusals: AtomicI64,
    lose_completion: AtomicBool,
    find_nothing: AtomicBool,
    parts_pass: watch::Sender<bool>,
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
            find_nothing: AtomicBool::new(false),
            parts_pass: watch::Sender::new(true),
            parts_now: AtomicUsize::new(0),
            parts_most: AtomicUsize::new(0),
            parts_seen: AtomicUsize::new(0),
        });
        let routes = Router::new().fallback(answer).with_state((builder.build(), faults.clone()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its number").port();
        #[expect(clippy::disallowed_methods, reason = "it lives as long as the test's runtime")]
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { port, folder, faults }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Refuses that many requests with a 503.
    pub fn refuses(&self, requests: i64) {
        self.faults.refusals.store(requests, SeqCst);
    }

    /// Completes the next multipart upload and says that it failed.
    pub fn loses_the_next_completion(&self) {
        self.faults.lose_completion.store(true, SeqCst);
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
    let part = request.method() == Method::PUT && query.contains("partNumber=");
    let completion = request.method() == Method::POST && query.contains("uploadId=");
    if part {
        let _counted = Counted::new(&faults);
        let mut pass = faults.parts_pass.subscribe();
        let _ = pass.wait_for(|&pass| pass).await;
        return pass_on(&s3, request).await;
    }
    let looks = completion || request.method() == Method::HEAD || query.contains("uploadId=");
    if looks && faults.find_nothing.load(SeqCst) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let answer = pass_on(&s3, request).await;
    if completion && faults.lose_completion.swap(false, SeqCst) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    answer
}

async fn pass_on(s3: &S3Service, request: Request) -> Response {
    match s3.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(answer) => answer.map(Body::new),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
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
