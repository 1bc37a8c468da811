//! `ops restore`: a backup, into a stack that holds no session.

mod bury;
mod vacancy;

use crate::{
    backup::{Deletions, Folder, Object},
    bucket::{self, Bucket},
    postgres_programs::PostgresPrograms,
    report::Report,
    service::Service,
};
use bury::bury;
use std::path::PathBuf;
use vacancy::is_vacant;

/// Puts everything back, then lets go what must not come back: sessions that were deleted after the backup, and every
/// login, because one that was ended since would be good again. No service may run meanwhile.
pub async fn restore(folder: PathBuf) -> anyhow::Result<Report> {
    let folder = Folder::of_a_backup(folder)?;
    let (manifest, deletions) = (folder.manifest()?, Deletions::read(&folder)?);
    let bucket = Bucket::of_settings()?;
    anyhow::ensure!(
        is_vacant(&bucket).await?,
        "there are sessions or recordings here: restore into an empty stack"
    );
    for object in &manifest.objects {
        check(&folder, object).await?;
    }
    let programs = PostgresPrograms::of_settings();
    for service in Service::ALL {
        programs.restore(service, &folder.database(service)).await?;
    }
    let buried = bury(&Service::Sessions.pool()?, &deletions).await?;
    sqlx::raw_sql("delete from login").execute(&Service::Accounts.pool()?).await?;
    for object in &manifest.objects {
        bucket.put(&object.key, object.media_type.as_deref(), &folder.object(&object.file)).await?;
    }
    // What was heard is remembered for some weeks, and the backup may be older: heard again, it must be known.
    for service in Service::hearing() {
        sqlx::raw_sql("update inbox set handled_at = now()").execute(&service.pool()?).await?;
    }
    // The broker here knows nothing of what was said, and what one service says may be newer in the backup than another.
    let mut events = 0;
    for service in Service::ALL {
        events += outbox::republish(&service.pool()?, None, None).await?;
    }
    Ok(Report::new(format!(
        "{} databases and {} objects are back",
        Service::ALL.len(),
        manifest.objects.len()
    ))
    .line(&format!("{buried} sessions that were deleted since are deleted again"))
    .line(&format!("{events} events are said again when the services start")))
}

/// Before anything is changed: bytes that are not what they were are worth nothing.
async fn check(folder: &Folder, object: &Object) -> anyhow::Result<()> {
    let found = bucket::hash(&folder.object(&object.file)).await?;
    anyhow::ensure!(found == object.sha256, "the copy {} of an object was changed", object.file);
    Ok(())
}
