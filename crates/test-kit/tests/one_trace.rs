//! What goes wrong on the way stays in the trace of what it was about.

mod seen;

use events::{RatingRequested, catalogue::RATING_RATING_REQUESTED};
use inbox::{Hears, Refusal, dead_letters};
use jobs::{Jobs, Lease, Setback, Work};
use lifecycle::Lifecycle;
use outbox::Outbox;
use seen::Seen;
use sqlx::PgConnection;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use test_kit::{Database, Nats, eventually};
use tracing::Instrument as _;

/// Cannot the first time, will not the second time, and then does.
#[derive(Default)]
struct Fickle(AtomicU32);

impl Hears<RatingRequested> for Fickle {
    async fn hear(&self, _: &mut PgConnection, _: RatingRequested) -> Result<(), Refusal> {
        match self.0.fetch_add(1, Ordering::Relaxed) {
            0 => Err(Refusal::Again("not now".into())),
            1 => Err(Refusal::Never("not like this".into())),
            _ => Ok(()),
        }
    }
}

/// The trace of what happens in a span that begins one.
async fn begun(cause: impl Future<Output = ()>) -> String {
    async {
        cause.await;
        telemetry::current_trace_id().expect("we are in a span")
    }
    .instrument(tracing::info_span!(parent: None, "practice.start"))
    .await
}

/// Waits until there are so many ended spans of a name.
async fn those(trace: &str, name: &str, count: usize) -> Vec<Seen> {
    eventually(name, async || {
        let mut spans = seen::trace(trace);
        spans.retain(|span| span.name == name);
        (spans.len() == count).then_some(spans)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_that_fail_a_dead_letter_and_its_replays_are_one_trace() {
    seen::start();
    let database = Database::with(&[&outbox::MIGRATOR, &inbox::MIGRATOR]).await;
    let (nats, life, outbox) = (Nats::start().await, Lifecycle::new(), Outbox::default());
    let pool = database.pool();
    outbox::relay(&outbox, pool.clone(), nats.bus().await, &life);
    inbox::listen(nats.bus().await, pool, &life, RATING_RATING_REQUESTED, Arc::new(Fickle::default()));
    let trace = begun(async {
        let mut tx = postgres::begin(pool).await.unwrap();
        let event = RatingRequested { session_id: "s".into(), learner_id: "l".into() };
        outbox.append(&mut tx, &event).await.unwrap();
        tx.commit().await.unwrap();
    })
    .await;

    let deliveries = "event.rating.requested process";
    let dead = those(&trace, deliveries, 2).await.pop().unwrap();
    let letter = eventually("a dead letter", async || dead_letters::list(pool).await.unwrap().pop()).await;
    let bus = nats.bus().await;
    bus.connected(Duration::from_secs(5)).await.unwrap();
    for heard in [3, 4] {
        dead_letters::replay(pool, &bus, letter.id).await.unwrap();
        those(&trace, deliveries, heard).await;
    }

    let deliveries = those(&trace, deliveries, 4).await;
    let said = |name| deliveries.iter().map(|span| span.get(name)).collect::<Vec<_>>();
    assert_eq!(said("event.verdict"), [Some("again"), Some("never"), Some("done"), Some("done")]);
    assert_eq!(said("event.attempt"), [Some("1"), Some("2"), Some("1"), Some("1")]);
    assert_eq!(said("event.replayed"), [None, None, Some("true"), Some("true")]);
    assert_eq!(said("event.duplicate"), [None, None, None, Some("true")]);
    assert_eq!(deliveries.iter().map(|span| span.failed).collect::<Vec<_>>(), [true, true, false, false]);
    let [published] = those(&trace, "event.rating.requested publish", 1).await.try_into().unwrap();
    assert!(deliveries.iter().all(|span| span.parent == published.id), "{deliveries:?}");
    let [kept] = those(&trace, "db.dead_letter.keep", 1).await.try_into().unwrap();
    assert_eq!((kept.parent, kept.get("event.id")), (dead.id, dead.get("event.id")));
    let [root] = those(&trace, "practice.start", 1).await.try_into().unwrap();
    assert_eq!(published.parent, root.id);
    life.stop();
}

/// Is let down the first time.
struct Unlucky(sqlx::PgPool);

impl Work for Unlucky {
    const KIND: &'static str = "unlucky";

    async fn work(&self, lease: &Lease) -> Result<(), Setback> {
        if lease.attempt == 1 {
            return Err(Setback::Again { after: Duration::ZERO, reason: "let_down" });
        }
        let mut connection = self.0.acquire().await.expect("the database answers");
        Ok(jobs::complete(&mut connection, lease).await?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_of_a_job_stand_beside_one_another_below_what_asked_for_it() {
    seen::start();
    let database = Database::with(&[&jobs::MIGRATOR]).await;
    let (jobs, life) = (Jobs::default(), Lifecycle::new());
    jobs::run(&jobs, database.pool(), &life, 2, &Arc::new(Unlucky(database.pool().clone())));
    let trace = begun(async {
        let mut connection = database.pool().acquire().await.unwrap();
        jobs.ask(&mut connection, Unlucky::KIND, "it", Duration::ZERO).await.unwrap();
    })
    .await;

    let tries = those(&trace, "job.unlucky", 2).await;
    let said = |name| tries.iter().map(|span| span.get(name)).collect::<Vec<_>>();
    assert_eq!(said("job.attempt"), [Some("1"), Some("2")]);
    assert_eq!(said("job.outcome"), [Some("set_back"), Some("finished")]);
    assert_eq!(tries.iter().map(|span| span.failed).collect::<Vec<_>>(), [true, false]);
    let [root] = those(&trace, "practice.start", 1).await.try_into().unwrap();
    assert!(tries.iter().all(|span| span.parent == root.id), "{tries:?}");
    life.stop();
}
