//! Several workers and one that hangs: one rating.

use crate::support::TestApp;
use events::SessionRated;
use ids::Ids;
use jobs::{FinishError, Setback};
use test_kit::announced;

#[tokio::test]
async fn a_worker_that_lost_its_lease_commits_nothing() {
    let app = TestApp::start().await;
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    let hung = app.leases().await;
    app.lease_runs_out().await;
    let second = app.leases().await;

    let late = app.works_on(&hung).await;
    assert!(matches!(late, Err(Setback::Finish(FinishError::Lost))), "{late:?}");
    assert_eq!(app.count("select count(*) from rating").await, 0);

    app.works_on(&second).await.expect("it has the lease");
    assert_eq!(app.count("select count(*) from rating").await, 1);
    assert_eq!(announced::<SessionRated>(app.pool()).await.len(), 1);
}

#[tokio::test]
async fn a_worker_that_died_is_followed_by_another_and_there_is_one_rating() {
    let app = TestApp::start().await;
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    // It dies: nobody keeps its lease.
    drop(app.leases().await);
    app.works(2);
    app.rated(1).await;
    app.idle().await;
    assert_eq!(app.count("select count(*) from rating").await, 1);
}

#[tokio::test]
async fn two_workers_that_begin_together_make_one_rating() {
    let app = TestApp::start().await;
    app.sessions.answers.forget_permits(1000);
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    let first = app.leases().await;
    app.lease_runs_out().await;
    let second = app.leases().await;
    let both = async { tokio::join!(app.works_on(&first), app.works_on(&second)) };
    app.sessions.answers.add_permits(2);
    let (first, second) = both.await;
    assert!(first.is_err() && second.is_ok(), "{first:?} {second:?}");
    assert_eq!(app.count("select count(*) from rating").await, 1);
}

#[tokio::test]
async fn a_second_job_for_what_is_already_rated_does_nothing() {
    let app = TestApp::start().await;
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    let lease = app.leases().await;
    app.works_on(&lease).await.expect("it is rated");
    // Said again under another name: the fact is the same.
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    assert_eq!(app.waiting().await, 0);
    assert_eq!(app.count("select count(*) from rating").await, 1);
}
