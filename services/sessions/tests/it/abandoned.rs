//! Sessions that nobody comes back to.

use crate::support::{TestApp, call, ending, turn};
use events::{SessionDeleted, SessionFinalized};
use futures::future::{join, join_all};
use serde_json::json;
use std::time::Duration;
use test_kit::announced;

#[tokio::test]
async fn an_abandoned_session_is_sealed_from_what_was_saved_and_the_others_are_told() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let turns = ending()["turns"].clone();
    let calls = json!([call(0, 0, Some(1300)), call(1, 1450, None)]);
    maya.saves_with_calls(session, 4, turns.clone(), calls).await.is(200);
    app.nobody_comes_back(session, Duration::from_mins(1)).await;
    assert_eq!(app.looks_for_abandoned(0).await, 1);

    let sealed = maya.looks_at(session).await.is(200);
    assert_eq!((&sealed["state"], &sealed["end_reason"]), (&json!("finalized"), &json!("interrupted")));
    assert_eq!(sealed["duration_ms"], 60_000, "the heartbeats tell how long the learner was there");
    assert_eq!(
        (&sealed["transcript"]["final"], &sealed["transcript"]["revision"]),
        (&json!(true), &json!(5))
    );
    assert_eq!(sealed["transcript"]["turns"], turns);
    assert_eq!(sealed["transcript"]["calls"], json!([call(0, 0, Some(1300)), call(1, 1450, Some(60_000))]));
    assert_eq!((&sealed["rating"]["state"], &sealed["warnings"]), (&json!("waiting"), &json!([])));
    let listed = maya.gets("/api/sessions").await.is(200)["sessions"][0].clone();
    assert_eq!((&listed["state"], &listed["end_reason"]), (&json!("finalized"), &json!("interrupted")));

    let told: Vec<SessionFinalized> = announced(app.pool()).await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].duration_ms, told[0].transcript_revision), (60_000, 5));
    assert_eq!(told[0].end_reason, "interrupted");
    assert_eq!(app.looks_for_abandoned(1).await, 0);
}

#[tokio::test]
async fn a_session_without_a_word_is_sealed_without_one() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    app.nobody_comes_back(session, Duration::ZERO).await;
    assert_eq!(app.looks_for_abandoned(0).await, 1);
    let sealed = maya.looks_at(session).await.is(200);
    assert_eq!((&sealed["transcript"]["turns"], &sealed["duration_ms"]), (&json!([]), &json!(0)));
    maya.starts().await;
}

#[tokio::test]
async fn the_page_that_watches_is_told() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let mut page = maya.watches(1, session).await;
    page.until(r#""state":"open""#).await;
    app.nobody_comes_back(session, Duration::ZERO).await;
    app.looks_for_abandoned(0).await;
    page.until(r#""state":"finalized""#).await;
}

#[tokio::test]
async fn what_comes_after_it_was_sealed_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.saves(session, 1, ending()["turns"].clone()).await.is(200);
    app.nobody_comes_back(session, Duration::from_mins(1)).await;
    app.looks_for_abandoned(0).await;
    let sealed = maya.looks_at(session).await;

    maya.beats(0, session).await.is_refused(409, "invalid-state");
    maya.saves(session, 2, json!([turn("late", "learner", 0, 10, "late")]))
        .await
        .is_refused(409, "transcript-finalized");
    // Also the very words that were saved: a page that slept must learn that it was not what ended the session.
    for _ in 0..2 {
        let refused = maya.finalizes_under(1, session, "late", ending()).await;
        assert_eq!(refused.is_refused(409, "already-finalized")["revision"], 2);
    }
    assert_eq!(maya.looks_at(session).await.body, sealed.body);
    assert_eq!(announced::<SessionFinalized>(app.pool()).await.len(), 1);

    // What was recorded still finds its way.
    crate::events::the_recording_is_stored(&app, session, 1).await;
    assert_eq!(maya.looks_at(session).await.is(200)["recording"]["state"], "ready");
}

#[tokio::test]
async fn no_browser_can_say_that_a_session_was_interrupted() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    let mut claimed = ending();
    claimed["end_reason"] = json!("interrupted");
    maya.finalizes_under(0, session, "k", claimed).await.is_refused(422, "validation-failed");
}

#[tokio::test]
async fn a_learner_who_is_being_heard_in_this_very_moment_is_not_taken_for_absent() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    app.nobody_comes_back(session, Duration::ZERO).await;
    let mut heard = postgres::begin(app.pool()).await.unwrap();
    assert!(sessions::store::absence::seen(&mut heard, session, maya.id).await.unwrap());
    assert_eq!(app.looks_for_abandoned(0).await, 0, "it is passed over");
    heard.commit().await.unwrap();
    assert_eq!(app.looks_for_abandoned(1).await, 0);
    assert_eq!(maya.looks_at(session).await.is(200)["state"], "open");
}

#[tokio::test]
async fn of_two_replicas_that_look_at_once_one_seals_each_session() {
    let app = TestApp::start().await;
    let learners: Vec<_> = (0..20).map(|_| app.learner()).collect();
    for maya in &learners {
        app.nobody_comes_back(maya.starts().await, Duration::ZERO).await;
    }
    let sealed: usize = join_all((0..6).map(|at| app.looks_for_abandoned(at % 2))).await.into_iter().sum();
    assert_eq!(sealed, 20);
    let told: std::collections::HashSet<_> =
        announced::<SessionFinalized>(app.pool()).await.into_iter().map(|told| told.session_id).collect();
    assert_eq!(told.len(), 20);
    assert_eq!(app.count("select count(*) from outbox where subject = 'session.finalized'").await, 20);
}

#[tokio::test]
async fn an_ending_and_its_absence_at_once_are_one_event() {
    let app = TestApp::start().await;
    for round in 0..40 {
        let maya = app.learner();
        let session = maya.starts().await;
        maya.saves(session, 1, ending()["turns"].clone()).await.is(200);
        app.nobody_comes_back(session, Duration::ZERO).await;
        let (finalized, sealed) = join(maya.finalizes(session), app.looks_for_abandoned(round % 2)).await;
        let shown = maya.looks_at(session).await.is(200);
        if sealed == 1 {
            finalized.is_refused(409, "already-finalized");
            assert_eq!(shown["end_reason"], "interrupted");
        } else {
            finalized.is(200);
            assert_eq!(shown["end_reason"], "learner");
        }
    }
    assert_eq!(announced::<SessionFinalized>(app.pool()).await.len(), 40);
    assert_eq!(app.count("select count(*) from transcript").await, 40);
}

#[tokio::test]
async fn words_and_absence_at_once_leave_the_words_or_the_seal() {
    let app = TestApp::start().await;
    for round in 0..40 {
        let maya = app.learner();
        let session = maya.starts().await;
        app.nobody_comes_back(session, Duration::ZERO).await;
        let words = ending()["turns"].clone();
        let (saved, beaten, sealed) = tokio::join!(
            maya.saves(session, 1, words.clone()),
            maya.beats(round % 2, session),
            app.looks_for_abandoned(round % 2)
        );
        let shown = maya.looks_at(session).await.is(200);
        match (saved.status.as_u16(), sealed) {
            (200, 0) => {
                assert_eq!((&shown["state"], &shown["transcript"]["turns"]), (&json!("open"), &words));
                beaten.is(204);
            }
            (409, 1) => assert_eq!(
                (&shown["state"], &shown["transcript"]["turns"]),
                (&json!("finalized"), &json!([]))
            ),
            other => panic!("round {round}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn deleting_and_absence_at_once_end_deleted() {
    let app = TestApp::start().await;
    for round in 0..40 {
        let maya = app.learner();
        let session = maya.starts().await;
        app.nobody_comes_back(session, Duration::ZERO).await;
        let (deleted, _) = join(maya.deletes(session), app.looks_for_abandoned(round % 2)).await;
        deleted.is(204);
        maya.looks_at(session).await.is_refused(404, "not-found");
    }
    assert_eq!(app.count("select count(*) from session").await, 0);
    assert_eq!(announced::<SessionDeleted>(app.pool()).await.len(), 40);
}

#[tokio::test]
async fn a_session_that_cannot_be_sealed_keeps_no_other_one_open() {
    let app = TestApp::start().await;
    let (maya, ben) = (app.learner(), app.learner());
    let broken = maya.starts().await;
    maya.saves(broken, 1, ending()["turns"].clone()).await.is(200);
    sqlx::raw_sql("update draft set turns = jsonb_set(turns, '{0,speaker}', '\"nobody\"')")
        .execute(app.pool())
        .await
        .unwrap();
    let other = ben.starts().await;
    for session in [broken, other] {
        app.nobody_comes_back(session, Duration::ZERO).await;
    }
    assert_eq!(app.looks_for_abandoned(0).await, 1);
    assert_eq!(ben.looks_at(other).await.is(200)["end_reason"], "interrupted");
}
