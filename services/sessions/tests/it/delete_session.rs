//! `DELETE /api/sessions/{id}`

use crate::{
    events::{rating_gives_up, the_rating_is_ready, the_recording_is_stored},
    support::{TestApp, ending, rating, turn},
};
use events::{SessionDeleted, SessionErased, catalogue};
use http::Method;
use ids::{Ids, SessionId};
use inbox::Refusal;
use serde_json::json;
use test_kit::announced;

async fn is_erased(app: &TestApp, session: SessionId, part: &str) -> Result<inbox::Heard, Refusal> {
    let event = SessionErased { session_id: session.to_string(), part: part.into() };
    app.hears(1, catalogue::SESSIONS_SESSION_ERASED, Ids.mint(), event).await
}

#[tokio::test]
async fn a_deleted_session_is_gone_for_every_verb_and_its_words_are_nowhere() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.saves(session, 1, json!([turn("c", "learner", 0, 10, "canary phrase")])).await.is(200);
    maya.finalizes(session).await.is(200);
    assert!(app.everything_written().await.contains("canary phrase"));

    maya.deletes(session).await.is(204);
    let written = app.everything_written().await;
    for word in ["canary phrase", "flat white", "Ordering coffee", "small café"] {
        assert!(!written.contains(word), "{word} is still written");
    }
    let told: Vec<SessionDeleted> = announced(app.pool()).await;
    assert_eq!((told.len(), told[0].session_id.as_str()), (1, session.to_string().as_str()));

    for answer in [
        maya.looks_at(session).await,
        maya.saves(session, 9, json!([])).await,
        maya.finalizes_under(0, session, "again", ending()).await,
        maya.rates_again_under(session, "again").await,
        maya.deletes(session).await,
        maya.gets(&format!("/api/sessions/{session}/events")).await,
    ] {
        answer.is_refused(404, "not-found");
    }
    assert_eq!(maya.gets("/api/sessions").await.is(200)["sessions"], json!([]));
}

#[tokio::test]
async fn late_news_revives_nothing() {
    let app = TestApp::start().await;
    app.neighbours.rating_has(rating(1));
    app.does_its_jobs();
    let maya = app.learner();
    let session = maya.starts().await;
    maya.finalizes(session).await.is(200);
    maya.deletes(session).await.is(204);
    the_recording_is_stored(&app, session, 1).await;
    the_rating_is_ready(&app, session, 1).await;
    rating_gives_up(&app, session, 2).await;
    maya.looks_at(session).await.is_refused(404, "not-found");
    for rows in ["recording", "rating", "job", "session"] {
        let left: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {rows}")))
            .fetch_one(app.pool())
            .await
            .unwrap();
        assert_eq!(left, 0, "{rows}");
    }
}

#[tokio::test]
async fn when_every_part_is_erased_a_receipt_is_all_that_is_left() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.deletes(session).await.is(204);
    is_erased(&app, session, "upload").await.unwrap();
    is_erased(&app, session, "upload").await.unwrap();
    is_erased(&app, session, "secrets").await.unwrap();
    assert_eq!(app.count("select count(*) from tombstone").await, 1);
    assert!(matches!(is_erased(&app, session, "games").await, Err(Refusal::Never(_))));
    is_erased(&app, session, "rating").await.unwrap();
    assert_eq!(app.count("select count(*) from tombstone").await, 0);
    assert_eq!(app.count("select count(*) from deletion_receipt").await, 1);
    assert_eq!(app.count("select count(*) from idempotency_key where session_id is not null").await, 0);

    is_erased(&app, session, "rating").await.unwrap();
    assert_eq!(app.count("select count(*) from deletion_receipt").await, 1);
    assert_eq!(app.count("select count(*) from tombstone").await, 0);
}

#[tokio::test]
async fn that_a_part_of_a_living_session_is_erased_changes_nothing() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    for part in ["upload", "rating", "secrets"] {
        is_erased(&app, session, part).await.unwrap();
    }
    maya.looks_at(session).await.is(200);
    maya.deletes(session).await.is(204);
    assert_eq!(app.count("select count(*) from tombstone").await, 1);
}

#[tokio::test]
async fn another_learners_session_answers_exactly_like_none() {
    let app = TestApp::start().await;
    let (maya, ben) = (app.learner(), app.learner());
    let hers = maya.starts().await;
    let none: SessionId = Ids.mint();
    for (method, tail, body) in [
        (Method::GET, "", None),
        (Method::DELETE, "", None),
        (Method::PUT, "/transcript", Some(json!({"revision": 1, "turns": []}))),
        (Method::POST, "/finalize", Some(ending())),
        (Method::POST, "/rating", None),
        (Method::GET, "/events", None),
    ] {
        let mut answers = Vec::new();
        for id in [hers, none] {
            let path = format!("/api/sessions/{id}{tail}");
            let answer = app.sends(0, ben.request(method.clone(), &path, Some("k"), body.clone())).await;
            answer.is_refused(404, "not-found");
            answers.push((answer.body, answer.headers));
        }
        assert_eq!(answers[0], answers[1], "{method} {tail}");
    }
    assert_eq!(maya.looks_at(hers).await.is(200)["transcript"]["revision"], 0);
}
