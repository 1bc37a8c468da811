//! From an outbox over a real broker into an inbox, and what happens when the broker dies or forgets.

use event_bus::Outgoing;
use events::{LoginRevoked, RatingRequested, catalogue};
use ids::Ids;
use inbox::{Hears, Refusal};
use lifecycle::Lifecycle;
use outbox::Outbox;
use sqlx::{PgConnection, PgPool};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};
use test_kit::{Database, Nats, eventually};

/// Counts effects in the transaction that brings them about.
#[derive(Default)]
struct Counter {
    put_off: AtomicBool,
}

impl Hears<RatingRequested> for Counter {
    async fn hear(&self, tx: &mut PgConnection, event: RatingRequested) -> Result<(), Refusal> {
        if event.learner_id == "refused" {
            return Err(Refusal::Never("this learner is refused".into()));
        }
        if event.learner_id == "put off" && !self.put_off.swap(true, SeqCst) {
            return Err(Refusal::Again("not now".into()));
        }
        assert_ne!(event.learner_id, "unforeseen", "an ear that was not written for this");
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
        Arc::new(Counter::default()),
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

/// A service that was away for weeks finds a broker that lost its store, and others that have forgotten what they heard.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_lost_its_store_is_not_told_what_others_may_have_forgotten() {
    let (database, mut nats, first) = (database().await, Nats::start().await, Lifecycle::new());
    let (pool, outbox) = (database.pool(), Outbox::default());
    let is_so = async |what: &'static str| {
        sqlx::query_scalar::<_, bool>(what).fetch_one(pool).await.unwrap().then_some(())
    };
    say(&outbox, pool, "maya").await;
    say(&outbox, pool, "ben").await;
    outbox::relay(&outbox, pool.clone(), nats.bus().await, &first);
    eventually("both are published, and the stream was seen", async || {
        is_so("select exists (select from outbox_stream where last_sequence = 2) and bool_and(published_at is not null) from outbox")
            .await
    })
    .await;
    first.stop();
    first.drained().await;
    let aged = "update outbox set created_at = now() - interval '22 days'
                where event_id = (select event_id from outbox order by event_id limit 1)";
    sqlx::raw_sql(aged).execute(pool).await.unwrap();
    nats.lose_store();
    nats.start_again().await;

    let second = Lifecycle::new();
    outbox::relay(&outbox, pool.clone(), nats.bus().await, &second);
    let bus = nats.bus().await;
    let state = async || bus.stream_state("practice").await.map(|state| state.last_sequence);
    eventually("the younger one is said again", async || state().await.filter(|last| *last > 0)).await;
    eventually("the older one is gone", async || is_so("select count(*) = 1 from outbox").await).await;
    assert_eq!(state().await, Some(1));
    second.stop();
}

/// Replicas compare one after the other. Had one asked the broker before it was its turn, a stream that grew meanwhile
/// would seem to have lost what was added.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_grew_while_a_replica_waited_for_its_turn_has_lost_nothing() {
    let (database, nats, first) = (database().await, Nats::start().await, Lifecycle::new());
    let (pool, bus) = (database.pool(), nats.bus().await);
    let outbox = Outbox::default();
    outbox::relay(&outbox, pool.clone(), bus.clone(), &first);
    say(&outbox, pool, "maya").await;
    let is_so = async |what: &'static str| {
        sqlx::query_scalar::<_, bool>(what).fetch_one(pool).await.unwrap().then_some(())
    };
    eventually("it is published, and all streams were seen", async || {
        is_so("select (select count(*) from outbox_stream) = 3 and bool_and(published_at is not null) from outbox")
            .await
    })
    .await;
    first.stop();
    first.drained().await;

    let statements = "update outbox set published_at = now() - interval '1 hour';
                      delete from outbox_stream where stream <> 'practice'";
    sqlx::raw_sql(statements).execute(pool).await.unwrap();
    let mut another = postgres::begin(pool).await.unwrap();
    sqlx::raw_sql("select from outbox_stream where stream = 'practice' for update")
        .execute(&mut *another)
        .await
        .unwrap();
    let second = Lifecycle::new();
    outbox::relay(&outbox, pool.clone(), bus.clone(), &second);
    eventually("the replica waits for its turn", async || {
        is_so(
            "select exists (
                 select from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock' and query like '%outbox_stream%'
             )",
        )
        .await
    })
    .await;
    let event = Outgoing {
        event: Ids.mint(),
        subject: "rating.requested".to_owned(),
        payload: Vec::new().into(),
        traceparent: None,
        replayed: false,
    };
    bus.publish(&event).await.unwrap();
    let grown = bus.stream_state("practice").await.unwrap().last_sequence;
    assert_eq!(grown, 2);
    sqlx::query_scalar::<_, i64>("update outbox_stream set last_sequence = $1 returning last_sequence")
        .bind(grown)
        .fetch_one(&mut *another)
        .await
        .unwrap();
    another.commit().await.unwrap();

    eventually("it compared the streams behind that one", async || {
        is_so("select count(*) = 3 from outbox_stream").await
    })
    .await;
    second.stop();
    second.drained().await;
    assert!(is_so("select published_at < now() - interval '30 minutes' from outbox").await.is_some());
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
async fn what_cannot_have_its_effect_now_has_it_later() {
    let (database, nats, life) = (database().await, Nats::start().await, Lifecycle::new());
    let outbox = start(&database, &nats, &life).await;
    say(&outbox, database.pool(), "put off").await;
    eventually("the effect", async || (effects(database.pool()).await == 1).then_some(())).await;
    life.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_before_it_commits_is_never_said() {
    let (database, nats, life) = (database().await, Nats::start().await, Lifecycle::new());
    let outbox = start(&database, &nats, &life).await;
    let mut tx = postgres::begin(database.pool()).await.unwrap();
    let event = RatingRequested { session_id: "s".into(), learner_id: "taken back".into() };
    outbox.append(&mut tx, &event).await.unwrap();
    tx.rollback().await.unwrap();
    say(&outbox, database.pool(), "maya").await;
    eventually("what was said", async || (effects(database.pool()).await > 0).then_some(())).await;
    let said: i64 =
        sqlx::query_scalar("select count(*) from outbox").fetch_one(database.pool()).await.unwrap();
    assert_eq!((said, effects(database.pool()).await), (1, 1));
    life.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_commits_after_a_later_one_is_said_all_the_same() {
    let (database, nats, life) = (database().await, Nats::start().await, Lifecycle::new());
    let outbox = start(&database, &nats, &life).await;
    let mut earlier = postgres::begin(database.pool()).await.unwrap();
    let event = RatingRequested { session_id: "s".into(), learner_id: "earlier".into() };
    outbox.append(&mut earlier, &event).await.unwrap();
    say(&outbox, database.pool(), "later").await;
    eventually("the later one", async || (effects(database.pool()).await == 1).then_some(())).await;
    earlier.commit().await.unwrap();
    eventually("the earlier one", async || (effects(database.pool()).await == 2).then_some(())).await;
    life.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ear_that_panics_hears_what_comes_next() {
    let (database, nats, life) = (database().await, Nats::start().await, Lifecycle::new());
    let outbox = start(&database, &nats, &life).await;
    let pool = database.pool();
    for learner in ["unforeseen", "maya"] {
        say(&outbox, pool, learner).await;
    }
    eventually("the next effect", async || (effects(pool).await == 1).then_some(())).await;
    let letter =
        eventually("a dead letter", async || inbox::dead_letters::list(pool).await.unwrap().pop()).await;
    assert_eq!(letter.reason, "whoever heard it panicked");
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
