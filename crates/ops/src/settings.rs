//! `ops settings`: every setting this tool reads.

use crate::{postgres_programs::PostgresPrograms, report::Report, service::Service, trace};
use environment::Environment;

/// Those of each service's database, and those of what they share.
pub fn settings() -> anyhow::Result<Report> {
    let mut all = Vec::new();
    for service in Service::ALL {
        let env = Environment::describing(service.name());
        postgres::Config::read(&env)?;
        all.extend(env.settings());
    }
    let env = Environment::describing("ops");
    event_bus::Config::read(&env)?;
    object_store::Config::read(&env)?;
    trace::backend(&env)?;
    PostgresPrograms::read(&env);
    all.extend(env.settings());
    Report::json(&all)
}
