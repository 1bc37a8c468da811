//! For whoever operates Vivavoce: looks at what the services, the broker and the storage hold, and repairs it.

mod backup;
mod broker;
mod bucket;
mod consumers;
mod dead_letters;
mod postgres_programs;
mod report;
mod republish;
mod restore;
mod service;
mod session;
mod settings;
mod streams;
mod sweep;
mod table;
mod trace;

use clap::{Parser, Subcommand};
use ids::SessionId;
use report::Report;
use std::{io::Write as _, path::PathBuf, process::ExitCode};

/// Looks at what the services, the broker and the storage hold, and repairs it.
#[derive(Debug, Parser)]
#[command(name = "ops")]
enum Command {
    /// Events that a service could not handle
    #[command(subcommand)]
    DeadLetters(dead_letters::Command),
    /// The broker's streams and consumers, beside the catalogue
    #[command(subcommand)]
    Streams(streams::Command),
    /// What services have said
    #[command(subcommand)]
    Outbox(Outbox),
    /// How far behind each consumer is
    Consumers,
    /// What every service knows of a session, without its content
    Session {
        /// The session
        session: SessionId,
    },
    /// The trace of a practice, as a tree
    Trace {
        /// The session
        session: SessionId,
    },
    /// What lies in storage, beside what the rows say lies there
    Sweep {
        /// Remove the objects that no row knows
        #[arg(long)]
        repair: bool,
    },
    /// Copies every database and the bucket into a folder
    Backup(backup::Backup),
    /// Puts a backup back, into a stack that holds no session and of which no service runs
    Restore {
        /// The folder
        folder: PathBuf,
    },
    /// Every setting this tool reads, for `cargo xtask derive`
    #[command(hide = true)]
    Settings,
}

#[derive(Debug, Subcommand)]
enum Outbox {
    /// Says again what a service has said in the last seven days, or some of it
    Republish(republish::Republish),
}

#[tokio::main]
async fn main() -> ExitCode {
    let report = match run(Command::parse()).await {
        Ok(report) => report,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "ops: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    // A reader that has gone away has read enough.
    let _ = std::io::stdout().write_all(report.text().as_bytes());
    if report.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run(command: Command) -> anyhow::Result<Report> {
    match command {
        Command::DeadLetters(command) => dead_letters::run(command).await,
        Command::Streams(command) => streams::run(command).await,
        Command::Outbox(Outbox::Republish(what)) => republish::republish(what).await,
        Command::Consumers => consumers::consumers().await,
        Command::Session { session } => session::session(session).await,
        Command::Trace { session } => trace::trace(session).await,
        Command::Sweep { repair } => sweep::sweep(repair).await,
        Command::Backup(wanted) => backup::backup(wanted).await,
        Command::Restore { folder } => restore::restore(folder).await,
        Command::Settings => settings::settings(),
    }
}
