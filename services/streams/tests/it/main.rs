//! Against a real broker.

use async_nats::jetstream;
use events::catalogue::{CONSUMERS, PRACTICE, SESSIONS_AUDIO_STORED, STREAMS};
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};
use streams::{Keeper, Kept};
use test_kit::Nats;
use tokio::process::Command;
use tracing::instrument::WithSubscriber as _;

/// What was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn count(&self) -> usize {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap().lines().count()
    }

    fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
        let lines = self.clone();
        tracing_subscriber::fmt().with_writer(move || lines.clone()).with_env_filter("streams=info").finish()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn operator(nats: &Nats) -> jetstream::Context {
    jetstream::new(async_nats::connect(nats.url()).await.unwrap())
}

#[tokio::test]
async fn applying_the_catalogue_twice_changes_and_says_nothing() {
    let nats = Nats::start().await;
    let keeper = Keeper::new(nats.bus().await);
    let lines = Lines::default();
    async {
        let Kept::Made(first) = keeper.keep().await else { panic!("a new keeper has seen nothing before") };
        assert_eq!(first.len(), STREAMS.len() + CONSUMERS.len());
        assert_eq!(keeper.keep().await, Kept::Unchanged);
        assert_eq!(keeper.keep().await, Kept::Unchanged);
    }
    .with_subscriber(lines.subscriber())
    .await;
    assert_eq!(lines.count(), 1);
    assert!(keeper.is_kept());
}

#[tokio::test]
async fn what_is_deleted_comes_back() {
    let nats = Nats::start().await;
    let keeper = Keeper::new(nats.bus().await);
    keeper.keep().await;
    let operator = operator(&nats).await;

    operator.delete_stream(PRACTICE.name).await.unwrap();
    let Kept::Made(made) = keeper.keep().await else { panic!("a stream was missing") };
    assert!(made.contains(&PRACTICE.name), "{made:?}");
    let of_practice = CONSUMERS.iter().filter(|consumer| consumer.stream == PRACTICE.name).count();
    assert_eq!(made.len(), 1 + of_practice, "its consumers went with it");

    let stream = operator.get_stream(PRACTICE.name).await.unwrap();
    stream.delete_consumer(SESSIONS_AUDIO_STORED.name).await.unwrap();
    assert_eq!(keeper.keep().await, Kept::Made(vec![SESSIONS_AUDIO_STORED.name]));
    assert_eq!(keeper.keep().await, Kept::Unchanged);
}

#[tokio::test]
async fn a_broker_that_is_gone_is_complained_about_once() {
    let mut nats = Nats::start().await;
    let keeper = Keeper::new(nats.bus().await);
    keeper.keep().await;
    nats.stop();
    let lines = Lines::default();
    async {
        // The connection may take its time to notice; what an attempt fails with may then differ once.
        assert_eq!(keeper.keep().await, Kept::Failed);
        assert!(!keeper.is_kept());
        assert_eq!(keeper.keep().await, Kept::Failed);
        let complaints = lines.count();
        assert_eq!(keeper.keep().await, Kept::Failed);
        assert_eq!(lines.count(), complaints);
        nats.start_again().await;
        assert_eq!(keeper.keep().await, Kept::Unchanged);
        assert_eq!(lines.count(), complaints + 1, "that it works again is said");
    }
    .with_subscriber(lines.subscriber())
    .await;
}

#[tokio::test]
async fn applying_once_leaves_every_stream_behind() {
    let nats = Nats::start().await;
    let apply =
        |url: String| Command::new(env!("CARGO_BIN_EXE_streams")).arg("apply").env("NATS_URL", url).output();
    let done = apply(nats.url().clone()).await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let operator = operator(&nats).await;
    for wanted in STREAMS {
        operator.get_stream(wanted.name).await.unwrap();
    }

    let nobody = apply("nats://127.0.0.1:1".to_owned()).await.unwrap();
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("the broker does not answer"));
    assert!(!nobody.status.success());
}
