//! How fast events leave an outbox, beside a publisher that has nothing but the broker, and how soon they are heard, beside
//! the two things that nobody gets around: `cargo xtask bench`.
//!
//! What is compared takes turns, so that whatever else the machine does is in both.

use event_bus::{Bus, Outgoing};
use events::{Event as _, RatingRequested, catalogue};
use futures::{StreamExt as _, stream};
use ids::{EventId, Ids};
use inbox::{Hears, Refusal};
use lifecycle::Lifecycle;
use outbox::Outbox;
use prost::Message as _;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use std::{
    env, fs,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};
use test_kit::{Database, Nats};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Events of one round, and how often it is played.
const EVENTS: usize = 6_400;
const ROUNDS: usize = 7;
/// As many as the relay has on their way at once.
const AT_ONCE: usize = 64;
/// Of the speed of a bare publisher, the relay must reach this much.
const SPEED: f64 = 0.7;
/// What must remain of the relay's speed when nothing that was published can be cleared away.
const HELD: f64 = 0.95;
/// For how long somebody looks at the database as it was, while events are said all the time.
const HOLD: Duration = Duration::from_mins(3);
/// Events that are heard one after the other.
const HEARD: usize = 400;
/// An event is heard within so many times the commit and the broker's answer, in 95 of 100 cases.
const DELAY: f64 = 4.0;

#[tokio::main]
async fn main() -> ExitCode {
    let nats = Nats::start().await;
    let database = Database::with(&[&outbox::MIGRATOR, &inbox::MIGRATOR]).await;
    let figures = [
        relayed(&nats, database.pool()).await,
        heard(&nats, database.pool()).await,
        // Half a million events, which nobody needs to hear.
        held(&nats, database.pool()).await,
    ];
    for figure in &figures {
        println!("{}", figure["words"].as_str().expect("words"));
    }
    let report = serde_json::to_string_pretty(&figures).expect("JSON");
    match folder() {
        Some(folder) => fs::write(folder.join("events.json"), report).expect("figures are kept"),
        None => println!("{report}"),
    }
    if figures.iter().all(|figure| figure["holds"] == true) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn folder() -> Option<PathBuf> {
    env::var_os("BENCH_FOLDER").map(PathBuf::from)
}

fn event() -> RatingRequested {
    RatingRequested {
        session_id: "01a201af-9157-71cd-ab4b-f13d9d456b63".into(),
        learner_id: "01a201af-9157-71cd-ab4b-f13d9d456b64".into(),
    }
}

/// How fast rows that are committed leave, beside the same messages from memory.
async fn relayed(nats: &Nats, pool: &PgPool) -> Value {
    let (outbox, life, bus) = (Outbox::default(), Lifecycle::new(), nats.bus().await);
    bus.connected(Duration::from_secs(5)).await.expect("the broker is there");
    outbox::relay(&outbox, pool.clone(), nats.bus().await, &life);
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (publisher, relay) = (publishes(&bus).await, relays(&outbox, pool).await);
        // The first is not counted.
        if round > 0 {
            bare.push(publisher);
            ours.push(relay);
        }
    }
    life.stop();
    let ratio = share(bare.iter().zip(&ours).map(|(bare, ours)| bare / ours), 0.5);
    let per_second = |all: &[f64]| EVENTS as f64 / share(all.iter().copied(), 0.5);
    json!({
        "words": format!("{ratio:.2} of {SPEED} of a bare publisher: {:.0} events/s, bare {:.0}", per_second(&ours), per_second(&bare)),
        "holds": ratio >= SPEED,
        "ratio": ratio,
        "relay_s": ours,
        "bare_s": bare,
    })
}

/// How fast the relay is after somebody has held a transaction open for minutes: no row that was changed since is cleared
/// away, and each is passed by whoever looks for the next.
async fn held(nats: &Nats, pool: &PgPool) -> Value {
    let (outbox, life) = (Outbox::default(), Lifecycle::new());
    outbox::relay(&outbox, pool.clone(), nats.bus().await, &life);
    let rounds = async || {
        let mut seconds = vec![];
        for _ in 0..ROUNDS {
            seconds.push(relays(&outbox, pool).await);
        }
        seconds
    };
    relays(&outbox, pool).await;
    let free = rounds().await;
    let mut holder = pool.acquire().await.expect("the database is there");
    sqlx::raw_sql("begin isolation level repeatable read; select from outbox limit 1")
        .execute(&mut *holder)
        .await
        .expect("it sees the database as it is");
    let began = Instant::now();
    while began.elapsed() < HOLD {
        relays(&outbox, pool).await;
    }
    let held = rounds().await;
    sqlx::raw_sql("rollback").execute(&mut *holder).await.expect("it lets go");
    life.stop();
    let [free_s, held_s] = [&free, &held].map(|all| share(all.iter().copied(), 0.5));
    let ratio = free_s / held_s;
    json!({
        "words": format!(
            "{ratio:.2} of {HELD} of itself while an old transaction is open for {} min: {:.0} events/s, before {:.0}",
            HOLD.as_secs() / 60, EVENTS as f64 / held_s, EVENTS as f64 / free_s,
        ),
        "holds": ratio >= HELD,
        "ratio": ratio,
        "free_s": free,
        "held_s": held,
    })
}

async fn publishes(bus: &Bus) -> f64 {
    let payload = bytes::Bytes::from(event().encode_to_vec());
    let began = Instant::now();
    stream::iter(0..EVENTS)
        .map(|_| {
            let outgoing = Outgoing {
                event: Ids.mint::<EventId>(),
                subject: RatingRequested::SUBJECT.to_owned(),
                payload: payload.clone(),
                traceparent: None,
                replayed: false,
            };
            async move { bus.publish(&outgoing).await.expect("the broker takes it") }
        })
        .buffer_unordered(AT_ONCE)
        .collect::<()>()
        .await;
    began.elapsed().as_secs_f64()
}

async fn relays(outbox: &Outbox, pool: &PgPool) -> f64 {
    let mut tx = postgres::begin(pool).await.expect("the database is there");
    let mut last = None;
    for _ in 0..EVENTS {
        last = Some(outbox.append(&mut tx, &event()).await.expect("it is appended"));
    }
    let last = last.expect("one at least").as_uuid();
    let began = Instant::now();
    tx.commit().await.expect("they are committed");
    loop {
        // The relay goes by the order in which they were appended.
        let said: bool =
            sqlx::query_scalar("select published_at is not null from outbox where event_id = $1")
                .bind(last)
                .fetch_one(pool)
                .await
                .expect("the database is there");
        if said {
            return began.elapsed().as_secs_f64();
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Says when it heard something.
struct Ear(UnboundedSender<Instant>);

impl Hears<RatingRequested> for Ear {
    async fn hear(&self, _: &mut PgConnection, _: RatingRequested) -> Result<(), Refusal> {
        let _ = self.0.send(Instant::now());
        Ok(())
    }
}

/// How soon after its commit an event reaches whoever handles it, beside a commit and the broker's answer to a message.
async fn heard(nats: &Nats, pool: &PgPool) -> Value {
    let (outbox, life, bus) = (Outbox::default(), Lifecycle::new(), nats.bus().await);
    bus.connected(Duration::from_secs(5)).await.expect("the broker is there");
    outbox::relay(&outbox, pool.clone(), nats.bus().await, &life);
    let (heard, mut hears): (_, UnboundedReceiver<Instant>) = unbounded_channel();
    let ear = Arc::new(Ear(heard));
    inbox::listen(nats.bus().await, pool, &life, catalogue::RATING_RATING_REQUESTED, ear);
    // What was said before is heard first.
    while tokio::time::timeout(Duration::from_secs(2), hears.recv()).await.is_ok_and(|heard| heard.is_some())
    {
    }

    let (mut delays, mut least) = (Vec::new(), Vec::new());
    for _ in 0..HEARD {
        let mut tx = postgres::begin(pool).await.expect("the database is there");
        outbox.append(&mut tx, &event()).await.expect("it is appended");
        let began = Instant::now();
        tx.commit().await.expect("it is committed");
        let commit = began.elapsed();
        delays.push((hears.recv().await.expect("it is heard") - began).as_secs_f64());
        let asked = Instant::now();
        let payload = bytes::Bytes::from(event().encode_to_vec());
        let (event, subject) = (Ids.mint(), RatingRequested::SUBJECT.to_owned());
        bus.publish(&Outgoing { event, subject, payload, traceparent: None, replayed: false })
            .await
            .expect("the broker takes it");
        least.push((commit + asked.elapsed()).as_secs_f64());
        hears.recv().await.expect("the other is heard as well");
    }
    life.stop();
    let of = |all: &[f64], part: f64| share(all.iter().copied(), part) * 1000.0;
    let ratio = of(&delays, 0.95) / of(&least, 0.95);
    json!({
        "words": format!(
            "{ratio:.1} of {DELAY} times a commit and the broker's answer: heard after {:.1} ms, 95 of 100 after {:.1} ms; those two {:.1} and {:.1} ms",
            of(&delays, 0.5), of(&delays, 0.95), of(&least, 0.5), of(&least, 0.95),
        ),
        "holds": ratio <= DELAY,
        "ratio": ratio,
        "heard_s": delays,
        "commit_and_answer_s": least,
    })
}

/// What this share of the figures does not exceed.
fn share(figures: impl Iterator<Item = f64>, part: f64) -> f64 {
    let mut all: Vec<f64> = figures.collect();
    all.sort_by(f64::total_cmp);
    all[((all.len() as f64 * part).ceil() as usize).clamp(1, all.len()) - 1]
}
