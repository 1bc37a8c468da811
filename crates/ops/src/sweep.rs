//! `ops sweep`: what lies in storage, beside what the rows of `upload` say lies there.

pub mod known;

use crate::{bucket::Bucket, report::Report, service::Service};
use known::Known;
use sqlx::PgPool;

/// Something that is not as the rows say.
#[derive(Debug)]
enum Odd {
    /// No row knows this object.
    Unknown { key: String, bytes: u64 },
    /// A row says that this many bytes lie there.
    Wrong { key: String, wanted: u64, found: Option<u64> },
}

/// Compares, and with `repair` removes the objects that no row knows. It fails when anything else is odd: bytes that are
/// gone are in a backup, if they are anywhere.
pub async fn sweep(repair: bool) -> anyhow::Result<Report> {
    let (bucket, pool) = (Bucket::of_settings()?, Service::Upload.pool()?);
    let odd = compare(&bucket, &pool).await?;
    let mut report = Report::new("");
    for one in &odd {
        let removed = match one {
            Odd::Unknown { key, .. } if repair => {
                bucket.delete(key).await?;
                true
            }
            Odd::Unknown { .. } | Odd::Wrong { .. } => false,
        };
        let ending = if removed { ": removed" } else { "" };
        report = report.line(&format!("{one}{ending}")).when(removed);
    }
    Ok(if odd.is_empty() { report.line("storage holds what the rows say, and nothing else") } else { report })
}

/// Rows are written before what they name is put into storage, and go after it is removed. So storage is listed before
/// the rows are read, and whatever looks odd then is looked at once more.
async fn compare(bucket: &Bucket, pool: &PgPool) -> anyhow::Result<Vec<Odd>> {
    let objects = bucket.list().await?;
    let known = Known::read(pool).await?;
    let unknown = objects.iter().filter(|(key, _)| !known.names(key)).map(|(key, _)| key);
    let wrong = known.needed().filter(|(key, bytes)| objects.get(*key) != Some(bytes)).map(|(key, _)| key);
    let suspects: Vec<&String> = unknown.chain(wrong).collect();
    let mut found = Vec::new();
    for key in suspects {
        found.push((key, bucket.size(key).await?));
    }
    let known = Known::read(pool).await?;
    let odd =
        found.into_iter().filter_map(|(key, found)| match (known.names(key), known.needs(key), found) {
            (false, _, Some(bytes)) => Some(Odd::Unknown { key: key.clone(), bytes }),
            (true, Some(wanted), found) if found != Some(wanted) => {
                Some(Odd::Wrong { key: key.clone(), wanted, found })
            }
            _ => None,
        });
    Ok(odd.collect())
}

impl std::fmt::Display for Odd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown { key, bytes } => write!(f, "{key}: no row knows these {bytes} bytes"),
            Self::Wrong { key, wanted, found: Some(found) } => {
                write!(f, "{key}: {found} bytes instead of {wanted}")
            }
            Self::Wrong { key, wanted, found: None } => write!(f, "{key}: nothing instead of {wanted} bytes"),
        }
    }
}
