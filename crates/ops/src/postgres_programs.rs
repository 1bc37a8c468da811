//! Postgres' own programs, which copy a database and put it back.

use crate::service::Service;
use anyhow::Context as _;
use environment::Environment;
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret as _;
use std::path::Path;
use tokio::process::Command;
use url::Url;

/// Where they are. They must not be older than the servers.
#[derive(Debug)]
pub struct PostgresPrograms {
    dump: String,
    restore: String,
}

impl PostgresPrograms {
    /// Those that this process is told of.
    pub fn of_settings() -> Self {
        Self::read(&Environment::of_this_process("ops"))
    }

    /// Reads `PG_DUMP` and `PG_RESTORE`.
    pub fn read(env: &Environment) -> Self {
        Self {
            dump: env.text("PG_DUMP", "The pg_dump program, not older than the servers", "pg_dump"),
            restore: env.text(
                "PG_RESTORE",
                "The pg_restore program, not older than the servers",
                "pg_restore",
            ),
        }
    }

    /// Writes a database into a file, as it is in a snapshot or as it is now.
    pub async fn dump(&self, service: Service, file: &Path, snapshot: Option<&str>) -> anyhow::Result<()> {
        let mut command = Command::new(&self.dump);
        command.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]).arg(file);
        command.args(snapshot.map(|snapshot| format!("--snapshot={snapshot}")));
        run(command, service).await
    }

    /// Puts a database back, in the place of all tables it had: all of it or nothing.
    pub async fn restore(&self, service: Service, file: &Path) -> anyhow::Result<()> {
        let mut command = Command::new(&self.restore);
        command.args(["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction"]);
        command.arg(format!("--dbname={}", address(service)?.path().trim_start_matches('/'))).arg(file);
        run(command, service).await
    }
}

/// Told by their environment where the database is: arguments can be seen by everybody on the machine.
async fn run(mut command: Command, service: Service) -> anyhow::Result<()> {
    let address = address(service)?;
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let port = address.port().map(|port| port.to_string());
    let options =
        |name: &str| address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let told = [
        ("PGHOST", address.host_str().map(decoded)),
        ("PGPORT", port),
        ("PGUSER", Some(decoded(address.username())).filter(|user| !user.is_empty())),
        ("PGPASSWORD", address.password().map(decoded)),
        ("PGDATABASE", Some(decoded(address.path().trim_start_matches('/')))),
        ("PGSSLMODE", options("sslmode")),
        ("PGSSLROOTCERT", options("sslrootcert")),
    ];
    command.envs(told.into_iter().filter_map(|(key, value)| Some((key, value?))));
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command.output().await.with_context(|| format!("{program} does not start"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{program} did not manage {service}: {}", complaint.trim());
    Ok(())
}

fn address(service: Service) -> anyhow::Result<Url> {
    let config = postgres::Config::read(&Environment::of_this_process(service.name()))?;
    Ok(Url::parse(config.url().expose_secret())?)
}
