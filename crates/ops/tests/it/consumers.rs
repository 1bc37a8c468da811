//! How far behind each consumer is.

use crate::support::{Answer, Site};
use async_nats::jetstream::{self, consumer::PullConsumer};
use events::{
    SessionDeleted,
    catalogue::{CONSUMERS, RATING_SESSION_DELETED, UPLOAD_SESSION_DELETED},
};
use futures::StreamExt as _;

fn cells<'a>(answer: &'a Answer, consumer: &str) -> Vec<&'a str> {
    let line = answer.lines().into_iter().find(|line| line.starts_with(&format!("{consumer} ")));
    line.expect("the consumer is listed").split_whitespace().skip(1).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_counted_for_each_consumer() {
    let site = Site::start().await;
    site.relays("sessions").await;
    for _ in 0..2 {
        site.says("sessions", &SessionDeleted::default(), None).await;
    }
    let waiting = site.sees("consumers", |answer| cells(answer, RATING_SESSION_DELETED.name)[0] == "2").await;
    assert_eq!(waiting.lines().len(), 1 + CONSUMERS.len());
    assert_eq!(cells(&waiting, UPLOAD_SESSION_DELETED.name), ["2", "0", "0", "never"]);

    // A replica takes one and dies.
    let broker = jetstream::new(async_nats::connect(site.nats.url()).await.unwrap());
    let consumer: PullConsumer = broker
        .get_consumer_from_stream(UPLOAD_SESSION_DELETED.name, UPLOAD_SESSION_DELETED.stream)
        .await
        .unwrap();
    let mut batch = consumer.fetch().max_messages(1).messages().await.unwrap();
    batch.next().await.unwrap().unwrap();
    let taken = site.types("consumers").await;
    let cells = cells(&taken, UPLOAD_SESSION_DELETED.name);
    assert_eq!(cells[..3], ["1", "1", "0"]);
    assert_eq!(cells[4..], ["s", "ago"]);
}

#[tokio::test]
async fn a_consumer_that_the_broker_does_not_have_is_no_success() {
    let site = Site::start().await;
    let broker = jetstream::new(async_nats::connect(site.nats.url()).await.unwrap());
    broker.delete_stream("logins").await.unwrap();
    let answer = site.types("consumers").await;
    assert!(!answer.well);
    assert_eq!(cells(&answer, "secrets-login-revoked")[0], "missing");
}
