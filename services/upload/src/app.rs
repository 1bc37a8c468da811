//! Where the concrete parts meet.

use crate::{
    bucket::Bucket,
    config::Config,
    consumers,
    ffmpeg::Ffmpeg,
    grpc::RecordingsFace,
    http::{self, Face},
    media::{Erase, Join, Media, Parts, Process, Seal},
    registry::Registry,
    scratch,
};
use anyhow::Context as _;
use caller::Verifier;
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

/// Recordings of either kind converted at once: each keeps a core busy.
const CONVERTERS: usize = 2;
/// Takes put together at once: storage does the work.
const SEALERS: usize = 4;
/// Sessions erased at once.
const ERASERS: usize = 2;

/// The upload service.
#[derive(Clone, Copy, Debug)]
pub struct Upload;

impl Service for Upload {
    const NAME: &'static str = "upload";

    type Config = Config;

    fn config(env: &Environment) -> Result<Config, ConfigError> {
        Config::read(env)
    }

    fn openapi() -> Option<utoipa::openapi::OpenApi> {
        Some(http::openapi())
    }

    fn migrators() -> Vec<&'static Migrator> {
        vec![&crate::MIGRATOR, &outbox::MIGRATOR, &inbox::MIGRATOR, &jobs::MIGRATOR]
    }

    async fn run(config: Config, telemetry: Telemetry, lifecycle: Lifecycle) -> anyhow::Result<()> {
        scratch::sweep(&config.programs.scratch).context("the scratch folder cannot be used")?;
        let database = config.database.pool()?;
        postgres::watch(&database, &lifecycle);
        let bus = Bus::connect(&config.event_bus, Self::NAME).await?;
        let (outbox, jobs) = (Outbox::default(), Jobs::default());
        let media = Media::new(Parts {
            database: database.clone(),
            bucket: Bucket::new(&config.object_store),
            registry: Registry::at(&config.sessions)?,
            ffmpeg: Ffmpeg::new(&config.programs),
            outbox: outbox.clone(),
            jobs: jobs.clone(),
            clock: Clock::System,
            lifecycle: lifecycle.clone(),
        });
        let verifier = Verifier::new(&config.caller, Clock::System);

        caller::hear_revocations(&verifier, bus.clone(), &lifecycle);
        consumers::listen(&media, &bus, &database, &lifecycle);
        outbox::relay(&outbox, database.clone(), bus, &lifecycle);
        jobs::run(&jobs, &database, &lifecycle, CONVERTERS, &Arc::new(Process(media.clone())));
        jobs::run(&jobs, &database, &lifecycle, SEALERS, &Arc::new(Seal(media.clone())));
        jobs::run(&jobs, &database, &lifecycle, CONVERTERS, &Arc::new(Join(media.clone())));
        jobs::run(&jobs, &database, &lifecycle, ERASERS, &Arc::new(Erase(media.clone())));
        media.keep_sweeping();

        RecordingsFace::new(media.clone()).serve(config.grpc, &lifecycle).await?;
        let asked = media.clone();
        let ready = Readiness::when(move || {
            let media = asked.clone();
            async move { media.is_ready().await }
        });
        let routes = http::routes(Face { media, verifier });
        let routes = http_server::wrap(routes, &config.http, ready, Some(telemetry));
        http_server::serve(&config.http, routes, &lifecycle).await?;
        lifecycle.stopping().await;
        Ok(())
    }
}
