//! Copies of the objects in the bucket. An object never changes: it is made, and removed.

use super::{Folder, Object};
use crate::{bucket::Bucket, sweep::known::Known};
use std::collections::BTreeSet;

/// Copies what was not copied before.
pub async fn copy(bucket: &Bucket, folder: &Folder, mut copied: Vec<Object>) -> anyhow::Result<Vec<Object>> {
    let before: BTreeSet<String> = copied.iter().map(|object| object.key.clone()).collect();
    for key in bucket.list().await?.into_keys().filter(|key| !before.contains(key)) {
        // A key may hold what a file system does not like in a name.
        let file = format!("{:08}", copied.len());
        // One that was removed since it was listed is missed by nobody.
        if let Some(copy) = bucket.fetch(&key, &folder.object(&file)).await? {
            let (bytes, sha256, media_type) = (copy.bytes, copy.sha256, copy.media_type);
            copied.push(Object { key, file, bytes, sha256, media_type });
        }
    }
    Ok(copied)
}

/// What the rows need and was not copied whole.
pub fn missing(known: &Known, copied: &[Object]) -> Vec<String> {
    let copied: BTreeSet<(&str, u64)> =
        copied.iter().map(|object| (object.key.as_str(), object.bytes)).collect();
    let missing = known.needed().filter(|(key, bytes)| !copied.contains(&(key.as_str(), *bytes)));
    missing.map(|(key, _)| key.clone()).collect()
}
