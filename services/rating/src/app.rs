//! The only place where the concrete parts meet.

use crate::{
    Config, MIGRATOR, Ratings, consumers,
    dependencies::{Recordings, Registry},
    grpc,
};
use clock::Clock;
use environment::{ConfigError, Environment};
use event_bus::Bus;
use http_server::Readiness;
use jobs::Jobs;
use lifecycle::Lifecycle;
use outbox::Outbox;
use service::Service;
use sqlx::migrate::Migrator;
use std::sync::Arc;
use telemetry::Telemetry;

/// The rating worker.
#[derive(Debug)]
pub struct Rating;

impl Service for Rating {
    const NAME: &'static str = "rating";

    type Config = Config;

    fn config(env: &Environment) -> Result<Config, ConfigError> {
        Config::read(env)
    }

    fn migrators() -> Vec<&'static Migrator> {
        vec![&MIGRATOR, &outbox::MIGRATOR, &inbox::MIGRATOR, &jobs::MIGRATOR]
    }

    async fn run(config: Config, telemetry: Telemetry, lifecycle: Lifecycle) -> anyhow::Result<()> {
        let pool = config.database.pool()?;
        postgres::watch(&pool, &lifecycle);
        let (jobs, outbox) = (Jobs::default(), Outbox::default());
        let ratings = Arc::new(Ratings::new(
            pool.clone(),
            jobs.clone(),
            outbox.clone(),
            Clock::System,
            Registry::at(&config.sessions)?,
            Recordings::at(&config.upload)?,
            config.rating,
        )?);

        let bus = Bus::connect(&config.event_bus, Self::NAME).await?;
        outbox::relay(&outbox, pool.clone(), bus.clone(), &lifecycle);
        consumers::listen(&bus, &pool, &lifecycle, &ratings);
        jobs::run(&jobs, &pool, &lifecycle, config.workers, &ratings);

        let asked = ratings.clone();
        let ready = Readiness::when(move || {
            let ratings = asked.clone();
            async move { ratings.is_ready().await }
        });
        let routes = http_server::wrap(axum::Router::new(), &config.http, ready, Some(telemetry));
        grpc::serve(config.grpc, (*ratings).clone(), &lifecycle).await?;
        http_server::serve(&config.http, routes, &lifecycle).await?;
        lifecycle.stopping().await;
        Ok(())
    }
}
