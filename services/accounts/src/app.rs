//! The only place where concrete parts meet.

use crate::{
    Accounts, Config, MIGRATOR, http, http::Cookies, password_hashes::PasswordHashes,
    signing_keys::SigningKeys,
};
use anyhow::Context as _;
use caller::Verifier;
use clock::Clock;
use environment::{ConfigError, Environment};
use event_bus::Bus;
use http_server::Readiness;
use lifecycle::Lifecycle;
use outbox::Outbox;
use problem::chain;
use sqlx::migrate::Migrator;
use std::time::Duration;
use telemetry::Telemetry;

/// How often what has expired is removed.
const FORGET_EVERY: Duration = Duration::from_mins(10);

/// The accounts process.
#[derive(Clone, Copy, Debug)]
pub struct App;

impl service::Service for App {
    const NAME: &'static str = "accounts";

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
        let keys = SigningKeys::read(&config.signing_key)?;
        let pool = config.database.pool().context("the database URL cannot be used")?;
        postgres::watch(&pool, &lifecycle);
        let bus = Bus::connect(&config.bus, Self::NAME).await?;
        let outbox = Outbox::default();
        outbox::relay(&outbox, pool.clone(), bus.clone(), &lifecycle);

        let hashes = PasswordHashes::new().context("no password can be hashed")?;
        let verifier = verifier(&config.caller, &keys, Clock::System);
        caller::hear_revocations(&verifier, bus, &lifecycle);
        let accounts = Accounts::new(pool.clone(), outbox, Clock::System, keys, hashes);
        forget_now_and_then(&accounts, &lifecycle);

        let faces = http::Faces { accounts, verifier, cookies: Cookies::for_origin(&config.http.origin) };
        let ready = Readiness::when(move || {
            let pool = pool.clone();
            async move { postgres::answers(&pool).await }
        });
        let routes = http_server::wrap(http::routes(faces), &config.http, ready, Some(telemetry));
        http_server::serve(&config.http, routes, &lifecycle)
            .await
            .context("the HTTP address cannot be bound")?;
        lifecycle.stopping().await;
        Ok(())
    }
}

/// A verifier that knows our own keys, so that this service does not ask itself for them.
pub fn verifier(config: &caller::Config, keys: &SigningKeys, clock: Clock) -> Verifier {
    keys.verifying().fold(Verifier::new(config, clock), |verifier, (name, key)| verifier.knowing(name, key))
}

fn forget_now_and_then(accounts: &Accounts, lifecycle: &Lifecycle) {
    let (accounts, life) = (accounts.clone(), lifecycle.clone());
    lifecycle.spawn(async move {
        while life.pause(FORGET_EVERY).await {
            if let Err(error) = accounts.forget_expired().await {
                tracing::warn!(error = %chain(&error), "What has expired stays until the next time");
            }
        }
    });
}
