//! `ops backup`: every database and the bucket, in a folder.

mod deletions;
mod folder;
mod objects;

pub use deletions::Deletions;
pub use folder::{Folder, Manifest, Object};

use crate::{
    bucket::Bucket, postgres_programs::PostgresPrograms, report::Report, service::Service,
    sweep::known::Known,
};
use clap::Args;
use clock::Clock;
use sqlx::PgConnection;
use std::path::PathBuf;

/// What is written, and where.
#[derive(Debug, Args)]
pub struct Backup {
    /// A folder that does not exist yet; with --deletions, one that holds a backup
    folder: PathBuf,
    /// Only add to a backup what was deleted since it was taken: cheap, to be done often
    #[arg(long)]
    deletions: bool,
}

/// Takes a backup, or adds to one what was deleted since.
pub async fn backup(wanted: Backup) -> anyhow::Result<Report> {
    if wanted.deletions {
        let folder = Folder::of_a_backup(wanted.folder)?;
        return Ok(Report::new(remember_deletions(&folder).await?));
    }
    let folder = Folder::make(wanted.folder)?;
    let bucket = Bucket::of_settings()?;
    let taken_at = Clock::System.now();
    // Twice: what is removed while the databases are written must have been copied before, and what is made before they
    // are written must be copied after.
    let mut objects = objects::copy(&bucket, &folder, Vec::new()).await?;
    let known = dump(&folder).await?;
    objects = objects::copy(&bucket, &folder, objects).await?;
    let gone = objects::missing(&known, &objects);
    // Last, so that nothing counts as alive that was deleted in the meantime.
    let deletions = remember_deletions(&folder).await?;
    anyhow::ensure!(
        gone.is_empty(),
        "{} objects were replaced while the backup was taken, take another one: {}",
        gone.len(),
        gone.join(" ")
    );
    let bytes: u64 = objects.iter().map(|object| object.bytes).sum();
    let said = format!("{} databases and {} objects of {bytes} bytes", Service::ALL.len(), objects.len());
    folder.finish(&Manifest { taken_at, objects })?;
    Ok(Report::new(said).line(&deletions))
}

/// Writes every database: what hangs on something before that something, so that no part is in the backup whose whole is
/// not. Of what `upload` says lies in storage, the very rows that are written are answered.
async fn dump(folder: &Folder) -> anyhow::Result<Known> {
    let programs = PostgresPrograms::of_settings();
    let pool = Service::Upload.pool()?;
    let mut tx = postgres::begin(&pool).await?;
    let snapshot = exported(&mut tx).await?;
    let known = Known::read(&mut *tx).await?;
    for service in Service::ALL.into_iter().rev() {
        let snapshot = (service == Service::Upload).then_some(snapshot.as_str());
        programs.dump(service, &folder.database(service), snapshot).await?;
    }
    Ok(known)
}

/// The name under which another connection sees what this transaction sees, for as long as it is open.
async fn exported(tx: &mut PgConnection) -> anyhow::Result<String> {
    sqlx::raw_sql(
        "set transaction isolation level repeatable read, read only; set local idle_in_transaction_session_timeout = 0",
    )
    .execute(&mut *tx)
    .await?;
    Ok(sqlx::query_scalar("select pg_export_snapshot()").fetch_one(tx).await?)
}

async fn remember_deletions(folder: &Folder) -> anyhow::Result<String> {
    let mut deletions = Deletions::read(folder)?;
    deletions.add(&Service::Sessions.pool()?, include_str!("backup/deleted_in_sessions.sql")).await?;
    deletions.add(&Service::Upload.pool()?, include_str!("backup/deleted_in_upload.sql")).await?;
    deletions.write(folder)?;
    Ok(format!("{} deleted sessions are remembered", deletions.count()))
}
