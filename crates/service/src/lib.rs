//! How every process of ours starts, describes itself and stops.
//!
//! `<service>` serves until it is told to stop. The other words it understands: `migrate` brings its database up to
//! date, `openapi`, `settings`, `metrics` and `schema` print what `cargo xtask derive` writes down. Services may have words of their own.

use anyhow::{Context as _, bail};
use environment::{ConfigError, Environment};
use lifecycle::Lifecycle;
use std::{future::Future, process::ExitCode};
use telemetry::Telemetry;

/// One process of the system.
pub trait Service {
    /// Its name: of the binary, of its settings' prefix, in logs and traces.
    const NAME: &'static str;

    /// Everything it is told from outside.
    type Config: Send;

    /// Reads its settings.
    fn config(env: &Environment) -> Result<Self::Config, ConfigError>;

    /// Its HTTP face, if learners' browsers see it.
    fn openapi() -> Option<utoipa::openapi::OpenApi> {
        None
    }

    /// The tables it needs in its database, in the order in which they are made; empty if it has none.
    fn migrators() -> Vec<&'static sqlx::migrate::Migrator> {
        Vec::new()
    }

    /// Serves until `lifecycle` ends.
    fn run(
        config: Self::Config,
        telemetry: Telemetry,
        lifecycle: Lifecycle,
    ) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// A word of its own. `None` when it does not know the word.
    fn word(
        config: Self::Config,
        words: &[String],
    ) -> impl Future<Output = Option<anyhow::Result<()>>> + Send {
        let _ = (config, words);
        async { None }
    }
}

/// The whole `main` of a service.
#[must_use]
#[expect(clippy::print_stderr, reason = "what stops a process from starting is said where its log would be")]
pub fn main<S: Service>() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{}: no runtime: {error}", S::NAME);
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(dispatch::<S>(&words)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}: {error:#}", S::NAME);
            ExitCode::FAILURE
        }
    }
}

async fn dispatch<S: Service>(words: &[String]) -> anyhow::Result<ExitCode> {
    let spoken: Vec<&str> = words.iter().map(String::as_str).collect();
    match spoken[..] {
        [] | ["serve"] => return serve::<S>().await,
        ["migrate"] => migrate::<S>().await?,
        ["openapi"] => print(&S::openapi().context("this service has no HTTP face")?)?,
        ["settings"] => {
            let env = Environment::describing(S::NAME);
            S::config(&env)?;
            telemetry::Config::read(&env)?;
            print(&env.settings())?;
        }
        ["metrics"] => print(telemetry::catalogue::METRICS)?,
        ["schema"] => print(&telemetry::schema::SCHEMA)?,
        _ => {
            let env = Environment::of_this_process(S::NAME);
            match S::word(S::config(&env)?, words).await {
                Some(outcome) => outcome?,
                None => bail!("unknown words: {}", words.join(" ")),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn serve<S: Service>() -> anyhow::Result<ExitCode> {
    let env = Environment::of_this_process(S::NAME);
    let config = S::config(&env)?;
    let telemetry = telemetry::start(&telemetry::Config::read(&env)?, S::NAME)?;
    let lifecycle = Lifecycle::from_signals()?;
    tracing::info!(service.name = S::NAME, "Starting {}", S::NAME);
    let served = S::run(config, telemetry.clone(), lifecycle.clone()).await;
    if let Err(error) = &served {
        tracing::error!(error = format!("{error:#}"), "{} cannot go on", S::NAME);
        lifecycle.stop();
    }
    lifecycle.drained().await;
    tracing::info!(service.name = S::NAME, "Stopped {}", S::NAME);
    // The exporter blocks while it sends what is left.
    let _ = tokio::task::spawn_blocking(move || telemetry.flush()).await;
    Ok(if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn migrate<S: Service>() -> anyhow::Result<()> {
    let env = Environment::of_this_process(S::NAME);
    let pool = postgres::Config::read(&env)?.pool()?;
    for migrator in S::migrators() {
        migrator.run(&pool).await?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "these words answer on standard output")]
fn print(value: &(impl serde::Serialize + ?Sized)) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
