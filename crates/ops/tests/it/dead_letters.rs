//! Events that a service could not handle.

use crate::support::{Answer, Deaf, Open, Site};
use clock::Clock;
use events::{
    RatingRequested, SessionStarted,
    catalogue::{RATING_RATING_REQUESTED, UPLOAD_SESSION_STARTED},
};
use lifecycle::Lifecycle;
use std::{sync::Arc, time::Duration};
use test_kit::eventually;
use uuid::{NoContext, Timestamp, Uuid};

fn requested(session: &str) -> RatingRequested {
    RatingRequested { session_id: session.to_owned(), learner_id: "l-1".to_owned() }
}

/// How many letters are listed.
fn letters(answer: &Answer) -> usize {
    answer.lines().len() - 1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dead_letters_of_all_services_stand_in_one_list() {
    let site = Site::start().await;
    assert_eq!(letters(&site.types("dead-letters list").await), 0);
    site.relays("sessions").await;
    site.hears::<RatingRequested>("rating", RATING_RATING_REQUESTED, Deaf).await;
    site.hears::<SessionStarted>("upload", UPLOAD_SESSION_STARTED, Deaf).await;
    site.says("sessions", &requested("s-1"), None).await;
    site.says("sessions", &SessionStarted { session_id: "s-2".into(), ..SessionStarted::default() }, None)
        .await;

    let listed = site.sees("dead-letters list", |answer| letters(answer) == 2).await;
    assert!(listed.well);
    assert!(listed.lines()[1].starts_with("upload "), "{listed:?}");
    assert!(listed.lines()[1].contains(UPLOAD_SESSION_STARTED.name), "{listed:?}");
    assert!(listed.lines()[2].starts_with("rating "), "{listed:?}");
    assert!(listed.lines()[2].ends_with("there is no such thing here"), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_shown_with_its_event() {
    let site = Site::start().await;
    site.relays("sessions").await;
    site.hears::<RatingRequested>("rating", RATING_RATING_REQUESTED, Deaf).await;
    let event = site.says("sessions", &requested("s-1"), None).await;
    site.sees("dead-letters list", |answer| letters(answer) == 1).await;

    let shown = site.types("dead-letters show rating 1").await.json();
    assert_eq!(shown["event_id"], event.to_string());
    assert_eq!(shown["event"], r#"RatingRequested { session_id: "s-1", learner_id: "l-1" }"#);

    site.publishes("rating.requested", b"\xff\xff").await;
    site.sees("dead-letters list", |answer| letters(answer) == 2).await;
    let broken = site.types("dead-letters show rating 2").await.json();
    assert_eq!((broken["event"].is_null(), broken["bytes"].as_i64()), (true, Some(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_that_is_sent_again_can_have_its_effect() {
    let site = Site::start().await;
    site.relays("sessions").await;
    let deaf = Lifecycle::new();
    inbox::listen::<RatingRequested, _>(
        site.nats.bus().await,
        site.pool("rating"),
        &deaf,
        RATING_RATING_REQUESTED,
        Arc::new(Deaf),
    );
    let event = site.says("sessions", &requested("s-1"), None).await;
    site.sees("dead-letters list", |answer| letters(answer) == 1).await;
    deaf.stop();
    deaf.drained().await;

    site.hears::<RatingRequested>("rating", RATING_RATING_REQUESTED, Open).await;
    let replayed = site.types("dead-letters replay rating 1").await;
    assert!(replayed.well, "{replayed:?}");
    let heard =
        eventually("its effect", async || inbox::handled(site.pool("rating"), &[event]).await.unwrap().pop())
            .await;
    assert_eq!(heard.consumer, RATING_RATING_REQUESTED.name);
    assert!(site.types("dead-letters show rating 1").await.json()["replayed_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_that_others_may_have_forgotten_is_not_sent_again() {
    let site = Site::start().await;
    for days in [20, 22] {
        let said = Clock::System.now() - Duration::from_hours(days * 24);
        let seconds = said.unix_timestamp().cast_unsigned();
        let event = Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, 0));
        let row = format!("'rating-rating-requested', '{event}', 'rating.requested', '', 'odd'");
        let columns = "consumer, event_id, subject, payload, reason";
        site.writes("rating", format!("insert into dead_letter ({columns}) values ({row})")).await;
    }
    assert!(site.types("dead-letters replay rating 1").await.well);
    let refused = site.types("dead-letters replay rating 2").await;
    assert!(!refused.well && refused.complained.contains("take effect twice"), "{refused:?}");
    assert!(site.types("dead-letters show rating 2").await.json()["replayed_at"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_thrown_away_once() {
    let site = Site::start().await;
    site.relays("sessions").await;
    site.hears::<RatingRequested>("rating", RATING_RATING_REQUESTED, Deaf).await;
    site.says("sessions", &requested("s-1"), None).await;
    site.sees("dead-letters list", |answer| letters(answer) == 1).await;

    assert!(site.types("dead-letters drop rating 1").await.well);
    assert_eq!(letters(&site.types("dead-letters list").await), 0);
    for command in ["drop", "show", "replay"] {
        let refused = site.types(&format!("dead-letters {command} rating 1")).await;
        assert!(!refused.well, "{refused:?}");
        assert!(refused.complained.contains("dead letter 1"), "{refused:?}");
    }
}

#[tokio::test]
async fn what_can_be_read_is_listed_although_a_database_is_away() {
    let mut site = Site::start().await;
    site.writes(
        "upload",
        "insert into dead_letter (consumer, event_id, subject, payload, reason)
         values ('upload-session-started', gen_random_uuid(), 'session.started', '', 'odd')"
            .to_owned(),
    )
    .await;
    site.settings.insert("RATING_DATABASE_URL".to_owned(), "postgres://nobody@127.0.0.1:1/rating".to_owned());
    let listed = site.types("dead-letters list").await;
    assert!(!listed.well, "{listed:?}");
    assert!(listed.lines()[1].starts_with("upload "), "{listed:?}");
    assert_eq!(listed.lines()[2], "rating: the database gives no answer");
}
