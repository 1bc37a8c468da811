//! The coach, put together.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::Router;
use clock::Clock;
use http_server::Readiness;
use lifecycle::Lifecycle;
use secrecy::ExposeSecret as _;
use str0m::crypto::from_feature_flags;
use telemetry::Telemetry;

use crate::{
    Config,
    call::{Calls, Hub, Surroundings},
    faults::Faults,
    http::{self, Key},
    recognizer::{Deaf, Pool, Recognizer},
    secrets::Secrets,
    voice::{Cached, Flite, Voice},
};

/// What a browser or a server can ask the coach for.
#[derive(Debug)]
pub struct Coach {
    pub(crate) key: Key,
    pub(crate) secrets: Secrets,
    pub(crate) calls: Calls,
    pub(crate) faults: Faults,
}

/// The coach, ready to serve.
#[derive(Debug)]
pub struct App {
    config: Config,
    coach: Arc<Coach>,
}

impl App {
    /// Opens the media socket and starts the recogniser.
    pub async fn build(config: Config, clock: Clock, lifecycle: &Lifecycle) -> anyhow::Result<Self> {
        from_feature_flags().install_process_default();
        let certificate = from_feature_flags()
            .dtls_provider
            .generate_certificate()
            .context("no certificate could be made")?;
        let hub = Hub::open(config.udp_bind, &config.advertise, lifecycle)
            .await
            .with_context(|| format!("the media socket {} cannot be bound", config.udp_bind))?;
        let recognizer: Arc<dyn Recognizer> =
            if config.recognizer.is_empty() || config.faults.fail_transcription {
                tracing::warn!("There is no recogniser: turns will have no words");
                Arc::new(Deaf)
            } else {
                Arc::new(Pool::start(&config.recognizer, config.recognizers.max(1), lifecycle))
            };
        let voice: Arc<dyn Voice> = Arc::new(Cached::new(Flite::new(&config.flite)));
        let drop_after: Option<Duration> = config.faults.drop_after;
        let surroundings = Surroundings { hub, voice, recognizer, lifecycle: lifecycle.clone(), drop_after };
        let coach = Coach {
            key: Key::new(config.key.expose_secret()),
            secrets: Secrets::new(clock),
            calls: Calls::new(surroundings, certificate, config.most_calls),
            faults: config.faults,
        };
        Ok(Self { config, coach: Arc::new(coach) })
    }

    /// Its routes.
    pub fn routes(&self, telemetry: Option<Telemetry>) -> Router {
        let routes = http::routes(Arc::clone(&self.coach), &self.config.origins);
        http_server::wrap_foreign(routes, Readiness::when(async || true), telemetry)
    }

    /// Serves until the process stops.
    pub async fn run(self, telemetry: Telemetry, lifecycle: &Lifecycle) -> anyhow::Result<()> {
        let routes = self.routes(Some(telemetry));
        http_server::serve(&self.config.http, routes, lifecycle).await?;
        lifecycle.stopping().await;
        Ok(())
    }
}
