//! Large objects, in parts.

use super::{
    Bucket, BucketError,
    signing::Hashed,
    slices::{body_of, crc32_of},
};
use crate::medium::{ObjectKey, Sha256};
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use backon::Retryable as _;
use bytes::Bytes;
use futures::FutureExt as _;
use tracing::instrument;

/// An object that is being put together.
#[derive(Clone, Debug)]
pub struct Multipart {
    /// Where it will lie.
    pub key: ObjectKey,
    /// What storage calls the attempt.
    pub id: String,
}

/// A part that arrived.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its place among the parts.
    pub number: i32,
    /// What storage calls its content.
    pub etag: Option<String>,
    /// Its checksum, if storage keeps one.
    pub crc32: Option<String>,
}

impl Bucket {
    /// Begins to put an object together.
    #[instrument(name = "s3.begin_multipart", skip_all)]
    pub async fn begin(&self, key: &ObjectKey, media_type: &str) -> Result<Multipart, BucketError> {
        let begin = || async {
            self.client
                .create_multipart_upload()
                .bucket(&self.name)
                .key(key.as_str())
                .content_type(media_type)
                .checksum_algorithm(ChecksumAlgorithm::Crc32)
                .send()
                .await
                .map_err(|error| BucketError::of("begin_multipart", error))
        };
        let asking = begin.retry(self.again()).when(BucketError::is_passing);
        let begun = self.within_patience("begin_multipart", asking.boxed()).await?;
        let id = begun.upload_id.ok_or(BucketError::Nothing { operation: "begin_multipart" })?;
        Ok(Multipart { key: key.clone(), id })
    }

    /// Sends a part, again when it does not get through: storage keeps the last one of a number, and refuses one that
    /// comes to another hash.
    #[instrument(name = "s3.put_part", skip_all, fields(part = number, bytes = body.len()))]
    pub async fn put_part(
        &self,
        of: &Multipart,
        number: i32,
        body: Bytes,
        sha256: &Sha256,
    ) -> Result<Part, BucketError> {
        let crc32 = crc32_of(&body);
        let put = || async {
            self.client
                .upload_part()
                .bucket(&self.name)
                .key(of.key.as_str())
                .upload_id(&of.id)
                .part_number(number)
                .checksum_crc32(&crc32)
                .body(body_of(&body))
                .customize()
                .interceptor(Hashed::to(sha256))
                .send()
                .await
                .map_err(|error| BucketError::of("put_part", error))
        };
        let asking = put
            .retry(self.again())
            .when(BucketError::is_passing)
            .notify(|_, _| metrics::counter!("upload_parts_repeated_total").increment(1));
        let put = self.within_patience("put_part", asking.boxed()).await?;
        Ok(Part { number, etag: put.e_tag, crc32: put.checksum_crc32 })
    }

    /// Puts the parts together. What storage answers does not decide: the answer may be lost, or be an error after
    /// the fact. What lies there afterwards does. Of a large object it may take longer than anybody is patient, and some
    /// storage begins anew when nobody waits: each attempt ends by itself, and the whole does not.
    #[instrument(name = "s3.complete_multipart", skip_all, fields(parts = parts.len()))]
    pub async fn complete(
        &self,
        of: &Multipart,
        mut parts: Vec<Part>,
        expected: u64,
    ) -> Result<(), BucketError> {
        parts.sort_unstable_by_key(|part| part.number);
        let parts: Vec<_> = parts
            .into_iter()
            .map(|part| {
                CompletedPart::builder()
                    .part_number(part.number)
                    .set_e_tag(part.etag)
                    .set_checksum_crc32(part.crc32)
                    .build()
            })
            .collect();
        let whole = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = || async {
            let answer = self
                .client
                .complete_multipart_upload()
                .bucket(&self.name)
                .key(of.key.as_str())
                .upload_id(&of.id)
                .multipart_upload(whole.clone())
                .send()
                .await
                .map_err(|error| BucketError::of("complete_multipart", error));
            match (answer, self.verify(&of.key, expected).await) {
                (_, Ok(())) => Ok(()),
                (Err(error), Err(_)) | (Ok(_), Err(error)) => Err(error),
            }
        };
        complete.retry(self.again()).when(BucketError::is_passing).await
    }

    /// Forgets the parts of an object that will not be. One that is forgotten already is none to storage.
    #[instrument(name = "s3.abort_multipart", skip_all)]
    pub async fn abort(&self, of: &Multipart) -> Result<(), BucketError> {
        let abort = || async {
            self.client
                .abort_multipart_upload()
                .bucket(&self.name)
                .key(of.key.as_str())
                .upload_id(&of.id)
                .send()
                .await
                .map_err(|error| BucketError::of("abort_multipart", error))
        };
        let asking = abort.retry(self.again()).when(BucketError::is_passing);
        match self.within_patience("abort_multipart", asking.boxed()).await {
            Ok(_) | Err(BucketError::Nothing { .. }) => Ok(()),
            // Some services refuse an attempt they do not know any more as if it were somebody else's.
            Err(error @ BucketError::Refused { .. }) => {
                tracing::warn!(error = %problem::chain(&error), "Storage would not forget an upload");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
