//! The sessions that were deleted, remembered outside the databases: whatever state these are taken back to, what a
//! learner deleted stays deleted.

use super::Folder;
use anyhow::Context as _;
use clock::Timestamp;
use ids::SessionId;
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, types::Json};
use std::collections::BTreeMap;
use time::serde::rfc3339;

/// Each deleted session, and when it was deleted.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Deletions(BTreeMap<SessionId, Moment>);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Moment(#[serde(with = "rfc3339")] Timestamp);

impl Deletions {
    /// What a folder remembers so far.
    pub fn read(folder: &Folder) -> anyhow::Result<Self> {
        match folder.read_deletions()? {
            Some(text) => serde_json::from_str(&text).context("the list of deleted sessions cannot be read"),
            None => Ok(Self::default()),
        }
    }

    /// Adds what a database says was deleted.
    pub async fn add(&mut self, pool: &PgPool, statement: &'static str) -> anyhow::Result<()> {
        let Json(Self(found)) = sqlx::query_scalar(statement).fetch_one(pool).await?;
        for (session, at) in found {
            self.0.entry(session).or_insert(at);
        }
        Ok(())
    }

    /// Writes the list whole or not at all.
    pub fn write(&self, folder: &Folder) -> anyhow::Result<()> {
        folder.write_deletions(&serde_json::to_string_pretty(self)?)
    }

    /// Each deleted session, and when it was deleted.
    pub fn sessions(&self) -> impl Iterator<Item = (SessionId, Timestamp)> {
        self.0.iter().map(|(session, at)| (*session, at.0))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}
