//! What tests and derived files stand on: a Postgres of their own, beside any stack that runs.

use crate::{
    house::{House, Profile},
    ports::{self, Transport},
    seaweedfs,
    stack::{
        database::{self, Postgres},
        process::{Identity, Process},
    },
    steps::{Step, eventually},
    tools,
};
use anyhow::{Result, bail, ensure};
use nix::sys::signal::Signal;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::Duration,
};

const POSTGRES: u16 = 15433;
const PATIENCE: Duration = Duration::from_mins(1);

/// The running processes; they end with this value.
pub struct Ground {
    house: House,
    /// The databases, in which everybody on this machine is trusted.
    pub postgres: Postgres,
    running: Vec<(Child, Signal)>,
    /// Folders that go when the processes have ended.
    thrown_away: Vec<PathBuf>,
}

impl Ground {
    /// Starts the databases, for tests that are over before the power could fail.
    pub fn start(house: &House, step: &Step) -> Result<Self> {
        Self::begin(house, step, false)
    }

    /// Starts databases that have on disk what they confirm, as every other.
    pub fn start_durable(house: &House, step: &Step) -> Result<Self> {
        Self::begin(house, step, true)
    }

    fn begin(house: &House, step: &Step, durable: bool) -> Result<Self> {
        let postgres = Postgres {
            binaries: crate::packages::postgres_folder()?,
            folder: folder(house),
            port: POSTGRES,
            user: database::unprivileged_user()?,
            durable,
        };
        let mut ground = Self { house: house.clone(), postgres, running: vec![], thrown_away: vec![] };
        clear_away(&ground.postgres);
        ground.postgres.initialise(None, step)?;
        let process = ground.postgres.process();
        ground.run(&process)?;
        ensure!(
            eventually(PATIENCE, || ground.postgres.is_ready("")),
            "Postgres takes no queries on port {POSTGRES}"
        );
        Ok(ground)
    }

    /// Starts an object store with nothing in it. Answers its address.
    pub fn seaweedfs(&mut self) -> Result<String> {
        let folder = self.house.local.join("bench/seaweedfs");
        if let Some(left_behind) = ports::holder(Transport::Tcp, seaweedfs::PORT)
            && let Some(identity) = running_with(left_behind.pid, seaweedfs::data_option(&folder).as_bytes())
        {
            identity.end(Signal::SIGKILL, Duration::from_secs(15));
        }
        // It never shrinks: what a run that was cut short left would be there for ever.
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let process = seaweedfs::process(&self.house, &folder);
        self.thrown_away.push(folder);
        self.run(&process)?;
        Ok(format!("http://127.0.0.1:{}", seaweedfs::PORT))
    }

    /// A database's address.
    pub fn url(database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{POSTGRES}/{database}")
    }

    /// What tests are told about all this.
    pub fn settings(&self) -> Result<Vec<(String, String)>> {
        let recognizer = self.house.root.join("services/coach/recognizer/recognize.py");
        let setting = |key: &str, value: String| (key.to_owned(), value);
        Ok(vec![
            setting("TEST_POSTGRES_URL", Self::url("postgres")),
            setting("TEST_NATS_SERVER", tools::nats_server(&self.house)?.to_string_lossy().into_owned()),
            setting("TEST_RECOGNIZER", format!("{} {}", self.house.python().display(), recognizer.display())),
        ])
    }

    fn run(&mut self, process: &Process) -> Result<()> {
        let port = process.health.port();
        if !ports::is_free(Transport::Tcp, port) {
            match ports::holder(Transport::Tcp, port) {
                Some(holder) => bail!("port {port} (for the tests) is held by {holder}"),
                None => bail!("port {port} (for the tests) is in use"),
            }
        }
        let log = self
            .house
            .local
            .join("logs")
            .join(format!("test-{}.log", process.name.trim_start_matches("test-")));
        self.running.push((process.start(&log)?, process.stop));
        ensure!(
            eventually(PATIENCE, || process.health.is_well()),
            "{} is not healthy; see {}",
            process.name,
            log.display()
        );
        Ok(())
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        for (child, stop) in self.running.iter_mut().rev() {
            if let Some(identity) = Identity::of(child.id()) {
                identity.end(*stop, Duration::from_secs(15));
            }
            let _ = child.wait();
        }
        for folder in &self.thrown_away {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// As for a stack, the data must lie where the user that runs Postgres can reach it.
fn folder(house: &House) -> PathBuf {
    let stack = crate::stack::Stack {
        house: house.clone(),
        name: crate::stack::Name::Test,
        profile: Profile::Dev,
        replicas: 1,
        lan: None,
        observed: false,
    };
    stack.postgres_folder().with_file_name("scratch-postgres")
}

/// Ends what a run that was cut short has left behind.
fn clear_away(postgres: &Postgres) {
    if let Some(identity) = postmaster(&postgres.folder) {
        identity.end(Signal::SIGINT, Duration::from_secs(15));
    }
}

/// The process that a data folder says it is used by, if that is a Postgres on this very folder.
fn postmaster(folder: &Path) -> Option<Identity> {
    let text = fs::read_to_string(folder.join("postmaster.pid")).ok()?;
    let pid: u32 = text.lines().next()?.trim().parse().ok()?;
    running_with(pid, folder.as_os_str().as_encoded_bytes())
}

/// The process with that id, if it was started with that very argument.
fn running_with(pid: u32, argument: &[u8]) -> Option<Identity> {
    let words = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    words.split(|byte| *byte == 0).any(|word| word == argument).then(|| Identity::of(pid))?
}

/// Makes an empty database and brings it to the shape that migrations say.
pub fn scratch_database(ground: &Ground, name: &str, migrations: &[PathBuf], step: &Step) -> Result<()> {
    let script = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE);\nCREATE DATABASE {name};\n");
    step.feed(&mut ground.postgres.psql(""), &script)?;
    for folder in migrations {
        for file in migration_files(folder)? {
            let mut psql = ground.postgres.psql("");
            // The last one wins.
            psql.args(["--dbname", name]);
            step.feed(&mut psql, &fs::read_to_string(file)?)?;
        }
    }
    Ok(())
}

fn migration_files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        bail!("there are no migrations in {}", folder.display());
    }
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|file| {
            let name = file.to_string_lossy();
            name.ends_with(".sql") && !name.ends_with(".down.sql")
        })
        .collect();
    files.sort();
    Ok(files)
}

/// Sets the modification time of a file to now, so that cargo looks at it again.
pub fn touch(file: &Path, step: &Step) -> Result<()> {
    step.run(Command::new("touch").arg(file))
}
