//! `POST /api/sessions/{id}/finalize`

use crate::support::{Answer, TestApp, ending, turn};
use events::{SessionDeleted, SessionFinalized};
use futures::future::{join, join_all};
use ids::{Ids, SessionId};
use serde_json::json;
use test_kit::{announced, eventually};

#[tokio::test]
async fn finalizing_seals_the_words_and_tells_the_others() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.saves(session, 4, ending()["turns"].clone()).await.is(200);
    let sealed = maya.finalizes(session).await.is(200);
    assert_eq!(sealed["state"], "finalized");
    assert_eq!(sealed["end_reason"], "learner");
    assert_eq!(sealed["duration_ms"], 4000);
    assert_eq!(sealed["rating"]["state"], "waiting");
    assert_eq!(sealed["warnings"], json!([]));
    assert_eq!(sealed["transcript"]["final"], true);
    assert_eq!(sealed["transcript"]["revision"], 5);
    assert_eq!(sealed["transcript"]["turns"], ending()["turns"]);
    assert_eq!(maya.looks_at(session).await.is(200), sealed);

    let told: Vec<SessionFinalized> = announced(app.pool()).await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].duration_ms, told[0].transcript_revision), (4000, 5));
    assert_eq!(told[0].recording_policy, "keep");
}

#[tokio::test]
async fn fifty_equal_endings_at_once_are_one_change_one_event_and_one_answer() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let keys: Vec<String> = (0..50).map(|at| format!("key {}", at % 10)).collect();
    let answers: Vec<Answer> = join_all(
        keys.iter().enumerate().map(|(at, key)| maya.finalizes_under(at % 2, session, key, ending())),
    )
    .await;
    for answer in &answers {
        answer.is(200);
        assert_eq!(answer.body, answers[0].body);
    }
    assert_eq!(announced::<SessionFinalized>(app.pool()).await.len(), 1);
    assert_eq!(app.count("select count(*) from transcript").await, 1);
}

#[tokio::test]
async fn of_fifty_different_endings_at_once_one_wins() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let endings: Vec<_> = (0..50)
        .map(|at| {
            (format!("key {at}"), json!({"turns": [], "duration_ms": at * 1000, "end_reason": "coach"}))
        })
        .collect();
    let answers = join_all(
        endings
            .iter()
            .enumerate()
            .map(|(at, (key, ending))| maya.finalizes_under(at % 2, session, key, ending.clone())),
    )
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(refused.is_refused(409, "already-finalized")["revision"], 1);
    }
    assert_eq!(announced::<SessionFinalized>(app.pool()).await.len(), 1);
}

#[tokio::test]
async fn of_two_endings_that_came_before_either_was_done_one_wins() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let mut held = postgres::begin(app.pool()).await.expect("a transaction");
    sqlx::raw_sql("select from session for update").execute(&mut *held).await.expect("nobody has it");
    let both_wait = async {
        eventually("both wait for the session", async || {
            let waiting = "select count(*) from pg_stat_activity
                           where datname = current_database() and wait_event_type = 'Lock'";
            (app.count(waiting).await == 2).then_some(())
        })
        .await;
        held.commit().await.expect("it lets go");
    };
    let ends = |replica: usize| {
        let ending = json!({"turns": [], "duration_ms": replica * 1000, "end_reason": "coach"});
        maya.finalizes_under(replica, session, ["one", "two"][replica], ending)
    };
    let ((), answers) = join(both_wait, join_all([0, 1].map(ends))).await;
    let (won, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1, "{answers:?}");
    refused[0].is_refused(409, "already-finalized");
    assert_eq!(announced::<SessionFinalized>(app.pool()).await.len(), 1);
}

#[tokio::test]
async fn the_same_ending_gets_the_same_answer_whatever_happened_since_and_another_is_refused() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let first = maya.finalizes_under(0, session, "one", ending()).await;
    first.is(200);
    crate::events::the_recording_is_stored(&app, session, 1).await;
    assert_eq!(maya.finalizes_under(1, session, "one", ending()).await.body, first.body);
    assert_eq!(maya.finalizes_under(1, session, "two", ending()).await.body, first.body);

    let mut other = ending();
    other["end_reason"] = json!("coach");
    maya.finalizes_under(0, session, "one", other.clone()).await.is_refused(422, "idempotency-key-reused");
    let refused = maya.finalizes_under(0, session, "three", other).await;
    assert_eq!(refused.is_refused(409, "already-finalized")["revision"], 1);
    assert_eq!(announced::<SessionFinalized>(app.pool()).await.len(), 1);
}

#[tokio::test]
async fn odd_times_are_mended_and_said() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let body = r#"{"turns":[
        {"item_id":"a","speaker":"learner","start_ms":-5,"end_ms":1e309,"text":"kept","state":"complete","call":0},
        {"item_id":"b","speaker":"coach","start_ms":900.4,"end_ms":100,"text":null,"state":"not_transcribed","call":1}
    ],"duration_ms":3000,"end_reason":"time_limit"}"#;
    let mut request = maya.request(
        http::Method::POST,
        &format!("/api/sessions/{session}/finalize"),
        Some("k"),
        Some(json!({})),
    );
    *request.body_mut() = axum::body::Body::from(body);
    let sealed = app.sends(0, request).await.is(200);
    assert_eq!(sealed["warnings"], json!(["times_clamped"]));
    let turns = &sealed["transcript"]["turns"];
    assert_eq!((&turns[0]["start_ms"], &turns[0]["end_ms"]), (&json!(0), &json!(3000)));
    assert_eq!((&turns[1]["start_ms"], &turns[1]["end_ms"]), (&json!(900), &json!(900)));
    assert_eq!(turns[0]["text"], "kept");
}

#[tokio::test]
async fn a_session_is_at_least_as_long_as_its_last_turn() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let short =
        json!({"turns": [turn("a", "coach", 0, 9000, "x")], "duration_ms": 10, "end_reason": "coach"});
    let sealed = maya.finalizes_under(0, session, "k", short).await.is(200);
    assert_eq!((&sealed["duration_ms"], &sealed["warnings"]), (&json!(9000), &json!(["times_clamped"])));
}

#[tokio::test]
async fn words_that_were_saved_and_are_missing_at_the_end_are_kept() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let saved = json!([
        turn("one", "coach", 0, 1200, "What would you like?"),
        turn("lost", "learner", 1250, 1300, "Well,"),
        turn("two", "learner", 1500, 3000, "A flat"),
    ]);
    maya.saves(session, 1, saved).await.is(200);
    let sealed = maya.finalizes(session).await.is(200);
    let said: Vec<_> =
        sealed["transcript"]["turns"].as_array().unwrap().iter().map(|turn| &turn["text"]).collect();
    assert_eq!(said, ["What would you like?", "Well,", "A flat white, please."]);
}

#[tokio::test]
async fn a_request_that_cannot_wait_any_longer_says_when_to_come_back() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let mut held = postgres::begin(app.pool()).await.unwrap();
    assert!(sessions::store::lock(&mut held, session, None).await.unwrap());
    let answer = maya.finalizes(session).await;
    answer.is_refused(409, "request-in-progress");
    assert!(answer.headers.contains_key("retry-after"));
    held.rollback().await.unwrap();
    maya.finalizes(session).await.is(200);
}

#[tokio::test]
async fn what_was_never_started_cannot_be_finalized() {
    let app = TestApp::start().await;
    app.learner().finalizes(Ids.mint::<SessionId>()).await.is_refused(404, "not-found");
}

#[tokio::test]
async fn a_sealed_transcript_cannot_be_changed_by_anybody() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.finalizes(session).await.is(200);
    let changed = sqlx::raw_sql("update transcript set turns = '[]'").execute(app.pool()).await;
    assert!(changed.is_err());
}

#[tokio::test]
async fn finalizing_and_deleting_at_once_ends_deleted_every_time() {
    let app = TestApp::start().await;
    for round in 0..40 {
        let maya = app.learner();
        let session = maya.starts().await;
        let (finalized, deleted) = join(maya.finalizes(session), maya.deletes(session)).await;
        deleted.is(204);
        assert!([200, 404].contains(&finalized.status.as_u16()), "round {round}: {}", finalized.status);
        maya.looks_at(session).await.is_refused(404, "not-found");
    }
    for orphans in [
        "select count(*) from session",
        "select count(*) from transcript",
        "select count(*) from draft",
        "select count(*) from recording",
        "select count(*) from rating",
        "select count(*) from idempotency_key where session_id is not null",
    ] {
        assert_eq!(app.count(orphans).await, 0, "{orphans}");
    }
    assert_eq!(announced::<SessionDeleted>(app.pool()).await.len(), 40);
    assert_eq!(app.count("select count(*) from tombstone").await, 40);
}
