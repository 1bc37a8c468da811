//! A real S3 wire over a folder.

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use lifecycle::Lifecycle;
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use std::{fs, path::PathBuf};
use tempfile::TempDir;
use tokio::net::TcpListener;

const ACCESS_KEY: &str = "test-access";
const SECRET_KEY: &str = "test-secret";
const BUCKET: &str = "recordings";

pub struct Storage {
    port: u16,
    folder: TempDir,
}

impl Storage {
    pub async fn start(lifecycle: &Lifecycle) -> Self {
        let folder = TempDir::new().expect("a folder for objects");
        fs::create_dir(folder.path().join(BUCKET)).expect("a bucket");
        let files = FileSystem::new(folder.path()).expect("the folder is a file system");
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = builder.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its number").port();
        let life = lifecycle.clone();
        lifecycle.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = service.clone();
                life.spawn(async move {
                    let server = Builder::new(TokioExecutor::new());
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { port, folder }
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
