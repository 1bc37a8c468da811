//! `PUT /api/sessions/{id}/feedback`

use crate::support::TestApp;
use ids::{Ids, SessionId};
use serde_json::json;

#[tokio::test]
async fn the_first_word_about_a_session_that_is_over_is_kept_whichever_replica_hears_it() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.finalizes(session).await.is(200);
    let before = maya.looks_at(session).await.body;
    for (replica, word) in [(0, "fair"), (1, "fair"), (0, "good")] {
        assert!(maya.finds_it(replica, session, json!({"feedback": word})).await.is(204).is_null());
    }
    assert_eq!(app.count("select count(*) from session where feedback = 'fair'").await, 1);
    assert_eq!(maya.looks_at(session).await.body, before, "it is nobody's business but the count's");
}

#[tokio::test]
async fn an_open_session_is_not_judged_yet() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.finds_it(0, session, json!({"feedback": "good"})).await.is_refused(409, "invalid-state");
    assert_eq!(app.count("select count(*) from session where feedback is not null").await, 0);
}

#[tokio::test]
async fn nobody_judges_a_session_that_is_not_theirs_or_not_there() {
    let app = TestApp::start().await;
    let (maya, ben) = (app.learner(), app.learner());
    let session = maya.starts().await;
    maya.finalizes(session).await.is(200);
    let good = json!({"feedback": "good"});
    ben.finds_it(0, session, good.clone()).await.is_refused(404, "not-found");
    maya.finds_it(0, Ids.mint::<SessionId>(), good.clone()).await.is_refused(404, "not-found");
    maya.deletes(session).await.is(204);
    maya.finds_it(0, session, good).await.is_refused(404, "not-found");
}

#[tokio::test]
async fn anything_but_the_three_words_is_refused() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.finalizes(session).await.is(200);
    for body in [
        json!({"feedback": "great"}),
        json!({"feedback": null}),
        json!({"feedback": 3}),
        json!({}),
        json!({"feedback": "good", "why": "I liked it"}),
    ] {
        maya.finds_it(0, session, body).await.is_refused(422, "validation-failed");
    }
    assert_eq!(app.count("select count(*) from session where feedback is not null").await, 0);
}
