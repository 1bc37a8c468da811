//! Delete wins over everything.

use crate::support::TestApp;
use events::{RatingFailed, SessionErased, SessionRated};
use ids::Ids;
use std::{sync::atomic::Ordering, time::Duration};
use test_kit::{announced, eventually};

const EVERYTHING: &str = "select (select count(*) from rating) + (select count(*) from finding) + (select count(*) from job)
                                 + (select count(*) from session where finalized_at is not null or requests > 0)";

#[tokio::test]
async fn a_deleted_session_loses_its_rating_and_nothing_late_revives_it() {
    let app = TestApp::start().await;
    app.works(2);
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    app.rated(1).await;
    app.idle().await;

    app.hears_deleted(Ids.mint()).await;

    assert_eq!(app.rating().await, None);
    assert_eq!(app.count(EVERYTHING).await, 0);
    assert_eq!(
        announced::<SessionErased>(app.pool()).await,
        [SessionErased { session_id: app.session.to_string(), part: "rating".to_owned() }]
    );
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    app.hears_stored(Ids.mint(), app.stored(7)).await;
    app.hears_requested(Ids.mint()).await;
    assert_eq!(app.count(EVERYTHING).await, 0);
}

#[tokio::test]
async fn a_session_deleted_before_anything_was_heard_of_it_stays_deleted() {
    let app = TestApp::with_patience(Duration::ZERO).await;
    app.hears_deleted(Ids.mint()).await;
    app.hears_stored(Ids.mint(), app.stored(1)).await;
    app.hears_finalized(Ids.mint(), app.finalized("keep")).await;
    assert_eq!(app.count(EVERYTHING).await, 0);
    assert_eq!(announced::<SessionErased>(app.pool()).await.len(), 1);
}

/// Deletes the session while the registry is asked, and only then lets it answer.
async fn deleted_in_flight(app: &TestApp) {
    eventually("the rating is in flight", async || {
        (app.sessions.asked.load(Ordering::SeqCst) == 1).then_some(())
    })
    .await;
    app.hears_deleted(Ids.mint()).await;
    app.sessions.answers.add_permits(1);
}

#[tokio::test]
async fn a_rating_in_flight_commits_nothing_once_its_session_is_deleted() {
    let app = TestApp::start().await;
    // The registry does not answer until the test lets it.
    app.sessions.answers.forget_permits(1000);
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    let lease = app.leases().await;
    let (worked, ()) = tokio::join!(app.works_on(&lease), deleted_in_flight(&app));

    worked.expect("there is nothing left to do");
    assert_eq!(app.count(EVERYTHING).await, 0);
    assert_eq!(announced::<SessionRated>(app.pool()).await, []);
    assert_eq!(announced::<RatingFailed>(app.pool()).await, []);
}

#[tokio::test]
async fn a_failing_rating_in_flight_says_nothing_once_its_session_is_deleted() {
    let app = TestApp::start().await;
    app.sessions.answers.forget_permits(1000);
    *app.sessions.missing.lock().unwrap() = true;
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    let lease = app.leases().await;
    let (worked, ()) = tokio::join!(app.works_on(&lease), deleted_in_flight(&app));

    worked.expect("there is nothing left to do");
    assert_eq!(announced::<RatingFailed>(app.pool()).await, []);
    assert_eq!(app.count(EVERYTHING).await, 0);
}
