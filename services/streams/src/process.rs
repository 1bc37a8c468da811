//! The process around the keeper.

use crate::{Keeper, Kept, keeper::PATIENCE};
use anyhow::Context as _;
use axum::Router;
use environment::{ConfigError, Environment};
use event_bus::{Applied, Bus};
use http_server::Readiness;
use lifecycle::Lifecycle;
use service::Service;
use std::{sync::Arc, time::Duration};
use telemetry::Telemetry;

/// How often the broker is compared with the catalogue.
const EVERY: Duration = Duration::from_secs(10);
/// How soon it is tried again after it failed.
const AGAIN: Duration = Duration::from_secs(1);

/// All settings.
#[derive(Clone, Debug)]
pub struct Config {
    http: http_server::Config,
    bus: event_bus::Config,
}

/// The process.
#[derive(Debug)]
pub struct Streams;

impl Service for Streams {
    const NAME: &'static str = "streams";

    type Config = Config;

    fn config(env: &Environment) -> Result<Config, ConfigError> {
        Ok(Config {
            http: http_server::Config::read(env, "127.0.0.1:8107")?,
            bus: event_bus::Config::read(env)?,
        })
    }

    async fn word(config: Config, words: &[String]) -> Option<anyhow::Result<()>> {
        match words {
            [word] if word == "apply" => Some(apply(&config).await),
            _ => None,
        }
    }

    async fn run(config: Config, telemetry: Telemetry, lifecycle: Lifecycle) -> anyhow::Result<()> {
        let keeper = Arc::new(Keeper::new(Bus::connect(&config.bus, Self::NAME).await?));
        let watched = keeper.clone();
        let ready = Readiness::when(move || {
            let kept = watched.is_kept();
            async move { kept }
        });
        keep_on(keeper, &lifecycle);
        let face = http_server::wrap(Router::new(), &config.http, ready, Some(telemetry));
        http_server::serve(&config.http, face, &lifecycle).await?;
        Ok(())
    }
}

/// `streams apply`: once, for a release that needs its streams before its services start.
#[expect(clippy::print_stdout, reason = "a word answers on standard output")]
async fn apply(config: &Config) -> anyhow::Result<()> {
    let bus = Bus::connect(&config.bus, Streams::NAME).await?;
    bus.connected(PATIENCE).await.context("the broker does not answer")?;
    let applied = bus.apply_catalogue().await?;
    let count = applied.made_since(&Applied::default()).count();
    println!("{count} streams and consumers are as the catalogue says");
    Ok(())
}

fn keep_on(keeper: Arc<Keeper>, lifecycle: &Lifecycle) {
    let life = lifecycle.clone();
    lifecycle.spawn(async move {
        loop {
            let outcome = tokio::select! {
                outcome = keeper.keep() => outcome,
                () = life.stopping() => return,
            };
            let pause = if outcome == Kept::Failed { AGAIN } else { EVERY };
            if !life.pause(pause).await {
                return;
            }
        }
    });
}
