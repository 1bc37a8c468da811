//! The databases of all services as their migrations make them, a broker, and an operator who types commands.

mod learner;
mod product;
mod storage;

pub use learner::Learner;
pub use product::{Product, Running, SERVICES};

use event_bus::Outgoing;
use events::{Event, catalogue::Consumer};
use ids::{EventId, Ids};
use inbox::{Hears, Refusal};
use lifecycle::Lifecycle;
use outbox::Outbox;
use serde_json::Value;
use sqlx::{PgConnection, PgPool, migrate::Migrator};
use std::{collections::BTreeMap, sync::Arc};
use storage::Storage;
use test_kit::{Database, Nats, eventually};
use tokio::process::Command;

static ACCOUNTS: Migrator = sqlx::migrate!("../../migrations/accounts");
static TOPICS: Migrator = sqlx::migrate!("../../migrations/topics");
static SESSIONS: Migrator = sqlx::migrate!("../../migrations/sessions");
static SECRETS: Migrator = sqlx::migrate!("../../migrations/secrets");
static UPLOAD: Migrator = sqlx::migrate!("../../migrations/upload");
static RATING: Migrator = sqlx::migrate!("../../migrations/rating");

/// What an operator has before them.
pub struct Site {
    pub storage: Storage,
    pub nats: Nats,
    pub databases: BTreeMap<&'static str, Database>,
    pub settings: BTreeMap<String, String>,
    pub lifecycle: Lifecycle,
}

impl Site {
    pub async fn start() -> Self {
        let mut databases = BTreeMap::new();
        for (name, own) in [("accounts", &ACCOUNTS), ("topics", &TOPICS)] {
            databases.insert(name, Database::with(&[own, &outbox::MIGRATOR]).await);
        }
        for (name, own) in
            [("sessions", &SESSIONS), ("secrets", &SECRETS), ("upload", &UPLOAD), ("rating", &RATING)]
        {
            let tables = [own, &outbox::MIGRATOR, &inbox::MIGRATOR, &jobs::MIGRATOR];
            databases.insert(name, Database::with(&tables).await);
        }
        let (nats, lifecycle) = (Nats::start().await, Lifecycle::new());
        let storage = Storage::start(&lifecycle).await;
        let mut settings: BTreeMap<String, String> = databases
            .iter()
            .map(|(name, database)| (format!("{}_DATABASE_URL", name.to_uppercase()), database.url()))
            .collect();
        settings.insert("NATS_URL".to_owned(), nats.url());
        settings.extend(storage.settings());
        Self { storage, nats, databases, settings, lifecycle }
    }

    pub fn pool(&self, service: &str) -> &PgPool {
        self.databases[service].pool()
    }

    /// Runs SQL in a service's database.
    pub async fn writes(&self, service: &str, sql: String) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(self.pool(service))
            .await
            .expect("the rows are right");
    }

    /// Types a command.
    pub async fn types(&self, line: &str) -> Answer {
        let output = Command::new(env!("CARGO_BIN_EXE_ops"))
            .args(line.split_whitespace())
            .envs(&self.settings)
            .output()
            .await
            .expect("the program starts");
        Answer {
            well: output.status.success(),
            said: String::from_utf8(output.stdout).expect("it speaks in text"),
            complained: String::from_utf8(output.stderr).expect("it speaks in text"),
        }
    }

    /// A service says something in a transaction of its own, within the trace that is given.
    pub async fn says<E: Event>(&self, service: &str, event: &E, traceparent: Option<&str>) -> EventId {
        let mut tx = postgres::begin(self.pool(service)).await.unwrap();
        let id = Outbox::default().append(&mut tx, event).await.unwrap();
        tx.commit().await.unwrap();
        if let Some(parent) = traceparent {
            self.writes(
                service,
                format!("update outbox set traceparent = '{parent}' where event_id = '{id}'"),
            )
            .await;
        }
        id
    }

    /// The relay of a service runs from now on.
    pub async fn relays(&self, service: &str) {
        let outbox = Outbox::default();
        outbox::relay(&outbox, self.pool(service).clone(), self.nats.bus().await, &self.lifecycle);
    }

    /// A consumer of a service runs from now on.
    pub async fn hears<E: Event>(&self, service: &str, consumer: Consumer, ear: impl Hears<E>) {
        inbox::listen::<E, _>(
            self.nats.bus().await,
            self.pool(service),
            &self.lifecycle,
            consumer,
            Arc::new(ear),
        );
    }

    /// Something is published that no service would say.
    pub async fn publishes(&self, subject: &str, payload: &'static [u8]) -> EventId {
        let event: EventId = Ids.mint();
        let bus = self.nats.bus().await;
        let outgoing = Outgoing {
            event,
            subject: subject.to_owned(),
            payload: payload.into(),
            traceparent: None,
            replayed: false,
        };
        eventually("it is published", async || bus.publish(&outgoing).await.ok()).await;
        event
    }

    /// Waits until a command says something.
    pub async fn sees(&self, line: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
        eventually(line, async || {
            let answer = self.types(line).await;
            wanted(&answer).then_some(answer)
        })
        .await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.lifecycle.stop();
    }
}

/// What a command came to.
#[derive(Debug)]
pub struct Answer {
    pub well: bool,
    pub said: String,
    pub complained: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        assert!(self.well, "{self:?}");
        serde_json::from_str(&self.said).unwrap_or_else(|_| panic!("not JSON: {}", self.said))
    }

    pub fn lines(&self) -> Vec<&str> {
        self.said.lines().collect()
    }
}

/// An ear that hears what it hears and does nothing.
pub struct Open;

impl<E: Event> Hears<E> for Open {
    async fn hear(&self, _: &mut PgConnection, _: E) -> Result<(), Refusal> {
        Ok(())
    }
}

/// An ear that hears nothing.
pub struct Deaf;

impl<E: Event> Hears<E> for Deaf {
    async fn hear(&self, _: &mut PgConnection, _: E) -> Result<(), Refusal> {
        Err(Refusal::Never("there is no such thing here".into()))
    }
}
