//! `ops dead-letters`: events that a service could not handle.

use crate::{broker, report::Report, service::Service, table::table};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use inbox::dead_letters::{self, DeadLetter, ReplayError};
use time::format_description::well_known::Rfc3339;

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists those of every service, newest first
    List,
    /// Shows one, with the event decoded
    Show(Letter),
    /// Publishes one again; consumers that handled the event before let it pass
    Replay(Letter),
    /// Throws one away
    Drop(Letter),
}

/// A dead letter: each service counts its own.
#[derive(Debug, Args)]
pub struct Letter {
    /// The service that could not handle it
    service: Service,
    /// Its number there
    id: i64,
}

/// Does it.
pub async fn run(command: Command) -> anyhow::Result<Report> {
    match command {
        Command::List => list().await,
        Command::Show(letter) => show(&letter).await,
        Command::Replay(letter) => replay(&letter).await,
        Command::Drop(letter) => discard(&letter).await,
    }
}

/// Those that can be read are listed although another service's database is away.
async fn list() -> anyhow::Result<Report> {
    let mut rows = Vec::new();
    let mut away = Vec::new();
    for service in Service::hearing() {
        match dead_letters::list(&service.pool()?).await {
            Ok(letters) => {
                for letter in letters {
                    rows.push(row(service, letter)?);
                }
            }
            Err(error) => away.push(format!("{service}: {error}")),
        }
    }
    let header = ["service", "id", "consumer", "died at", "replayed at", "reason"];
    let report = Report::new(table(header, &rows)).when(away.is_empty());
    Ok(away.iter().fold(report, |report, line| report.line(line)))
}

fn row(service: Service, letter: DeadLetter) -> anyhow::Result<[String; 6]> {
    Ok([
        service.to_string(),
        letter.id.to_string(),
        letter.consumer,
        letter.died_at.format(&Rfc3339)?,
        letter.replayed_at.map_or_else(|| Ok("-".to_owned()), |at| at.format(&Rfc3339))?,
        letter.reason,
    ])
}

async fn show(letter: &Letter) -> anyhow::Result<Report> {
    let opened = dead_letters::open(&letter.service.pool()?, letter.id).await?;
    Report::json(&opened.with_context(|| letter.unknown())?)
}

async fn replay(letter: &Letter) -> anyhow::Result<Report> {
    let bus = broker::connected().await?;
    dead_letters::replay(&letter.service.pool()?, &bus, letter.id).await.map_err(|error| match error {
        ReplayError::TooOld(_) => anyhow::Error::new(error).context(
            "not published again; see with `ops session` what is missing, have that done anew, and drop it",
        ),
        error => error.into(),
    })?;
    Ok(Report::new(format!("dead letter {} of {} is published again", letter.id, letter.service)))
}

async fn discard(letter: &Letter) -> anyhow::Result<Report> {
    let there = dead_letters::discard(&letter.service.pool()?, letter.id).await?;
    anyhow::ensure!(there, letter.unknown());
    Ok(Report::new(format!("dead letter {} of {} is thrown away", letter.id, letter.service)))
}

impl Letter {
    fn unknown(&self) -> String {
        format!("{} has no dead letter {}", self.service, self.id)
    }
}
