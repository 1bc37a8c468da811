//! The bucket that recordings lie in.

use aws_sdk_s3::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use environment::Environment;
use std::collections::BTreeMap;

/// The bucket, by the settings of `upload`.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    name: String,
}

impl Bucket {
    /// No request is sent yet.
    pub fn of_settings() -> anyhow::Result<Self> {
        let config = object_store::Config::read(&Environment::of_this_process("upload"))?;
        Ok(Self { client: config.client(), name: config.bucket })
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

    /// Removes an object.
    pub async fn delete(&self, key: &str) -> anyhow::Result<()> {
        let asked = self.client.delete_object().bucket(&self.name).key(key).send();
        asked.await.map_err(|error| failed("removed", &error))?;
        Ok(())
    }
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
