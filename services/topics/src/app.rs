//! The only place where concrete parts meet.

use crate::{Config, MIGRATOR, Topics, fixture, grpc, http};
use anyhow::Context as _;
use clock::Clock;
use environment::{ConfigError, Environment};
use event_bus::Bus;
use http_server::Readiness;
use lifecycle::Lifecycle;
use outbox::Outbox;
use sqlx::migrate::Migrator;
use telemetry::Telemetry;

/// The topics process.
#[derive(Clone, Copy, Debug)]
pub struct App;

impl service::Service for App {
    const NAME: &'static str = "topics";

    type Config = Config;

    fn config(env: &Environment) -> Result<Config, ConfigError> {
        Config::read(env)
    }

    fn openapi() -> Option<utoipa::openapi::OpenApi> {
        Some(http::document())
    }

    fn migrators() -> Vec<&'static Migrator> {
        vec![&MIGRATOR, &outbox::MIGRATOR]
    }

    async fn run(config: Config, telemetry: Telemetry, lifecycle: Lifecycle) -> anyhow::Result<()> {
        let pool = config.database.pool().context("the database URL cannot be used")?;
        postgres::watch(&pool, &lifecycle);
        let bus = Bus::connect(&config.bus, Self::NAME).await?;
        let outbox = Outbox::default();
        outbox::relay(&outbox, pool.clone(), bus, &lifecycle);
        let topics = Topics::new(pool.clone(), outbox, Clock::System);

        grpc::serve(config.grpc, topics.clone(), &lifecycle)
            .await
            .context("the gRPC address cannot be bound")?;
        let ready = Readiness::when(move || {
            let pool = pool.clone();
            async move { postgres::answers(&pool).await }
        });
        let routes = http_server::wrap(http::routes(topics), &config.http, ready, Some(telemetry));
        http_server::serve(&config.http, routes, &lifecycle)
            .await
            .context("the HTTP address cannot be bound")?;
        lifecycle.stopping().await;
        Ok(())
    }

    async fn word(config: Config, words: &[String]) -> Option<anyhow::Result<()>> {
        match words {
            [word] if word == "seed" => Some(seed(&config).await),
            _ => None,
        }
    }
}

/// `topics seed`: whichever replica serves announces what changed.
#[expect(clippy::print_stdout, reason = "a word answers on standard output")]
async fn seed(config: &Config) -> anyhow::Result<()> {
    let catalogue = fixture::topics()?;
    let pool = config.database.pool().context("the database URL cannot be used")?;
    let seeded = Topics::new(pool, Outbox::default(), Clock::System).seed(&catalogue).await?;
    println!("{} topics changed, {} were up to date", seeded.changed, seeded.kept);
    Ok(())
}
