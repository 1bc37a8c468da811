//! A real S3 wire over a folder, which can be told to fail.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use futures::{StreamExt as _, stream};
use lifecycle::Lifecycle;
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use std::{
    fs, io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
};
use tempfile::TempDir;
use tokio::net::TcpListener;

const ACCESS_KEY: &str = "test-access";
const SECRET_KEY: &str = "test-secret";
const BUCKET: &str = "recordings";

pub struct Storage {
    port: u16,
    folder: TempDir,
    faults: Arc<Faults>,
}

/// What storage still does wrong.
#[derive(Default)]
struct Faults {
    refusals: AtomicU32,
    broken: AtomicU32,
}

impl Storage {
    pub async fn start(lifecycle: &Lifecycle) -> Self {
        let folder = TempDir::new().expect("a folder for objects");
        fs::create_dir(folder.path().join(BUCKET)).expect("a bucket");
        let files = FileSystem::new(folder.path()).expect("the folder is a file system");
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let faults = Arc::<Faults>::default();
        let routes = Router::new().fallback(answer).with_state((builder.build(), faults.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its number").port();
        lifecycle.spawn(async move { axum::serve(listener, routes).await.expect("it never ends") });
        Self { port, folder, faults }
    }

    pub fn settings(&self) -> [(String, String); 4] {
        [
            ("S3_ENDPOINT", format!("http://127.0.0.1:{}", self.port)),
            ("S3_ACCESS_KEY", ACCESS_KEY.to_owned()),
            ("S3_SECRET_KEY", SECRET_KEY.to_owned()),
            ("S3_BUCKET", BUCKET.to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
    }

    /// Refuses that many requests with a 503.
    pub fn refuses(&self, requests: u32) {
        self.faults.refusals.store(requests, SeqCst);
    }

    /// Breaks off after the first byte of an object that is read, that many times.
    pub fn breaks_off(&self, times: u32) {
        self.faults.broken.store(times, SeqCst);
    }

    /// The file an object lies in.
    pub fn file(&self, key: &str) -> PathBuf {
        self.folder.path().join(BUCKET).join(key)
    }

    /// Puts an object there.
    pub fn holds(&self, key: &str, bytes: &[u8]) {
        let file = self.file(key);
        fs::create_dir_all(file.parent().expect("a bucket")).expect("a folder");
        fs::write(file, bytes).expect("an object");
    }

    /// How many objects there are.
    pub fn objects(&self) -> usize {
        let mut folders = vec![self.file("")];
        let mut objects = 0;
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder").flatten() {
                match entry.path() {
                    path if path.is_dir() => folders.push(path),
                    _ => objects += 1,
                }
            }
        }
        objects
    }
}

async fn answer(State((s3, faults)): State<(S3Service, Arc<Faults>)>, request: Request) -> Response {
    if is_due(&faults.refusals) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let breaks_off =
        request.uri().query().is_some_and(|query| query.contains("x-id=GetObject")) && is_due(&faults.broken);
    let (head, body) = match s3.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(answer) => answer.map(Body::new).into_parts(),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    if !breaks_off {
        return Response::from_parts(head, body);
    }
    let first = to_bytes(body, usize::MAX).await.expect("the whole object").slice(..1);
    let begun = stream::once(async { Ok(first) });
    // What has nothing more to say for a moment is sent, and then breaks off.
    let broken = stream::once(async {
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    Response::from_parts(head, Body::from_stream(begun.chain(broken)))
}

/// Whether it is still to be done; once less from now on.
fn is_due(times: &AtomicU32) -> bool {
    times.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok()
}
