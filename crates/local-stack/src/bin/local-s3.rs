//! An object store with the wire protocol of S3, over a folder.

use anyhow::Context as _;
use environment::Environment;
use hyper::service::{Service, service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use lifecycle::Lifecycle;
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use secrecy::ExposeSecret as _;
use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::net::TcpListener;

/// The pause after a connection that could not be accepted: out of file handles, the next would fail as well.
const BREATH: Duration = Duration::from_millis(100);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let env = Environment::of_this_process("local_s3");
    let address: SocketAddr =
        env.parsed("LOCAL_S3_HTTP_ADDR", "where it listens", "127.0.0.1:19000", "an address")?;
    let folder: PathBuf = env.required("LOCAL_S3_FOLDER", "where objects lie", "s3")?.into();
    let bucket = env.text("S3_BUCKET", "the bucket that exists from the start", "recordings");
    let access_key = env.required("S3_ACCESS_KEY", "who may ask", "key")?;
    let secret_key = env.secret("S3_SECRET_KEY", "how they prove it")?;

    make_bucket(&folder, &bucket)?;
    let files = FileSystem::new(&folder)
        .map_err(|error| anyhow::anyhow!("{error:?}"))
        .context("cannot open the folder")?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(access_key, secret_key.expose_secret()));
    let service = builder.build();

    let lifecycle = Lifecycle::from_signals()?;
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    println!("object store on {address}");
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = lifecycle.stopping() => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                eprintln!("cannot accept a connection: {error}");
                lifecycle.pause(BREATH).await;
                continue;
            }
        };
        let (service, answering, stopping) = (service.clone(), lifecycle.clone(), lifecycle.clone());
        // What was asked is done to its end, also when whoever asked is gone: the parts of an upload whose completion was
        // broken off would be neither an upload any more nor an object.
        let service = service_fn(move |request| {
            let answer = answering.spawn(Service::call(&service, request));
            async move { answer.await.map_err(io::Error::other)?.map_err(io::Error::other) }
        });
        lifecycle.spawn(async move {
            let server = Builder::new(TokioExecutor::new());
            let connection = server.serve_connection(TokioIo::new(stream), service);
            tokio::pin!(connection);
            // What goes wrong on a connection is the client's to notice.
            tokio::select! {
                _ = connection.as_mut() => return,
                () = stopping.stopping() => connection.as_mut().graceful_shutdown(),
            }
            let _ = connection.await;
        });
    }
    lifecycle.drained().await;
    Ok(())
}

/// A bucket is a folder in the folder.
fn make_bucket(folder: &Path, bucket: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        bucket.len() >= 3
            && bucket.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
        "not the name of a bucket: {bucket}"
    );
    std::fs::create_dir_all(folder.join(bucket)).with_context(|| format!("cannot make {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_cannot_lie_outside_the_folder() {
        assert!(make_bucket(Path::new("/nonexistent"), "../other").is_err());
    }
}
