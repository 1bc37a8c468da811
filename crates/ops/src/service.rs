//! The services that have a database, each reached by its own settings.

use clap::ValueEnum;
use environment::Environment;
use events::catalogue::CONSUMERS;
use sqlx::PgPool;
use std::fmt;

/// A service with a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Service {
    /// Who a learner is.
    Accounts,
    /// What can be practised.
    Topics,
    /// Who practises what.
    Sessions,
    /// Who may open a call.
    Secrets,
    /// Whether a recording arrived.
    Upload,
    /// How a session went.
    Rating,
}

impl Service {
    /// Every one; what hangs on something stands behind it.
    pub const ALL: [Self; 6] =
        [Self::Accounts, Self::Topics, Self::Sessions, Self::Secrets, Self::Upload, Self::Rating];

    /// As the service calls itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Topics => "topics",
            Self::Sessions => "sessions",
            Self::Secrets => "secrets",
            Self::Upload => "upload",
            Self::Rating => "rating",
        }
    }

    /// Those with an inbox: a consumer's name begins with its service's.
    pub fn hearing() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|service| {
            CONSUMERS.iter().any(|consumer| {
                consumer.name.strip_prefix(service.name()).is_some_and(|rest| rest.starts_with('-'))
            })
        })
    }

    /// Connections to its database.
    pub fn pool(self) -> anyhow::Result<PgPool> {
        Ok(postgres::Config::read(&Environment::of_this_process(self.name()))?.pool()?)
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_service_with_migrations_is_known() {
        let services = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
        let mut with_a_database: Vec<_> = std::fs::read_dir(services)
            .unwrap()
            .flatten()
            .filter(|entry| entry.path().join("sqlx.toml").exists())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        with_a_database.sort_unstable();
        let mut known = Service::ALL.map(Service::name);
        known.sort_unstable();
        assert_eq!(with_a_database, known);
    }

    #[test]
    fn whoever_is_in_the_catalogue_has_an_inbox() {
        let hearing: Vec<_> = Service::hearing().collect();
        assert_eq!(hearing, [Service::Sessions, Service::Secrets, Service::Upload, Service::Rating]);
    }
}
