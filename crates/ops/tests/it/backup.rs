//! A backup, and what comes back of it: the services themselves write what is backed up and read what was restored.

use crate::support::{Answer, Learner, Product, Site};
use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};
use tempfile::TempDir;
use test_kit::eventually;

async fn types(site: &Site, line: &str) -> Answer {
    let answer = site.types(line).await;
    assert!(answer.well, "{line}: {answer:?}");
    answer
}

/// Whether nobody but its owner can open anything in a folder.
fn is_private(folder: &Path) -> bool {
    fs::read_dir(folder)
        .unwrap()
        .flatten()
        .all(|entry| entry.metadata().unwrap().permissions().mode().trailing_zeros() >= 6)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_restored_replays_and_what_was_deleted_since_stays_deleted() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("backup");
    let shown = folder.display();

    let lost = Site::start().await;
    Product::seed(&lost).await;
    let product = Product::start(&lost).await;
    let maya = Learner::registers(&product).await;
    let kept = maya.practises("kept", 2).await;
    let deleted = maya.practises("deleted", 3).await;
    let gone = maya.practises("gone-before", 1).await;
    maya.deletes(&gone).await;
    let (words, sound) = (maya.looks_at(&kept).await.unwrap(), maya.plays(&kept).await.unwrap());

    types(&lost, &format!("backup {shown}")).await;
    assert!(is_private(parent.path()) && is_private(&folder));
    assert!(!lost.types(&format!("backup {shown}")).await.well, "a backup is never written over");
    let late = maya.practises("too-late", 1).await;
    maya.deletes(&deleted).await;
    eventually("upload has heard it", async || {
        let seen = lost.types(&format!("session {deleted}")).await.json();
        seen.pointer("/upload/tombstone/erased_at").cloned()
    })
    .await;
    types(&lost, &format!("backup --deletions {shown}")).await;
    let old_cookies = maya.cookies().to_owned();
    product.stop().await;
    drop(lost);

    let found = Site::start().await;
    let restored = types(&found, &format!("restore {shown}")).await;
    assert_eq!(restored.lines()[1], "1 sessions that were deleted since are deleted again");
    assert!(!found.types(&format!("restore {shown}")).await.well, "it is not empty any more");
    let product = Product::start(&found).await;
    assert!(!Learner::can_refresh(&old_cookies, &product).await, "everybody signs in again");
    let maya = Learner::signs_in(&product).await;
    assert_eq!(maya.looks_at(&kept).await.unwrap(), words);
    assert!(maya.plays(&kept).await.unwrap() == sound, "it sounds as it did");
    for nowhere in [&deleted, &gone, &late] {
        assert_eq!(maya.looks_at(nowhere).await, None);
        assert_eq!(maya.plays(nowhere).await, None);
    }
    eventually("the deleted one is erased everywhere", async || {
        let seen = found.types(&format!("session {deleted}")).await.json();
        seen.pointer("/sessions/receipt/completed_at").cloned()
    })
    .await;
    let swept = types(&found, "sweep --repair").await;
    assert!(
        swept.lines().iter().all(|line| line.ends_with("removed") || line.starts_with("storage holds")),
        "{swept:?}"
    );
    assert_eq!(maya.practises("after", 1).await.len(), kept.len());
    product.stop().await;
}

#[tokio::test]
async fn a_copy_that_was_changed_is_refused_before_anything_is_restored() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("backup");
    let site = Site::start().await;
    site.storage.holds("one", b"sound");
    types(&site, &format!("backup {}", folder.display())).await;
    fs::write(folder.join("objects/00000000"), b"noise").unwrap();

    let empty = Site::start().await;
    let refused = empty.types(&format!("restore {}", folder.display())).await;
    assert!(!refused.well && refused.complained.contains("was changed"), "{refused:?}");
    assert_eq!(empty.storage.objects(), 0);

    let unfinished = parent.path().join("unfinished");
    fs::create_dir(&unfinished).unwrap();
    let refused = empty.types(&format!("restore {}", unfinished.display())).await;
    assert!(!refused.well && refused.complained.contains("is no whole backup"), "{refused:?}");
}

#[tokio::test]
async fn storage_that_fails_for_a_moment_does_not_end_a_backup() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("backup");
    let site = Site::start().await;
    site.storage.holds("one", b"sound");
    site.storage.refuses(1);
    site.storage.breaks_off(1);
    types(&site, &format!("backup {}", folder.display())).await;
    assert_eq!(fs::read(folder.join("objects/00000000")).unwrap(), b"sound");

    let empty = Site::start().await;
    empty.storage.refuses(1);
    types(&empty, &format!("restore {}", folder.display())).await;
    assert_eq!(fs::read(empty.storage.file("one")).unwrap(), b"sound");
}

#[tokio::test]
async fn storage_that_keeps_failing_ends_a_backup_with_the_reason() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("backup");
    let site = Site::start().await;
    site.storage.holds("one", b"sound");
    site.storage.breaks_off(u32::MAX);
    let refused = site.types(&format!("backup {}", folder.display())).await;
    assert!(!refused.well && refused.complained.contains("in the middle of an object"), "{refused:?}");
    assert!(!folder.join("manifest.json").exists());
}

#[tokio::test]
async fn a_backup_without_what_the_rows_need_is_none() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("backup");
    let site = Site::start().await;
    site.writes(
        "upload",
        "insert into medium (medium_id, owner_id, purpose, subject_id, state, container, raw_key, bytes, sha256, began_at)
             values (gen_random_uuid(), gen_random_uuid(), 'session_recording', gen_random_uuid(), 'stored', 'webm', 'raw',
                     4, '', now())"
            .to_owned(),
    )
    .await;
    let refused = site.types(&format!("backup {}", folder.display())).await;
    assert!(!refused.well && refused.complained.contains("raw"), "{refused:?}");
    assert!(!folder.join("manifest.json").exists());
}
