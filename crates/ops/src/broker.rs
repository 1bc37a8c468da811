//! The broker, or why not.

use anyhow::Context as _;
use environment::Environment;
use event_bus::Bus;
use std::time::Duration;

/// How long it is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection that is there.
pub async fn connected() -> anyhow::Result<Bus> {
    let config = event_bus::Config::read(&Environment::of_this_process("ops"))?;
    let bus = Bus::connect(&config, "ops").await?;
    bus.connected(PATIENCE).await.context("the broker does not answer")?;
    Ok(bus)
}
