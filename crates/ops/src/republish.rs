//! `ops outbox republish`: saying again what a service has said.

use crate::{report::Report, service::Service};
use anyhow::Context as _;
use clap::{Args, builder::PossibleValuesParser};
use clock::{Clock, Timestamp};
use events::{
    SUBJECTS,
    catalogue::{KEPT_DAYS, REPEATED_DAYS},
};
use std::str::FromStr;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// What is said again.
#[derive(Debug, Args)]
pub struct Republish {
    /// The service that said it
    service: Service,
    /// Only what was said since then: 90s, 15m, 6h, 2d ago, or a moment such as 2026-11-21T08:00:00Z
    #[arg(long)]
    since: Option<Since>,
    /// Only this subject, such as session.finalized
    #[arg(long, value_parser = PossibleValuesParser::new(SUBJECTS))]
    subject: Option<String>,
}

/// A moment, or how long ago it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    Moment(Timestamp),
    Ago(Duration),
}

/// Marks the events as waiting; the service's own relay publishes them.
pub async fn republish(what: Republish) -> anyhow::Result<Report> {
    let now = Clock::System.now();
    let oldest = now - Duration::days(i64::from(REPEATED_DAYS));
    let since = match what.since {
        None => oldest,
        Some(Since::Moment(at)) => at,
        Some(Since::Ago(ago)) => now - ago,
    };
    anyhow::ensure!(
        since >= oldest,
        "what was said more than {REPEATED_DAYS} days ago is not said again: whoever handled it then may have forgotten that, \
         and it would take effect twice"
    );
    let events = outbox::republish(&what.service.pool()?, Some(since), what.subject.as_deref()).await?;
    Ok(Report::new(format!("{events} events of {} are said again", what.service)))
}

impl FromStr for Since {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(at) = OffsetDateTime::parse(text, &Rfc3339) {
            return Ok(Self::Moment(at));
        }
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).unwrap_or_default();
        let number: u32 = number.parse().context("neither a moment nor a number with s, m, h or d")?;
        let unit = match unit {
            "s" => Duration::SECOND,
            "m" => Duration::MINUTE,
            "h" => Duration::HOUR,
            "d" => Duration::DAY,
            _ => anyhow::bail!("a number needs s, m, h or d"),
        };
        let ago = unit.checked_mul(i32::try_from(number)?).context("that is before all time")?;
        anyhow::ensure!(
            ago <= Duration::days(i64::from(KEPT_DAYS)),
            "nothing older than {KEPT_DAYS} days is kept"
        );
        Ok(Self::Ago(ago))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_said_by_its_time_or_its_age() {
        assert_eq!("15m".parse::<Since>().unwrap(), Since::Ago(Duration::minutes(15)));
        assert_eq!("7d".parse::<Since>().unwrap(), Since::Ago(Duration::days(7)));
        let moment = time::macros::datetime!(2026-11-21 08:00 UTC);
        assert_eq!("2026-11-21T08:00:00Z".parse::<Since>().unwrap(), Since::Moment(moment));
        for wrong in ["", "m", "5", "5w", "8d", "4294967295d", "yesterday", "5é"] {
            assert!(wrong.parse::<Since>().is_err(), "{wrong}");
        }
    }
}
