//! `ops streams`: the broker beside the catalogue.

use crate::{broker, report::Report};
use clap::Subcommand;
use event_bus::Applied;

/// What to do with streams and consumers.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes the broker look like the catalogue, once; the process `streams` does it all the time
    Apply,
    /// Says in what the broker differs from the catalogue, and fails if it does
    Diff,
}

/// Does it.
pub async fn run(command: Command) -> anyhow::Result<Report> {
    match command {
        Command::Apply => apply().await,
        Command::Diff => diff().await,
    }
}

async fn apply() -> anyhow::Result<Report> {
    let applied = broker::connected().await?.apply_catalogue().await?;
    let count = applied.made_since(&Applied::default()).count();
    Ok(Report::new(format!("{count} streams and consumers are as the catalogue says")))
}

async fn diff() -> anyhow::Result<Report> {
    let differences = broker::connected().await?.differences().await?;
    if differences.is_empty() {
        return Ok(Report::new("every stream and consumer is as the catalogue says"));
    }
    let report = Report::new("").when(false);
    Ok(differences.iter().fold(report, |report, difference| report.line(&difference.to_string())))
}
