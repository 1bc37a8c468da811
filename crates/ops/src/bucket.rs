//! The bucket that recordings lie in.

use anyhow::Context as _;
use aws_sdk_s3::{
    Client,
    config::{retry::RetryConfig, timeout::TimeoutConfig},
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use backon::{ExponentialBuilder, Retryable as _};
use environment::Environment;
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, path::Path, time::Duration};
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncWriteExt as _},
};

/// How long one object may take on its way there.
const PATIENCE: Duration = Duration::from_mins(10);
/// Bytes of an object that are held at a time.
const CHUNK: usize = 64 * 1024;
/// How often storage is asked for the same thing: a copy of everything that takes hours does not end because storage was
/// busy for a moment, or because something was removed while it was listed.
const ATTEMPTS: u32 = 5;

/// The bucket, by the settings of `upload`.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: String,
}

/// What was copied of an object.
#[derive(Clone, Debug)]
pub struct Copied {
    pub bytes: u64,
    pub sha256: String,
    pub media_type: Option<String>,
}

/// Part of an object came, and no more.
#[derive(Debug, thiserror::Error)]
#[error("storage fell silent in the middle of an object")]
struct BrokeOff;

impl Bucket {
    /// No request is sent yet.
    pub fn of_settings() -> anyhow::Result<Self> {
        let config = object_store::Config::read(&Environment::of_this_process("upload"))?;
        let again = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        let client = Client::from_conf(config.client().config().to_builder().retry_config(again).build());
        Ok(Self { client, name: config.bucket })
    }

    /// Everything that lies there, with its size.
    pub async fn list(&self) -> anyhow::Result<BTreeMap<String, u64>> {
        let mut pages = self.client.list_objects_v2().bucket(&self.name).into_paginator().send();
        let mut objects = BTreeMap::new();
        while let Some(page) = pages.next().await {
            for object in page.map_err(|error| failed("listed", &error))?.contents() {
                let bytes = object.size().unwrap_or(0).unsigned_abs();
                objects.insert(object.key().unwrap_or_default().to_owned(), bytes);
            }
        }
        Ok(objects)
    }

    /// How many bytes an object has; `None` when there is none.
    pub async fn size(&self, key: &str) -> anyhow::Result<Option<u64>> {
        match self.client.head_object().bucket(&self.name).key(key).send().await {
            Ok(found) => Ok(Some(found.content_length().unwrap_or(0).unsigned_abs())),
            Err(error) if is_nothing(&error) => Ok(None),
            Err(error) => Err(failed("looked at", &error)),
        }
    }

    /// Copies an object into a file; `None` when there is none.
    pub async fn fetch(&self, key: &str, file: &Path) -> anyhow::Result<Option<Copied>> {
        let fetching = async || self.fetch_at_once(key, file).await;
        let again = ExponentialBuilder::default().with_max_times(ATTEMPTS as usize - 1);
        fetching.retry(again).when(anyhow::Error::is::<BrokeOff>).await
    }

    async fn fetch_at_once(&self, key: &str, file: &Path) -> anyhow::Result<Option<Copied>> {
        let got = match self.client.get_object().bucket(&self.name).key(key).send().await {
            Ok(got) => got,
            Err(error) if is_nothing(&error) => return Ok(None),
            Err(error) => return Err(failed("fetched", &error)),
        };
        let media_type = got.content_type().map(str::to_owned);
        let mut body = got.body.into_async_read();
        let mut copy =
            File::create(file).await.with_context(|| format!("cannot write {}", file.display()))?;
        let (mut hash, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK]);
        loop {
            let read = body.read(&mut chunk).await.context(BrokeOff)?;
            if read == 0 {
                break;
            }
            hash.update(&chunk[..read]);
            copy.write_all(&chunk[..read]).await?;
            bytes += read as u64;
        }
        copy.sync_all().await?;
        Ok(Some(Copied { bytes, sha256: hexadecimal(&hash.finalize()), media_type }))
    }

    /// Puts a file there, and is content only when storage says that all of it is there.
    pub async fn put(&self, key: &str, media_type: Option<&str>, file: &Path) -> anyhow::Result<()> {
        let bytes = tokio::fs::metadata(file).await?.len();
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(PATIENCE).build();
        self.client
            .put_object()
            .bucket(&self.name)
            .key(key)
            .set_content_type(media_type.map(str::to_owned))
            .body(ByteStream::from_path(file).await?)
            .customize()
            .config_override(aws_sdk_s3::Config::builder().timeout_config(timeouts))
            .send()
            .await
            .map_err(|error| failed("put back", &error))?;
        anyhow::ensure!(self.size(key).await? == Some(bytes), "storage does not hold all of an object");
        Ok(())
    }

    /// Removes an object.
    pub async fn delete(&self, key: &str) -> anyhow::Result<()> {
        let asked = self.client.delete_object().bucket(&self.name).key(key).send();
        asked.await.map_err(|error| failed("removed", &error))?;
        Ok(())
    }
}

/// A file's hash, as it was noted when the object was copied.
pub async fn hash(file: &Path) -> anyhow::Result<String> {
    let mut opened = File::open(file).await.with_context(|| format!("cannot read {}", file.display()))?;
    let (mut hash, mut chunk) = (Sha256::new(), vec![0; CHUNK]);
    loop {
        match opened.read(&mut chunk).await? {
            0 => return Ok(hexadecimal(&hash.finalize())),
            read => hash.update(&chunk[..read]),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn is_nothing<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    // A HEAD has no body that could say more. A 404 about the bucket itself is a setting gone wrong.
    matches!((status, code), (_, Some("NoSuchKey" | "NotFound")) | (Some(404), None))
}

fn failed<E: std::error::Error>(what: &str, error: &E) -> anyhow::Error {
    anyhow::anyhow!("objects cannot be {what}: {}", DisplayErrorContext(error))
}
