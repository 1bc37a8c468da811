//! `POST /api/sessions/{id}/rating`

use crate::{
    events::{rating_gives_up, the_rating_is_ready},
    support::{TestApp, rating},
};
use events::RatingRequested;
use test_kit::{announced, eventually};

#[tokio::test]
async fn after_a_failure_a_learner_may_ask_again_and_the_others_are_told_once_for_each_key() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.finalizes(session).await.is(200);
    rating_gives_up(&app, session, 1).await;

    assert_eq!(maya.rates_again_under(session, "k").await.is(202)["rating"]["state"], "waiting");
    assert_eq!(maya.rates_again_under(session, "k").await.is(202)["rating"]["state"], "waiting");
    assert_eq!(announced::<RatingRequested>(app.pool()).await.len(), 1);

    rating_gives_up(&app, session, 1).await;
    assert_eq!(maya.looks_at(session).await.is(200)["rating"]["state"], "failed");
    maya.rates_again_under(session, "another").await.is(202);
    assert_eq!(announced::<RatingRequested>(app.pool()).await.len(), 2);

    app.neighbours.rating_has(rating(1));
    app.does_its_jobs();
    the_rating_is_ready(&app, session, 1).await;
    eventually("the rating is there", async || {
        (maya.looks_at(session).await.is(200)["rating"]["state"] == "ready").then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_open_session_cannot_be_rated() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let session = maya.starts().await;
    maya.rates_again_under(session, "k").await.is_refused(409, "invalid-state");
    maya.finalizes(session).await.is(200);
    maya.rates_again_under(session, "k").await.is(202);
}
