//! Rows, and what they mean.

use crate::medium::{ChannelLayout, Container, Medium, ObjectKey, Processed, Sha256, State, Stored};
use clock::Timestamp;
use postgres::StoreError;
use sqlx::types::Uuid;

pub(super) struct MediumRow {
    pub medium_id: Uuid,
    pub owner_id: Uuid,
    pub subject_id: Option<Uuid>,
    pub state: String,
    pub container: String,
    pub raw_key: String,
    pub playable_key: Option<String>,
    pub portable_key: Option<String>,
    pub peaks_key: Option<String>,
    pub bytes: Option<i64>,
    pub sha256: Option<Vec<u8>>,
    pub playable_bytes: Option<i64>,
    pub portable_bytes: Option<i64>,
    pub revision: i32,
    pub duration_ms: Option<i32>,
    pub channel_layout: Option<String>,
    pub warnings: Vec<String>,
    pub stored_at: Option<Timestamp>,
}

/// Sizes are far below what a signed number holds: a recording has an upper limit.
pub(super) fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// What no version of this code has written.
pub(super) fn odd_in(table: &'static str, column: &'static str) -> StoreError {
    StoreError::Inconsistent { table, column }
}

pub(super) fn odd(column: &'static str) -> StoreError {
    odd_in("medium", column)
}

pub(super) fn unsigned(number: i64, table: &'static str, column: &'static str) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| odd_in(table, column))
}

pub(super) fn container(name: &str) -> Result<Container, StoreError> {
    Container::of_name(name).ok_or_else(|| odd("container"))
}

pub(super) fn hash(bytes: Option<Vec<u8>>) -> Result<Sha256, StoreError> {
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| odd("sha256"))
}

pub(super) fn size(bytes: Option<i64>, column: &'static str) -> Result<u64, StoreError> {
    bytes.and_then(|bytes| u64::try_from(bytes).ok()).ok_or_else(|| odd(column))
}

impl TryFrom<MediumRow> for Medium {
    type Error = StoreError;

    fn try_from(row: MediumRow) -> Result<Self, StoreError> {
        let kind = container(&row.container)?;
        let key = |key: Option<String>, column| key.map(ObjectKey::of_row).ok_or_else(|| odd(column));
        let state = match row.state.as_str() {
            "stored" => State::Stored,
            "failed" => State::Failed,
            "processed" => State::Processed(Processed {
                playable: Stored {
                    key: key(row.playable_key, "playable_key")?,
                    bytes: size(row.playable_bytes, "playable_bytes")?,
                    container: kind,
                },
                portable: match row.portable_bytes {
                    None => None,
                    some => Some(Stored {
                        key: key(row.portable_key, "portable_key")?,
                        bytes: size(some, "portable_bytes")?,
                        container: Container::Mp4,
                    }),
                },
                peaks_key: key(row.peaks_key, "peaks_key")?,
            }),
            _ => return Err(odd("state")),
        };
        let layout = row.channel_layout.as_deref().unwrap_or(ChannelLayout::Unknown.name());
        Ok(Self {
            id: row.medium_id.into(),
            owner: row.owner_id.into(),
            session: row.subject_id.ok_or_else(|| odd("subject_id"))?.into(),
            raw: Stored {
                key: ObjectKey::of_row(row.raw_key),
                bytes: size(row.bytes, "bytes")?,
                container: kind,
            },
            sha256: hash(row.sha256)?,
            state,
            revision: u32::try_from(row.revision).map_err(|_| odd("revision"))?,
            duration_ms: row.duration_ms.map_or(Ok(0), u32::try_from).map_err(|_| odd("duration_ms"))?,
            layout: ChannelLayout::of_name(layout).ok_or_else(|| odd("channel_layout"))?,
            warnings: row.warnings,
            stored_at: row.stored_at.ok_or_else(|| odd("stored_at"))?,
        })
    }
}
