//! Whether there is anything here that a restore would take the place of.

use crate::{bucket::Bucket, service::Service};
use sqlx::AssertSqlSafe;

/// Tables with a row for each session or recording. Accounts and topics may be there: a new stack has some.
const FULL: [(Service, &str); 4] = [
    (Service::Sessions, "session"),
    (Service::Upload, "medium"),
    (Service::Upload, "take"),
    (Service::Rating, "session"),
];

/// Whether no session and no recording is here, with or without tables to hold them.
pub async fn is_vacant(bucket: &Bucket) -> anyhow::Result<bool> {
    for (service, table) in FULL {
        let pool = service.pool()?;
        let exists: bool =
            sqlx::query_scalar("select to_regclass($1) is not null").bind(table).fetch_one(&pool).await?;
        if !exists {
            continue;
        }
        let statement = format!("select exists (select from {table})");
        if sqlx::query_scalar(AssertSqlSafe(statement)).fetch_one(&pool).await? {
            return Ok(false);
        }
    }
    Ok(bucket.list().await?.is_empty())
}
