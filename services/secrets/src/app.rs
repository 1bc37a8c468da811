//! The only place where concrete parts meet.

use crate::{
    Config, MIGRATOR, consumers,
    http::{self, Face},
    provider::Provider,
    secrets::Secrets,
    session_registry::SessionRegistry,
};
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

/// The process.
#[derive(Debug)]
pub struct App;

/// How many calls a replica hangs up at a time.
const HANGING_UP: usize = 2;
/// How often old rows are forgotten.
const FORGETTING: Duration = Duration::from_hours(1);

impl Service for App {
    const NAME: &'static str = "secrets";

    type Config = Config;

    fn config(env: &Environment) -> Result<Config, ConfigError> {
        Config::read(env)
    }

    fn openapi() -> Option<utoipa::openapi::OpenApi> {
        Some(http::openapi())
    }

    fn migrators() -> Vec<&'static Migrator> {
        vec![&MIGRATOR, &outbox::MIGRATOR, &inbox::MIGRATOR, &jobs::MIGRATOR]
    }

    async fn run(config: Config, telemetry: Telemetry, lifecycle: Lifecycle) -> anyhow::Result<()> {
        let pool = config.database.pool()?;
        postgres::watch(&pool, &lifecycle);
        let bus = Bus::connect(&config.bus, Self::NAME).await?;
        let verifier = Verifier::new(&config.caller, Clock::System);
        caller::hear_revocations(&verifier, bus.clone(), &lifecycle);

        let secrets = Arc::new(assemble(&config, pool.clone(), Clock::System, &lifecycle)?);
        outbox::relay(&secrets.outbox, pool.clone(), bus.clone(), &lifecycle);
        consumers::listen(&secrets, &bus, &lifecycle);
        jobs::run(&secrets.jobs, &pool, &lifecycle, HANGING_UP, &secrets);
        forget_regularly(secrets.clone(), &lifecycle);

        let router = router(&config, secrets, verifier, Some(telemetry));
        http_server::serve(&config.http, router, &lifecycle).await?;
        Ok(())
    }
}

/// The service over its parts.
pub fn assemble(
    config: &Config,
    pool: PgPool,
    clock: Clock,
    lifecycle: &Lifecycle,
) -> Result<Secrets, reqwest::Error> {
    Ok(Secrets {
        pool,
        outbox: Outbox::default(),
        sessions: SessionRegistry::at(config.sessions.clone()),
        jobs: Jobs::default(),
        provider: Provider::new(config.provider.clone(), clock.clone())?,
        exchange: config.exchange,
        calls_url: config.calls_url.clone(),
        limits: config.limits,
        clock,
        ids: Ids,
        lifecycle: lifecycle.clone(),
    })
}

/// Its HTTP face with everything around it.
pub fn router(
    config: &Config,
    secrets: Arc<Secrets>,
    verifier: Verifier,
    telemetry: Option<Telemetry>,
) -> axum::Router {
    let pool = secrets.pool.clone();
    let ready = Readiness::when(move || {
        let pool = pool.clone();
        async move { postgres::answers(&pool).await }
    });
    http_server::wrap(http::routes(Face::new(secrets, verifier)), &config.http, ready, telemetry)
}

fn forget_regularly(secrets: Arc<Secrets>, lifecycle: &Lifecycle) {
    let life = lifecycle.clone();
    lifecycle.spawn(async move {
        loop {
            if let Err(error) = secrets.forget().await {
                tracing::warn!(error = %problem::chain(&error), "Old rows could not be forgotten; trying again later");
            }
            if !life.pause(FORGETTING).await {
                return;
            }
        }
    });
}
