//! The broker beside the catalogue.

use crate::support::Site;
use async_nats::jetstream::{self, consumer, stream};
use events::catalogue::{CONSUMERS, LOGINS, PRACTICE, STREAMS, UPLOAD_SESSION_DELETED};
use std::time::Duration;

async fn operator(site: &Site) -> jetstream::Context {
    jetstream::new(async_nats::connect(site.nats.url()).await.unwrap())
}

#[tokio::test]
async fn a_broker_that_is_as_the_catalogue_says_has_no_differences() {
    let site = Site::start().await;
    let same = site.types("streams diff").await;
    assert!(same.well, "{same:?}");

    // One that hears everything comes and goes.
    let stream = operator(&site).await.get_stream(LOGINS.name).await.unwrap();
    stream.create_consumer(consumer::pull::OrderedConfig::default()).await.unwrap();
    assert!(site.types("streams diff").await.well);
}

#[tokio::test]
async fn every_difference_is_named_and_applying_removes_what_it_can() {
    let site = Site::start().await;
    let broker = operator(&site).await;
    broker.delete_stream(LOGINS.name).await.unwrap();
    let practice = broker.get_stream(PRACTICE.name).await.unwrap();
    practice.delete_consumer(UPLOAD_SESSION_DELETED.name).await.unwrap();
    let mut shorter = practice.cached_info().config.clone();
    shorter.max_age = Duration::from_hours(1);
    broker.update_stream(shorter).await.unwrap();
    broker
        .create_stream(stream::Config {
            name: "odd".into(),
            subjects: vec!["odd.*".into()],
            ..stream::Config::default()
        })
        .await
        .unwrap();

    let differs = site.types("streams diff").await;
    assert!(!differs.well);
    assert_eq!(
        differs.lines(),
        [
            "stream logins is missing",
            "stream odd is not in the catalogue",
            "stream practice has age 3600s instead of 604800s",
            "consumer upload-session-deleted is missing",
        ]
    );

    let applied = site.types("streams apply").await;
    assert!(
        applied.said.starts_with(&format!("{} streams and", STREAMS.len() + CONSUMERS.len())),
        "{applied:?}"
    );
    let left = site.types("streams diff").await;
    assert_eq!(left.lines(), ["stream odd is not in the catalogue"]);
    broker.delete_stream("odd").await.unwrap();
    assert!(site.types("streams diff").await.well);
}

#[tokio::test]
async fn a_broker_that_is_gone_is_said_to_be() {
    let mut site = Site::start().await;
    site.nats.stop();
    let refused = site.types("streams diff").await;
    assert!(!refused.well && refused.complained.contains("the broker does not answer"), "{refused:?}");
}
