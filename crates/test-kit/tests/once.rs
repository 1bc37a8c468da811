//! From an outbox over a real broker into an inbox, and what happens when the broker dies or forgets.

use events::{LoginRevoked, RatingRequested, catalogue};
use inbox::{Hears, Refusal};
use lifecycle::Lifecycle;
use outbox::Outbox;
use sqlx::{PgConnection, PgPool};
use std::sync::Arc;
use test_kit::{Database, Nats, eventually};

/// Counts effects in the transaction that brings them about.
struct Counter;

impl Hears<RatingRequested> for Counter {
    async fn hear(&self, tx: &mut PgConnection, event: RatingRequested) -> Result<(), Refusal> {
        if event.learner_id == "refused" {
            return Err(Refusal::Never("this learner is refused".into()));
        }
        sqlx::raw_sql("insert into effect default values")
            .execute(tx)
            .await
            .map_err(postgres::StoreError::from)?;
        Ok(())
    }
}

async fn database() -> Database {
    let database = Database::with(&[&outbox::MIGRATOR, &inbox::MIGRATOR]).await;
    sqlx::raw_sql("create table effect (n bigint generated always as identity)")
        .execute(database.pool())
        .await
        .unwrap();
    database
}

async fn effects(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from effect").fetch_one(pool).await.unwrap()
}

async fn say(outbox: &Outbox, pool: &PgPool, learner: &str) {
    let mut tx = postgres::begin(pool).await.unwrap();
    let event = RatingRequested { session_id: "s".into(), learner_id: learner.into() };
    outbox.append(&mut tx, &event).await.unwrap();
    tx.commit().await.unwrap();
}

async fn start(database: &Database, nats: &Nats, life: &Lifecycle) -> Outbox {
    let outbox = Outbox::default();
    outbox::relay(&outbox, database.pool().clone(), nats.bus().await, life);
    inbox::listen(
        nats.bus().await,
        database.pool(),
        life,
        catalogue::RATING_RATING_REQUESTED,
        Arc::new(Counter),
    );
    outbox
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_while_the_broker_is_away_takes_effect_once_it_is_back() {
    let (database, mut nats, life) = (database().await, Nats::stopped(), Lifecycle::new());
    let outbox = start(&database, &nats, &life).await;
    for _ in 0..20 {
        say(&outbox, database.pool(), "maya").await;
    }
    nats.start_again().await;
    eventually("all effects", async || (effects(database.pool()).await == 20).then_some(())).await;
    life.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_lost_its_store_is_told_again_and_nothing_takes_effect_twice() {
    let (database, mut nats, life) = (database().await, Nats::start().await, Lifecycle::new());
    let outbox = start(&database, &nats, &life).await;
    say(&outbox, database.pool(), "maya").await;
    eventually("the first effect", async || (effects(database.pool()).await == 1).then_some(())).await;
    eventually("the relay has seen the stream", async || {
        sqlx::query_scalar::<_, i64>("select count(*) from outbox_stream where last_sequence > 0")
            .fetch_one(database.pool())
            .await
            .is_ok_and(|seen| seen > 0)
            .then_some(())
    })
    .await;

    nats.lose_store();
    nats.start_again().await;
    say(&outbox, database.pool(), "maya").await;
    let bus = nats.bus().await;
    eventually("both events stand in the new stream", async || {
        bus.stream_state("practice").await.is_some_and(|state| state.last_sequence >= 2).then_some(())
    })
    .await;
    eventually("the second effect", async || (effects(database.pool()).await >= 2).then_some(())).await;
    assert_eq!(effects(database.pool()).await, 2);
    life.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_event_becomes_a_dead_letter_that_can_be_sent_again() {
    let (database, nats, life) = (database().await, Nats::start().await, Lifecycle::new());
    let outbox = start(&database, &nats, &life).await;
    say(&outbox, database.pool(), "refused").await;
    let pool = database.pool();
    let letter =
        eventually("a dead letter", async || inbox::dead_letters::list(pool).await.unwrap().pop()).await;
    assert_eq!(letter.reason, "this learner is refused");

    let bus = nats.bus().await;
    bus.connected(std::time::Duration::from_secs(5)).await.unwrap();
    inbox::dead_letters::replay(pool, &bus, letter.id).await.unwrap();
    eventually("it died again", async || {
        let again = inbox::dead_letters::list(pool).await.unwrap().pop()?;
        (again.died_at > letter.died_at).then_some(())
    })
    .await;
    assert_eq!(effects(pool).await, 0);
    life.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_replica_hears_a_revocation_also_one_from_before_it_started() {
    let (database, nats, life) = (database().await, Nats::start().await, Lifecycle::new());
    let outbox = Outbox::default();
    outbox::relay(&outbox, database.pool().clone(), nats.bus().await, &life);
    let mut tx = postgres::begin(database.pool()).await.unwrap();
    outbox.append(&mut tx, &LoginRevoked { login_id: "g".into(), ..LoginRevoked::default() }).await.unwrap();
    tx.commit().await.unwrap();
    for _replica in 0..2 {
        let (heard, hears) = tokio::sync::mpsc::unbounded_channel();
        let mut hears: tokio::sync::mpsc::UnboundedReceiver<LoginRevoked> = hears;
        event_bus::hear_all(
            nats.bus().await,
            &life,
            std::time::Duration::from_mins(5),
            move |event: LoginRevoked| {
                let _ = heard.send(event);
            },
        );
        assert_eq!(hears.recv().await.unwrap().login_id, "g");
    }
    life.stop();
}
