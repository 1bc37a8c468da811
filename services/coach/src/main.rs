//! Talks like the Realtime API, with no key and no network.

use std::process::ExitCode;

use clock::Clock;
use coach::{App, Config};
use environment::{ConfigError, Environment};
use lifecycle::Lifecycle;
use telemetry::Telemetry;

struct Coach;

impl service::Service for Coach {
    const NAME: &'static str = "coach";

    type Config = Config;

    fn config(env: &Environment) -> Result<Config, ConfigError> {
        Config::read(env)
    }

    async fn run(config: Config, telemetry: Telemetry, lifecycle: Lifecycle) -> anyhow::Result<()> {
        App::build(config, Clock::System, &lifecycle).await?.run(telemetry, &lifecycle).await
    }
}

fn main() -> ExitCode {
    service::main::<Coach>()
}
