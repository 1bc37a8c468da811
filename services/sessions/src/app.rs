//! Where the concrete parts meet.

use crate::{
    Config, MIGRATOR,
    changes::Changes,
    config::Provider,
    consumers, grpc, http,
    ratings_client::Ratings,
    sessions::{FetchRating, Sessions},
    store::{absence, keys},
    topic_catalog::TopicCatalog,
};
use anyhow::Context as _;
use axum::Router;
use caller::Verifier;
use clock::Clock;
use environment::{ConfigError, Environment};
use event_bus::Bus;
use http_server::Readiness;
use ids::Ids;
use jobs::Jobs;
use lifecycle::Lifecycle;
use outbox::Outbox;
use service::Service;
use sqlx::{PgPool, migrate::Migrator};
use std::{sync::Arc, time::Duration};
use telemetry::Telemetry;
use tonic::transport::Endpoint;

/// How long a repeated request is recognised.
const KEYS_KEPT: Duration = Duration::from_hours(7 * 24);
/// How often keys are looked through.
const KEYS_LOOKED_THROUGH: Duration = Duration::from_hours(1);
/// How often sessions are looked through for those that nobody came back to.
const SESSIONS_LOOKED_THROUGH: Duration = Duration::from_secs(15);
/// How often open sessions are counted.
const SESSIONS_COUNTED: Duration = Duration::from_secs(5);
/// Ratings fetched at the same time by one replica.
const FETCHERS: usize = 2;

/// What a replica is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Its connections to the database.
    pub pool: PgPool,
    /// The time.
    pub clock: Clock,
    /// Who may ask.
    pub verifier: Verifier,
    /// The gRPC face of `topics`.
    pub topics: Endpoint,
    /// The gRPC face of `rating`.
    pub ratings: Endpoint,
    /// Who holds the conversations.
    pub provider: Provider,
    /// How long nobody is heard of before a session is sealed as it is.
    pub abandoned_after: Duration,
}

/// A replica of the service.
#[derive(Clone, Debug)]
pub struct App {
    /// The service as a value.
    pub sessions: Sessions,
    /// Does the slow part of hearing about ratings.
    pub fetch_rating: Arc<FetchRating>,
    verifier: Verifier,
}

impl App {
    /// A replica that serves nobody yet.
    #[must_use]
    pub fn new(parts: Parts, lifecycle: &Lifecycle) -> Self {
        let sessions = Sessions {
            changes: Changes::of(&parts.pool, lifecycle),
            pool: parts.pool,
            outbox: Outbox::default(),
            jobs: Jobs::default(),
            topics: TopicCatalog::at(parts.topics),
            clock: parts.clock,
            ids: Ids,
            abandoned_after: parts.abandoned_after,
            verbatim: parts.provider.is_verbatim(),
        };
        let fetch_rating = Arc::new(FetchRating::new(sessions.clone(), Ratings::at(parts.ratings)));
        Self { sessions, fetch_rating, verifier: parts.verifier }
    }

    /// Its HTTP face with everything around it.
    pub fn routes(&self, config: &http_server::Config, telemetry: Option<Telemetry>) -> Router {
        let pool = self.sessions.pool.clone();
        let ready = Readiness::when(move || {
            let pool = pool.clone();
            async move { postgres::answers(&pool).await }
        });
        let routes =
            http::routes(http::Faced { sessions: self.sessions.clone(), verifier: self.verifier.clone() });
        http_server::wrap(routes, config, ready, telemetry)
    }

    /// Announces, listens and does slow work until the process stops.
    pub fn work(&self, bus: &Bus, lifecycle: &Lifecycle) {
        let sessions = &self.sessions;
        outbox::relay(&sessions.outbox, sessions.pool.clone(), bus.clone(), lifecycle);
        consumers::listen(sessions, bus, lifecycle);
        jobs::run(&sessions.jobs, &sessions.pool, lifecycle, FETCHERS, &self.fetch_rating);
        postgres::watch(&sessions.pool, lifecycle);
        self.forget_old_keys(lifecycle);
        self.interrupt_abandoned(lifecycle);
        self.count_open(lifecycle);
    }

    fn count_open(&self, lifecycle: &Lifecycle) {
        let (sessions, life) = (self.sessions.clone(), lifecycle.clone());
        lifecycle.spawn(async move {
            while life.pause(SESSIONS_COUNTED).await {
                // A database that gives no answer is noticed by everybody else.
                let Ok(mut connection) = sessions.pool.acquire().await else { continue };
                if let Ok(open) = absence::open(&mut connection).await {
                    metrics::gauge!("sessions_open").set(open as f64);
                }
            }
        });
    }

    fn interrupt_abandoned(&self, lifecycle: &Lifecycle) {
        let (sessions, life) = (self.sessions.clone(), lifecycle.clone());
        lifecycle.spawn(async move {
            while life.pause(SESSIONS_LOOKED_THROUGH).await {
                // What cannot be sealed now is abandoned in the next round, too.
                if let Err(error) = sessions.interrupt_abandoned().await {
                    tracing::warn!(error = %problem::chain(&error), "Abandoned sessions are still open");
                }
            }
        });
    }

    fn forget_old_keys(&self, lifecycle: &Lifecycle) {
        let (sessions, life) = (self.sessions.clone(), lifecycle.clone());
        lifecycle.spawn(async move {
            while life.pause(KEYS_LOOKED_THROUGH).await {
                // Whatever stands in the way now, the next hour has another try.
                let Ok(mut connection) = sessions.pool.acquire().await else { continue };
                if let Err(error) = keys::expire(&mut connection, sessions.clock.now() - KEYS_KEPT).await {
                    tracing::warn!(error = %problem::chain(&error), "Old idempotency keys are still there");
                }
            }
        });
    }
}

/// The process.
#[derive(Debug)]
pub struct Process;

impl Service for Process {
    const NAME: &'static str = "sessions";

    type Config = Config;

    fn config(env: &Environment) -> Result<Config, ConfigError> {
        Config::read(env)
    }

    fn openapi() -> Option<utoipa::openapi::OpenApi> {
        Some(http::document())
    }

    fn migrators() -> Vec<&'static Migrator> {
        vec![&MIGRATOR, &outbox::MIGRATOR, &inbox::MIGRATOR, &jobs::MIGRATOR]
    }

    async fn run(config: Config, telemetry: Telemetry, lifecycle: Lifecycle) -> anyhow::Result<()> {
        let bus = Bus::connect(&config.event_bus, Self::NAME).await?;
        let verifier = Verifier::new(&config.caller, Clock::System);
        let parts = Parts {
            pool: config.database.pool().context("setting SESSIONS_DATABASE_URL cannot be used")?,
            clock: Clock::System,
            verifier: verifier.clone(),
            topics: Endpoint::new(config.topics.to_string())
                .context("setting TOPICS_GRPC_URL cannot be used")?,
            ratings: Endpoint::new(config.rating.to_string())
                .context("setting RATING_GRPC_URL cannot be used")?,
            provider: config.provider,
            abandoned_after: config.abandoned_after,
        };
        let app = App::new(parts, &lifecycle);
        grpc::serve(config.grpc, app.sessions.clone(), &lifecycle).await?;
        http_server::serve(&config.http, app.routes(&config.http, Some(telemetry)), &lifecycle).await?;
        app.work(&bus, &lifecycle);
        caller::hear_revocations(&verifier, bus, &lifecycle);
        lifecycle.stopping().await;
        Ok(())
    }
}
