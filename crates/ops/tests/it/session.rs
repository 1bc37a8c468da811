//! What every service knows of a session.

use crate::support::{Open, Site};
use events::{
    SessionDeleted, SessionStarted,
    catalogue::{UPLOAD_SESSION_DELETED, UPLOAD_SESSION_STARTED},
};
use ids::{Ids, SessionId};
use serde_json::{Value, json};
use test_kit::eventually;

/// Stands in every column that could hold what somebody said, or a way to get at it.
const CANARY: &str = "canary";
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A finalized session with a recording of two takes, a rating, a call, and jobs, as the services would write it.
async fn practised(site: &Site) -> SessionId {
    let session: SessionId = Ids.mint();
    let turns = format!(r#"[{{"text": "{CANARY}"}}, {{"text": "{CANARY}"}}]"#);
    site.writes(
        "sessions",
        format!(
            "insert into session values (
                 '{session}', gen_random_uuid(), 'keep', gen_random_uuid(), '{CANARY}', '{CANARY}', '{CANARY}', 5,
                 '{CANARY}', array['{CANARY}'], '{CANARY}', false, '{TRACEPARENT}', now(), now(), 61000, 'learner',
                 array['late'], '{CANARY}'
             );
             insert into transcript values ('{session}', 'live', 3, '{turns}', '[{{}}]');
             insert into recording values ('{session}', 'ready', 1, 61000, 'audio/webm', 'mixed');
             insert into rating (session_id, state, revision, settled, rated_revision, findings)
                 values ('{session}', 'ready', 1, true, 1, '[{{\"definition\": \"{CANARY}\"}}]');
             insert into idempotency_key values (gen_random_uuid(), 'finalize', '{CANARY}', '{CANARY}', '{session}', now());
             insert into job (job_id, kind, subject, state) values (gen_random_uuid(), 'fetch_rating', '{session}', 'failed')"
        ),
    )
    .await;
    site.writes(
        "upload",
        format!(
            "insert into medium (medium_id, owner_id, purpose, subject_id, state, container, raw_key, bytes, sha256, revision, began_at, from_takes)
                 values (gen_random_uuid(), gen_random_uuid(), 'session_recording', '{session}', 'stored', 'webm', '{CANARY}', 4096, '{CANARY}', 1, now(), true);
             insert into take (take_id, owner_id, subject_id, start_ms, metadata, length, arrived, in_parts, joined, state, expires_at)
                 select gen_random_uuid(), gen_random_uuid(), '{session}', start, '{CANARY}', 2048, 2048, 2048, 2048, 'complete', now()
                 from unnest(array[0, 30000]) as start;
             insert into take_piece (take_id, piece, object_key, multipart_id, state)
                 select take_id, 1, '{CANARY}', '{CANARY}', 'sealed' from take;
             insert into job (job_id, kind, subject, state, last_error)
                 select gen_random_uuid(), 'process_recording', medium_id::text, 'waiting', 'storage_unreachable' from medium"
        ),
    )
    .await;
    site.writes(
        "rating",
        format!(
            "insert into session (session_id, learner_id, finalized_at, keeps_recording, recording_revision, rating_revision)
                 values ('{session}', gen_random_uuid(), now(), true, 1, 1);
             insert into rating values ('{session}', 1, 'local', '1', now(), 3, 1, 250);
             insert into finding values
                 ('{session}', 1, 1, '{CANARY}', '{CANARY}', 'ms', '{CANARY}', 'audio', 7, null, '[\"{CANARY}\"]'),
                 ('{session}', 1, 2, '{CANARY}', '{CANARY}', 'ms', '{CANARY}', 'words', null, '{CANARY}', '[]')"
        ),
    )
    .await;
    site.writes(
        "secrets",
        format!(
            "insert into session_quota (session_id, learner_id, started_at, allowed_ms, calls) values ('{session}', gen_random_uuid(), now(), 1800000, 1);
             insert into client_secret (mint_id, session_id, learner_id, secret_sha256, minted_at, expires_at)
                 values (gen_random_uuid(), '{session}', gen_random_uuid(), sha256('{CANARY}'), now(), now());
             insert into call (mint_id, session_id, learner_id, provider_call, opened_at, ends_by, ended_at, reason)
                 select mint_id, session_id, learner_id, '{CANARY}', now(), now(), now(), 'finalized' from client_secret;
             insert into job (job_id, kind, subject) select gen_random_uuid(), 'hang_up', mint_id::text from call"
        ),
    )
    .await;
    session
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_seen_in_every_service_and_nothing_of_what_was_said() {
    let site = Site::start().await;
    let session = practised(&site).await;
    let answer = site.types(&format!("session {session}")).await;
    assert!(!answer.said.contains(CANARY), "{}", answer.said);
    let seen = answer.json();
    assert_eq!(seen["trace"], "0af7651916cd43dd8448eb211c80319c");
    let at = |pointer: &str| seen.pointer(pointer).cloned().unwrap_or_default();
    for (pointer, wanted) in [
        ("/sessions/session/state", json!("finalized")),
        ("/sessions/session/duration_ms", json!(61000)),
        ("/sessions/transcripts/0/turns", json!(2)),
        ("/sessions/transcripts/0/calls", json!(1)),
        ("/sessions/recording/state", json!("ready")),
        ("/sessions/rating/findings", json!(1)),
        ("/sessions/jobs/0/kind", json!("fetch_rating")),
        ("/upload/media/0/bytes", json!(4096)),
        ("/upload/takes/1/start_ms", json!(30000)),
        ("/upload/takes/1/pieces", json!(["sealed"])),
        ("/upload/jobs/0/last_error", json!("storage_unreachable")),
        ("/rating/ratings/0/measured", json!(1)),
        ("/rating/ratings/0/not_measured", json!(1)),
        ("/secrets/quota/allowed_ms", json!(1_800_000)),
        ("/secrets/calls/0/reason", json!("finalized")),
        ("/secrets/jobs/0/kind", json!("hang_up")),
        ("/events", json!([])),
    ] {
        assert_eq!(at(pointer), wanted, "{pointer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_of_a_session_says_who_has_heard_it() {
    let site = Site::start().await;
    let session: SessionId = Ids.mint();
    let started = SessionStarted { session_id: session.to_string(), ..SessionStarted::default() };
    site.says("sessions", &started, Some(TRACEPARENT)).await;
    site.says("sessions", &SessionStarted::default(), None).await;
    site.relays("sessions").await;
    site.hears::<SessionStarted>("upload", UPLOAD_SESSION_STARTED, Open).await;

    let line = format!("session {session}");
    // It may be heard before its relay has written down that it is said.
    let seen = eventually("upload has heard it", async || {
        let seen = site.types(&line).await.json();
        let is_there = |pointer| seen.pointer(pointer).is_some_and(Value::is_string);
        let both = is_there("/events/0/heard/upload-session-started") && is_there("/events/0/published_at");
        both.then_some(seen)
    })
    .await;
    assert_eq!(seen["trace"], "0af7651916cd43dd8448eb211c80319c", "of an event, because there is no session");
    let events = seen["events"].as_array().unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["said_by"], "sessions");
    assert_eq!(events[0]["heard"]["secrets-session-started"], json!(null));
    assert!(events[0]["event"].as_str().unwrap().contains(&session.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_deleted_session_its_graves_are_seen() {
    let site = Site::start().await;
    let session: SessionId = Ids.mint();
    site.writes(
        "sessions",
        format!(
            "insert into tombstone values ('{session}', now());
             insert into erased_part values ('{session}', 'rating');
             insert into deletion_receipt values (sha256(uuid_send('{session}')), now(), now())"
        ),
    )
    .await;
    site.writes("upload", format!("insert into tombstone values ('{session}', now(), null)")).await;
    site.writes("secrets", format!("insert into erased_session values ('{session}', now())")).await;
    site.says(
        "sessions",
        &SessionDeleted { session_id: session.to_string(), ..SessionDeleted::default() },
        None,
    )
    .await;
    site.relays("sessions").await;
    site.hears::<SessionDeleted>("upload", UPLOAD_SESSION_DELETED, Open).await;

    let seen = site.types(&format!("session {session}")).await.json();
    assert_eq!(seen["sessions"]["tombstone"]["erased"], json!(["rating"]));
    assert!(seen["sessions"]["receipt"]["completed_at"].is_string());
    assert!(seen["upload"]["tombstone"]["deleted_at"].is_string());
    assert!(seen["secrets"]["erased_at"].is_string());
    assert_eq!(seen["trace"], json!(null));
}

#[tokio::test]
async fn a_session_nobody_knows_is_no_success() {
    let site = Site::start().await;
    let unknown: SessionId = Ids.mint();
    let answer = site.types(&format!("session {unknown}")).await;
    assert!(!answer.well && answer.complained.contains("no service knows"), "{answer:?}");
    assert!(!site.types("session not-an-id").await.well);
}
