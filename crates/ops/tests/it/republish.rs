//! Saying again what was said.

use crate::support::{Open, Site};
use events::{
    RatingRequested, SessionDeleted,
    catalogue::{RATING_RATING_REQUESTED, RATING_SESSION_DELETED},
};
use test_kit::eventually;

async fn waiting(site: &Site) -> i64 {
    sqlx::query_scalar("select count(*) from outbox where published_at is null")
        .fetch_one(site.pool("sessions"))
        .await
        .unwrap()
}

/// Two events, both published long ago, one of them an hour after the other.
async fn said(site: &Site) {
    site.says("sessions", &RatingRequested::default(), None).await;
    site.writes("sessions", "update outbox set created_at = now() - interval '2 hours'".to_owned()).await;
    site.says("sessions", &SessionDeleted::default(), None).await;
    site.writes("sessions", "update outbox set published_at = now()".to_owned()).await;
}

#[tokio::test]
async fn what_is_said_again_can_be_chosen() {
    let site = Site::start().await;
    said(&site).await;
    for (options, events) in [
        ("--since 3h", 2),
        ("--since 1h", 1),
        ("--subject rating.requested", 1),
        ("--subject rating.requested --since 1h", 0),
        ("", 2),
    ] {
        let answer = site.types(&format!("outbox republish sessions {options}")).await;
        assert_eq!(answer.said, format!("{events} events of sessions are said again\n"), "{options}");
        assert_eq!(waiting(&site).await, events, "{options}");
        site.writes("sessions", "update outbox set published_at = now()".to_owned()).await;
    }
    for wrong in [
        "--since 9d",
        "--since 2000-01-01T00:00:00Z",
        "--since soon",
        "--subject session",
        "--subject odd.thing",
    ] {
        assert!(!site.types(&format!("outbox republish sessions {wrong}")).await.well, "{wrong}");
    }
}

/// Relays remove what is older than a week, but a service that is away for long has none.
#[tokio::test]
async fn what_others_may_have_forgotten_is_not_said_again() {
    let site = Site::start().await;
    said(&site).await;
    let aged = "update outbox set created_at = now() - interval '22 days' where subject = 'rating.requested'";
    site.writes("sessions", aged.to_owned()).await;
    let answer = site.types("outbox republish sessions").await;
    assert_eq!(answer.said, "1 events of sessions are said again\n");
    let long_ago = site.types("outbox republish sessions --since 2000-01-01T00:00:00Z").await;
    assert!(long_ago.complained.contains("take effect twice"), "{long_ago:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_broker_never_got_is_heard_after_it_is_said_again() {
    let site = Site::start().await;
    said(&site).await;
    site.relays("sessions").await;
    site.hears::<RatingRequested>("rating", RATING_RATING_REQUESTED, Open).await;
    site.hears::<SessionDeleted>("rating", RATING_SESSION_DELETED, Open).await;

    assert!(site.types("outbox republish sessions").await.well);
    eventually("both are heard", async || {
        let heard: i64 =
            sqlx::query_scalar("select count(*) from inbox").fetch_one(site.pool("rating")).await.unwrap();
        (heard == 2).then_some(())
    })
    .await;
}
