//! How every process of ours starts, describes itself and stops.
//!
//! `<service>` serves until it is told to stop. The other words it understands: `migrate` brings its database up to
//! date, `openapi`, `settings` and `metrics` print what `cargo xtask derive` writes down, `dead-letters list|show ID|replay ID`
//! is for whoever operates it. Services may have words of their own.

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
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error:#}", S::NAME);
            ExitCode::FAILURE
        }
    }
}

async fn dispatch<S: Service>(words: &[String]) -> anyhow::Result<()> {
    let spoken: Vec<&str> = words.iter().map(String::as_str).collect();
    match spoken[..] {
        [] | ["serve"] => serve::<S>().await,
        ["migrate"] => migrate::<S>().await,
        ["openapi"] => print(&S::openapi().context("this service has no HTTP face")?),
        ["settings"] => {
            let env = Environment::describing(S::NAME);
            S::config(&env)?;
            telemetry::Config::read(&env)?;
            print(&env.settings())
        }
        ["metrics"] => print(telemetry::catalogue::METRICS),
        ["dead-letters", ref rest @ ..] => dead_letters::<S>(rest).await,
        _ => {
            let env = Environment::of_this_process(S::NAME);
            match S::word(S::config(&env)?, words).await {
                Some(outcome) => outcome,
                None => bail!("unknown words: {}", words.join(" ")),
            }
        }
    }
}

async fn serve<S: Service>() -> anyhow::Result<()> {
    let env = Environment::of_this_process(S::NAME);
    let config = S::config(&env)?;
    let telemetry = telemetry::start(&telemetry::Config::read(&env)?, S::NAME)?;
    let lifecycle = Lifecycle::from_signals()?;
    tracing::info!(service.name = S::NAME, "Starting {}", S::NAME);
    let outcome = S::run(config, telemetry.clone(), lifecycle.clone()).await;
    if outcome.is_err() {
        lifecycle.stop();
    }
    lifecycle.drained().await;
    tracing::info!(service.name = S::NAME, "Stopped {}", S::NAME);
    // The exporter blocks while it sends what is left.
    let _ = tokio::task::spawn_blocking(move || telemetry.flush()).await;
    outcome
}

async fn migrate<S: Service>() -> anyhow::Result<()> {
    let env = Environment::of_this_process(S::NAME);
    let pool = postgres::Config::read(&env)?.pool()?;
    for migrator in S::migrators() {
        migrator.run(&pool).await?;
    }
    Ok(())
}

async fn dead_letters<S: Service>(words: &[&str]) -> anyhow::Result<()> {
    let env = Environment::of_this_process(S::NAME);
    let pool = postgres::Config::read(&env)?.pool()?;
    match words {
        ["list"] => print(&inbox::dead_letters::list(&pool).await?),
        ["show", id] => {
            let id: i64 = id.parse().context("a dead letter has a number")?;
            let letters = inbox::dead_letters::list(&pool).await?;
            print(
                &letters
                    .into_iter()
                    .find(|letter| letter.id == id)
                    .context("there is no such dead letter")?,
            )
        }
        ["replay", id] => {
            let bus = event_bus::Bus::connect(&event_bus::Config::read(&env)?, S::NAME).await?;
            bus.connected(std::time::Duration::from_secs(5)).await.context("the broker does not answer")?;
            Ok(inbox::dead_letters::replay(&pool, &bus, id.parse().context("a dead letter has a number")?)
                .await?)
        }
        _ => bail!("dead-letters list | show ID | replay ID"),
    }
}

#[expect(clippy::print_stdout, reason = "these words answer on standard output")]
fn print(value: &(impl serde::Serialize + ?Sized)) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
