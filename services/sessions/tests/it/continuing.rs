//! A session that goes on with the conversation of another one.

use crate::support::TestApp;
use futures::future::join;
use http::Method;
use ids::{Ids, SessionId, TopicId};
use serde_json::{Value, json};
use std::time::Duration;

fn id_of(session: &Value) -> SessionId {
    session["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_session_goes_on_with_one_that_was_abandoned_and_both_say_so() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let first = maya.starts().await;
    app.nobody_comes_back(first, Duration::ZERO).await;
    app.looks_for_abandoned(0).await;
    assert_eq!(maya.looks_at(first).await.is(200)["continued_by"], json!(null));
    let mut page = maya.watches(0, first).await;
    page.until("finalized").await;

    // The lesson goes on, whatever the catalogue has become since.
    app.neighbours.topics_go_away();
    let answer = maya.continues_under("on", first).await;
    let second = answer.is(201);
    assert_eq!((&second["state"], &second["continues"]), (&json!("open"), &json!(first.to_string())));
    assert_eq!(second["topic"], maya.looks_at(first).await.is(200)["topic"]);
    assert_eq!(second["transcript"]["turns"], json!([]));
    page.until("finalized").await;
    assert_eq!(maya.looks_at(first).await.is(200)["continued_by"], second["id"]);
    assert_eq!(maya.continues_under("on", first).await.body, answer.body);

    // It is an ordinary session: others are told, and it can be gone on with as well.
    maya.finalizes(id_of(&second)).await.is(200);
    let third = maya.continues_under("on and on", id_of(&second)).await.is(201);
    assert_eq!(third["continues"], second["id"]);
    assert_eq!(maya.looks_at(first).await.is(200)["continued_by"], second["id"]);
}

#[tokio::test]
async fn the_same_key_with_another_session_to_go_on_with_is_another_request() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let first = maya.starts().await;
    maya.finalizes(first).await.is(200);
    maya.continues_under("on", first).await.is(201);
    maya.starts_under(0, "on").await.is_refused(422, "idempotency-key-reused");
}

#[tokio::test]
async fn one_that_is_open_is_named_instead_of_a_second_one() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let open = maya.starts().await;
    let refused = maya.continues_under("on", open).await.is_refused(409, "session-already-open");
    assert_eq!(refused["session_id"], open.to_string());
}

#[tokio::test]
async fn nobody_goes_on_with_what_is_not_theirs_or_not_there() {
    let app = TestApp::start().await;
    let (maya, ben) = (app.learner(), app.learner());
    let session = maya.starts().await;
    maya.finalizes(session).await.is(200);
    ben.continues_under("a", session).await.is_refused(404, "not-found");
    maya.continues_under("b", Ids.mint()).await.is_refused(404, "not-found");
    maya.deletes(session).await.is(204);
    maya.continues_under("c", session).await.is_refused(404, "not-found");
    assert_eq!(app.count("select count(*) from session").await, 0);
    assert_eq!(
        app.count(
            "select count(*) from idempotency_key where operation = 'start' and session_id is not null"
        )
        .await,
        0
    );
}

#[tokio::test]
async fn a_conversation_goes_on_about_the_same_topic() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.finalizes(session).await.is(200);
    let wanted = json!({"topic_id": Ids.mint::<TopicId>(), "recording_policy": "keep", "continues": session.to_string()});
    app.sends(0, maya.request(Method::POST, "/api/sessions", Some("k"), Some(wanted)))
        .await
        .is_refused(422, "validation-failed");
}

#[tokio::test]
async fn a_deleted_session_leaves_no_trace_in_the_one_that_went_on_with_it() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let first = maya.starts().await;
    maya.finalizes(first).await.is(200);
    let second = id_of(&maya.continues_under("on", first).await.is(201));
    maya.deletes(first).await.is(204);
    assert_eq!(maya.looks_at(second).await.is(200)["continues"], json!(null));
    assert!(app.count("select count(*) from session where continues is not null").await == 0);
}

#[tokio::test]
async fn going_on_and_deleting_at_once_leave_no_link_to_nothing() {
    let app = TestApp::start().await;
    for round in 0..20 {
        let maya = app.learner();
        let first = maya.starts().await;
        maya.finalizes(first).await.is(200);
        let (second, deleted) = join(maya.continues_under("on", first), maya.deletes(first)).await;
        deleted.is(204);
        if second.status == 201 {
            let shown = maya.looks_at(id_of(&second.json())).await.is(200);
            assert_eq!(shown["continues"], json!(null), "round {round}");
        } else {
            second.is_refused(404, "not-found");
        }
    }
}
