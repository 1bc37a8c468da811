//! What lies in storage, beside what the rows say lies there.

use crate::support::Site;

/// A recording whose original has four bytes and whose playable form has six, and a take of which one piece is sealed.
async fn recorded(site: &Site) {
    site.writes(
        "upload",
        "insert into medium (medium_id, owner_id, purpose, subject_id, state, container, raw_key, playable_key,
                             peaks_key, bytes, sha256, playable_bytes, began_at)
             values (gen_random_uuid(), gen_random_uuid(), 'session_recording', gen_random_uuid(), 'processed', 'webm',
                     'raw', 'playable', 'peaks', 4, '', 6, now());
         insert into take (take_id, owner_id, subject_id, start_ms, expires_at)
             values ('01900000-0000-7000-8000-000000000000', gen_random_uuid(), gen_random_uuid(), 0, now());
         insert into take_piece (take_id, piece, object_key, state) values
             ('01900000-0000-7000-8000-000000000000', 1, 'sealed', 'sealed'),
             ('01900000-0000-7000-8000-000000000000', 2, 'open', 'open');
         insert into take_part (take_id, piece, number, bytes, sha256) values
             ('01900000-0000-7000-8000-000000000000', 1, 1, 2, ''),
             ('01900000-0000-7000-8000-000000000000', 1, 2, 3, '');
         insert into leftover values ('due', null, gen_random_uuid(), now())"
            .to_owned(),
    )
    .await;
    for (key, bytes) in [("raw", 4), ("playable", 6), ("peaks", 9), ("sealed", 5), ("due", 1)] {
        site.storage.holds(key, &vec![0; bytes]);
    }
}

#[tokio::test]
async fn storage_that_holds_what_the_rows_say_is_left_alone() {
    let site = Site::start().await;
    recorded(&site).await;
    let swept = site.types("sweep --repair").await;
    assert_eq!(swept.said, "storage holds what the rows say, and nothing else\n", "{swept:?}");
    assert!(swept.well);
    assert_eq!(site.storage.objects(), 5);
}

#[tokio::test]
async fn what_is_odd_is_said_and_only_what_nobody_knows_is_removed() {
    let site = Site::start().await;
    recorded(&site).await;
    site.storage.holds("nobody/knows", b"this");
    site.storage.holds("playable", b"short");
    std::fs::remove_file(site.storage.file("sealed")).unwrap();

    let said = site.types("sweep").await;
    let odd = [
        "nobody/knows: no row knows these 4 bytes",
        "playable: 5 bytes instead of 6",
        "sealed: nothing instead of 5 bytes",
    ];
    assert_eq!((said.lines(), said.well), (odd.to_vec(), false));
    assert!(site.storage.file("nobody/knows").exists(), "it only says so");

    let repaired = site.types("sweep --repair").await;
    assert_eq!(repaired.lines()[0], "nobody/knows: no row knows these 4 bytes: removed");
    assert!(!repaired.well, "what is gone is still gone");
    assert!(!site.storage.file("nobody/knows").exists());
    assert_eq!(site.types("sweep").await.lines(), odd[1..]);
}

#[tokio::test]
async fn more_objects_than_storage_lists_at_once_are_all_seen() {
    let site = Site::start().await;
    for number in 0..1003 {
        site.storage.holds(&format!("lost/{number:04}"), b"x");
    }
    assert_eq!(site.types("sweep").await.lines().len(), 1003);
    let repaired = site.types("sweep --repair").await;
    assert!(repaired.well, "{}", repaired.complained);
    assert_eq!(site.storage.objects(), 0);
}
