//! Object storage: the only place that speaks S3.
//!
//! Requests are retried here, with jitter, and not by the client: how long a learner's upload waits for storage to come
//! back is a decision of ours.

mod multipart;
mod signing;
mod slices;

pub use multipart::{Multipart, Part};

use crate::medium::ObjectKey;
use aws_sdk_s3::{
    Client,
    config::{Config, ResponseChecksumValidation, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use backon::{ExponentialBuilder, Retryable as _};
use bytes::Bytes;
use futures::{FutureExt as _, Stream, future::BoxFuture, stream};
use seeded_bug::Bug;
use std::{error::Error, io, path::Path, time::Duration};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};
use tracing::instrument;

/// Storage that is away this long is given up on while a learner waits; the edge gives up soon after.
const PATIENCE: Duration = Duration::from_mins(1);

/// What went wrong with storage.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// No answer, or one that says to come back later.
    #[error("storage gives no answer to {operation}")]
    Away {
        /// What was asked.
        operation: &'static str,
        /// Why.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// There is nothing at this place, or no such upload.
    #[error("storage has nothing for {operation}")]
    Nothing {
        /// What was asked.
        operation: &'static str,
    },
    /// It was refused, and will be again.
    #[error("storage refused {operation}")]
    Refused {
        /// What was asked.
        operation: &'static str,
        /// Why.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// What is there is not what was put there.
    #[error("storage holds {found} bytes instead of {expected}")]
    Mismatch {
        /// How many bytes were put there.
        expected: u64,
        /// How many are there.
        found: u64,
    },
}

impl BucketError {
    /// Whether trying again may help.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Away { .. })
    }

    pub(crate) fn of<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code).map(str::to_owned);
        match (status, code.as_deref()) {
            // A HEAD has no body that could say more. A 404 about the bucket itself is a setting gone wrong.
            (_, Some("NoSuchKey" | "NoSuchUpload" | "NotFound")) | (Some(404), None) => {
                Self::Nothing { operation }
            }
            (Some(400..=499), Some("RequestTimeout" | "SlowDown" | "OperationAborted")) | (Some(429), _) => {
                Self::Away { operation, cause: Box::new(error) }
            }
            (Some(400..=499), _) => Self::Refused { operation, cause: Box::new(error) },
            (_, _) => Self::Away { operation, cause: Box::new(error) },
        }
    }
}

/// A bucket of an S3 service.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: String,
    patience: Duration,
}

/// An object, or a piece of one, on its way out.
pub struct Outgoing {
    /// How many bytes are coming.
    pub bytes: u64,
    /// The bytes.
    pub body: ByteStream,
}

impl Outgoing {
    /// The bytes as a reader.
    pub fn reader(self) -> impl AsyncBufRead + Send {
        self.body.into_async_read()
    }
}

impl Bucket {
    /// The bytes of an object, as they are wanted: whoever reads may pause for as long as they like, and storage may not.
    pub fn pieces(&self, of: Outgoing) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        stream::try_unfold((self.clone(), of.reader()), async |(bucket, mut from)| {
            let bytes = Bytes::copy_from_slice(bucket.next_bytes(&mut from).await.map_err(io::Error::other)?);
            from.consume(bytes.len());
            Ok((!bytes.is_empty()).then_some((bytes, (bucket, from))))
        })
    }

    /// The next bytes of an object that is being read; none at its end. Storage may fall silent in the middle of one, and
    /// is away then.
    pub async fn next_bytes<'a>(
        &self,
        from: &'a mut (impl AsyncBufRead + Unpin + Send),
    ) -> Result<&'a [u8], BucketError> {
        let away = |cause| BucketError::Away { operation: "get", cause };
        let filled = tokio::time::timeout(self.patience, from.fill_buf()).await;
        filled.map_err(|elapsed| away(Box::new(elapsed)))?.map_err(|broken| away(Box::new(broken)))
    }

    /// Makes a client; no request is sent yet.
    pub fn new(config: &object_store::Config) -> Self {
        Self { client: config.client(), name: config.bucket.clone(), patience: PATIENCE }
    }

    /// A bucket that gives up sooner.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// How requests are repeated: soon at first, every five seconds in the end, never in step with others.
    fn again(&self) -> ExponentialBuilder {
        ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(Duration::from_secs(5))
            .with_jitter()
            .with_total_delay(Some(self.patience))
            .without_max_times()
    }

    /// Something that is asked again and again, for as long as anybody waits: storage that takes the bytes and then says
    /// nothing would otherwise be waited for anew each time.
    async fn within_patience<T>(
        &self,
        operation: &'static str,
        asking: BoxFuture<'_, Result<T, BucketError>>,
    ) -> Result<T, BucketError> {
        match tokio::time::timeout(self.patience, asking).await {
            Ok(outcome) => outcome,
            Err(elapsed) => Err(BucketError::Away { operation, cause: Box::new(elapsed) }),
        }
    }

    /// Puts a small object there in one request.
    #[instrument(name = "s3.put", skip_all, fields(bytes = body.len()))]
    pub async fn put(&self, key: &ObjectKey, media_type: &str, body: Bytes) -> Result<(), BucketError> {
        let put = || async {
            self.client
                .put_object()
                .bucket(&self.name)
                .key(key.as_str())
                .content_type(media_type)
                .body(body.clone().into())
                .send()
                .await
                .map_err(|error| BucketError::of("put", error))
        };
        let asking = put.retry(self.again()).when(BucketError::is_passing);
        self.within_patience("put", asking.boxed()).await?;
        self.verify(key, body.len() as u64).await
    }

    /// Puts a file there.
    #[instrument(name = "s3.put_file", skip_all)]
    pub async fn put_file(&self, key: &ObjectKey, media_type: &str, file: &Path) -> Result<u64, BucketError> {
        let put = || async {
            let body = ByteStream::from_path(file)
                .await
                .map_err(|error| BucketError::Refused { operation: "put_file", cause: Box::new(error) })?;
            self.client
                .put_object()
                .bucket(&self.name)
                .key(key.as_str())
                .content_type(media_type)
                .body(body)
                .customize()
                .config_override(Config::builder().timeout_config(
                    TimeoutConfig::builder().operation_attempt_timeout(Duration::from_mins(10)).build(),
                ))
                .send()
                .await
                .map_err(|error| BucketError::of("put_file", error))
        };
        put.retry(self.again()).when(BucketError::is_passing).await?;
        let bytes = tokio::fs::metadata(file)
            .await
            .map_err(|error| BucketError::Refused { operation: "put_file", cause: Box::new(error) })?
            .len();
        self.verify(key, bytes).await?;
        Ok(bytes)
    }

    /// How many bytes lie there; `None` when nothing does.
    #[instrument(name = "s3.head", skip_all)]
    pub async fn size(&self, key: &ObjectKey) -> Result<Option<u64>, BucketError> {
        let head = || async {
            self.client
                .head_object()
                .bucket(&self.name)
                .key(key.as_str())
                .send()
                .await
                .map_err(|error| BucketError::of("head", error))
        };
        let asking = head.retry(self.again()).when(BucketError::is_passing);
        match self.within_patience("head", asking.boxed()).await {
            Ok(found) => Ok(Some(found.content_length().unwrap_or(0).unsigned_abs())),
            Err(BucketError::Nothing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Nothing counts as stored before storage says that all of it is there.
    async fn verify(&self, key: &ObjectKey, expected: u64) -> Result<(), BucketError> {
        match self.size(key).await? {
            _ if seeded_bug::is_made(Bug::NotLookedAt) => Ok(()),
            Some(found) if found == expected => Ok(()),
            found => Err(BucketError::Mismatch { expected, found: found.unwrap_or(0) }),
        }
    }

    /// Reads an object, or the given bytes of it, both ends included.
    #[instrument(name = "s3.get", skip_all)]
    pub async fn get(&self, key: &ObjectKey, range: Option<(u64, u64)>) -> Result<Outgoing, BucketError> {
        let got = self
            .client
            .get_object()
            .bucket(&self.name)
            .key(key.as_str())
            .set_range(range.map(|(first, last)| format!("bytes={first}-{last}")))
            .send()
            .await
            .map_err(|error| BucketError::of("get", error))?;
        Ok(Outgoing { bytes: got.content_length().unwrap_or(0).unsigned_abs(), body: got.body })
    }

    /// Reads an object, or the given bytes of it, whose hash the caller checks: what storage itself finds wrong with it would look like a
    /// connection that broke.
    #[instrument(name = "s3.get", skip_all)]
    pub async fn get_unchecked(
        &self,
        key: &ObjectKey,
        range: Option<(u64, u64)>,
    ) -> Result<Outgoing, BucketError> {
        let unchecked = ResponseChecksumValidation::WhenRequired;
        let got = self
            .client
            .get_object()
            .bucket(&self.name)
            .key(key.as_str())
            .set_range(range.map(|(first, last)| format!("bytes={first}-{last}")))
            .customize()
            .config_override(Config::builder().response_checksum_validation(unchecked))
            .send()
            .await
            .map_err(|error| BucketError::of("get", error))?;
        Ok(Outgoing { bytes: got.content_length().unwrap_or(0).unsigned_abs(), body: got.body })
    }

    /// Removes an object; one that is not there is removed already.
    #[instrument(name = "s3.delete", skip_all)]
    pub async fn delete(&self, key: &ObjectKey) -> Result<(), BucketError> {
        let delete = || async {
            self.client
                .delete_object()
                .bucket(&self.name)
                .key(key.as_str())
                .send()
                .await
                .map_err(|error| BucketError::of("delete", error))
        };
        let asking = delete.retry(self.again()).when(BucketError::is_passing);
        match self.within_patience("delete", asking.boxed()).await {
            Ok(_) | Err(BucketError::Nothing { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
