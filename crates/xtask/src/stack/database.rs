//! A private Postgres: made by `initdb`, reached over the loopback address only, one database and role per service.

use super::{
    Stack, catalogue,
    process::{Health, Process},
};
use crate::{
    house::{self, program},
    packages,
    secrets::Secrets,
    steps::Step,
};
use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use std::{
    fmt::Write as _,
    fs,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
};

/// A Postgres instance of ours.
#[derive(Debug)]
pub struct Postgres {
    /// Where its programs are.
    pub binaries: PathBuf,
    /// Where its data is.
    pub folder: PathBuf,
    /// Where it listens.
    pub port: u16,
    /// Who runs it, when that cannot be us.
    pub user: Option<(u32, u32)>,
    /// Whether what it has acknowledged survives a power cut. Tests do without.
    pub durable: bool,
}

impl Postgres {
    /// The instance of a stack.
    pub fn of(stack: &Stack) -> Result<Self> {
        Ok(Self {
            binaries: packages::postgres_folder()?,
            folder: stack.postgres_folder(),
            port: stack.port(catalogue::POSTGRES),
            user: unprivileged_user()?,
            durable: true,
        })
    }

    /// Makes the data folder once. Without a password everybody on this machine is trusted.
    pub fn initialise(&self, password: Option<&str>, step: &Step) -> Result<()> {
        if self.folder.join("PG_VERSION").exists() {
            return Ok(());
        }
        let parent = self.folder.parent().context("the data folder lies nowhere")?;
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        self.give(parent)?;
        // Made aside and renamed: one that was interrupted is made again.
        let draft = self.folder.with_extension("draft");
        if draft.exists() {
            fs::remove_dir_all(&draft)?;
        }
        let mut command = Command::new(self.binaries.join("initdb"));
        command.arg("--pgdata").arg(&draft).args(["--username=postgres", "--encoding=UTF8", "--no-locale"]);
        command.current_dir("/");
        let secret = parent.join("password");
        if let Some(password) = password {
            house::write_whole(&secret, password.as_bytes(), 0o600)?;
            self.give(&secret)?;
            command.arg("--auth=scram-sha-256").arg("--pwfile").arg(&secret);
        } else {
            command.arg("--auth=trust").arg("--no-sync");
        }
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        let outcome = step.run(&mut command);
        let _ = fs::remove_file(secret);
        outcome?;
        fs::rename(draft, &self.folder).context("cannot put the data folder into place")
    }

    /// Hands a path to the user that runs Postgres.
    fn give(&self, path: &Path) -> Result<()> {
        if let Some((user, group)) = self.user {
            chown(path, Some(user), Some(group))
                .with_context(|| format!("cannot give away {}", path.display()))?;
            // The way there was made by root, perhaps under a strict umask.
            for folder in
                path.ancestors().skip(1).filter(|folder| folder.to_string_lossy().contains("vivavoce-"))
            {
                fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
            }
        }
        Ok(())
    }

    /// How it is run.
    pub fn process(&self) -> Process {
        let mut arguments = vec!["-D".to_owned(), self.folder.to_string_lossy().into_owned()];
        let mut set = |setting: &str| arguments.extend(["-c".to_owned(), setting.to_owned()]);
        set("listen_addresses=127.0.0.1");
        set(&format!("port={}", self.port));
        set("unix_socket_directories=");
        // Two replicas of every service, each with a pool, and tests that make a database each.
        set("max_connections=400");
        if !self.durable {
            set("fsync=off");
            set("synchronous_commit=off");
            set("full_page_writes=off");
        }
        Process {
            name: "postgres".to_owned(),
            program: self.binaries.join("postgres"),
            arguments,
            settings: vec![],
            hidden: &["OPENAI_API_KEY"],
            user: self.user,
            // SIGTERM would wait for every client to leave.
            stop: Signal::SIGINT,
            health: Health::Accepts(self.port),
            configuration: None,
        }
    }

    /// Asks whether it takes queries: it listens before it does.
    pub fn is_ready(&self, password: &str) -> bool {
        self.psql(password)
            .args(["--command", "select 1"])
            .output()
            .is_ok_and(|output| output.status.success())
    }

    /// A client, as the superuser.
    pub fn psql(&self, password: &str) -> Command {
        let beside = self.binaries.join("psql");
        let client = if house::is_executable(&beside) { beside } else { program("psql").unwrap_or(beside) };
        let mut command = Command::new(client);
        command.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--host", "127.0.0.1"]);
        command.args(["--port", &self.port.to_string(), "--username", "postgres", "--dbname", "postgres"]);
        command.env("PGPASSWORD", password).env("PGCONNECT_TIMEOUT", "5").current_dir("/");
        command
    }
}

/// Makes what is missing of roles and databases, and sets the passwords.
pub fn ensure_databases(postgres: &Postgres, secrets: &Secrets, step: &Step) -> Result<()> {
    let script = script(catalogue::databases().map(|service| (service, secrets.database_password(service))));
    step.feed(&mut postgres.psql(secrets.get("POSTGRES_PASSWORD")), &script)
}

fn script<'a>(roles: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut script = String::new();
    for (name, password) in roles {
        // \gexec runs what the query answers: CREATE DATABASE cannot stand in a DO block.
        let _ = write!(
            script,
            "SELECT 'CREATE ROLE {name} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') \\gexec\n\
             ALTER ROLE {name} LOGIN PASSWORD '{password}';\n\
             SELECT 'CREATE DATABASE {name} OWNER {name}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}') \\gexec\n\
             REVOKE ALL ON DATABASE {name} FROM PUBLIC;\n"
        );
    }
    script
}

/// Postgres refuses to run as root, so as root it is run by Debian's user for it, or by one made for it.
pub fn unprivileged_user() -> Result<Option<(u32, u32)>> {
    if !house::is_root() {
        return Ok(None);
    }
    let known = || -> Option<(u32, u32)> {
        let users = fs::read_to_string("/etc/passwd").ok()?;
        ["postgres", "vivavoce"].iter().find_map(|name| user(&users, name))
    };
    if let Some(user) = known() {
        return Ok(Some(user));
    }
    let made = Command::new("useradd").args(["--system", "--no-create-home", "vivavoce"]).status();
    match (made, known()) {
        (Ok(_), Some(user)) => Ok(Some(user)),
        _ => bail!(
            "Postgres does not run as root. Make a user for it:\n  useradd --system --no-create-home vivavoce"
        ),
    }
}

fn user(users: &str, name: &str) -> Option<(u32, u32)> {
    let fields: Vec<&str> = users.lines().map(|line| line.split(':')).find_map(|fields| {
        let fields: Vec<&str> = fields.collect();
        (fields.first() == Some(&name)).then_some(fields)
    })?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let users = "root:x:0:0::/root:/bin/sh\npostgres2:x:7:8::/:/bin/sh\npostgres:x:101:104::/:/bin/sh\n";
        assert_eq!(user(users, "postgres"), Some((101, 104)));
        assert_eq!(user(users, "vivavoce"), None);
    }

    #[test]
    fn every_service_owns_one_database_that_others_cannot_open() {
        let script = script([("topics", "k1")].into_iter());
        assert!(script.contains("CREATE DATABASE topics OWNER topics"));
        assert!(script.contains("REVOKE ALL ON DATABASE topics FROM PUBLIC"));
        assert!(script.contains("ALTER ROLE topics LOGIN PASSWORD 'k1'"));
    }
}
