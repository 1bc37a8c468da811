//! What the rows of `upload` say lies in storage.

use anyhow::Context as _;
use sqlx::{PgExecutor, types::Json};
use std::collections::BTreeMap;

/// Every place that a row names, and how many bytes must lie there, if any must.
#[derive(Debug)]
pub struct Known(BTreeMap<String, Option<u64>>);

impl Known {
    /// Reads the rows.
    pub async fn read(upload: impl PgExecutor<'_>) -> anyhow::Result<Self> {
        let Json(places) = sqlx::query_scalar(include_str!("known.sql"))
            .fetch_one(upload)
            .await
            .context("the database of upload gives no answer")?;
        Ok(Self(places))
    }

    /// Whether a row names this place.
    pub fn names(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// How many bytes must lie there.
    pub fn needs(&self, key: &str) -> Option<u64> {
        self.0.get(key).copied().flatten()
    }

    /// Every place where something must lie.
    pub fn needed(&self) -> impl Iterator<Item = (&String, u64)> {
        self.0.iter().filter_map(|(key, bytes)| Some((key, (*bytes)?)))
    }
}
