//! The services themselves, each in a process of its own.

use super::Site;
use std::{collections::BTreeMap, env::consts::ARCH, path::Path, process::Stdio};
use tempfile::TempDir;
use test_kit::{SIGNING_KEY, eventually, own_address};
use tokio::process::{Child, Command};

pub const SERVICES: [&str; 6] = ["accounts", "topics", "sessions", "secrets", "upload", "rating"];

/// Every service that has a database, over those of a site.
pub struct Product {
    pub settings: BTreeMap<String, String>,
    running: BTreeMap<&'static str, Running>,
    _scratch: TempDir,
}

/// A service that runs until this goes.
pub struct Running {
    process: Child,
    address: String,
}

impl Product {
    /// What the services are told, each of an address of its own; and the folder they work in.
    pub fn settings(site: &Site) -> (BTreeMap<String, String>, TempDir) {
        let mut settings = site.settings.clone();
        for service in SERVICES {
            let prefix = service.to_uppercase();
            let [http, grpc] = [own_address(), own_address()].map(|address| address.to_string());
            settings.insert(format!("{prefix}_HTTP_ADDR"), http);
            settings.insert(format!("{prefix}_GRPC_URL"), format!("http://{grpc}"));
            settings.insert(format!("{prefix}_GRPC_ADDR"), grpc);
        }
        let keys = format!("http://{}/.well-known/jwks.json", settings["ACCOUNTS_HTTP_ADDR"]);
        let scratch = TempDir::new().expect("a folder");
        for (key, value) in [
            ("RATING_SCRATCH", scratch.path().join("rating").to_str().expect("a plain path")),
            ("UPLOAD_SCRATCH", scratch.path().join("upload").to_str().expect("a plain path")),
            ("JWKS_URL", keys.as_str()),
            ("ACCOUNTS_SIGNING_KEY", SIGNING_KEY),
            ("COACH_KEY", "test-coach"),
            ("LOG", "warn"),
        ] {
            settings.insert(key.to_owned(), value.to_owned());
        }
        (settings, scratch)
    }

    /// Starts the services and waits until each is ready.
    pub async fn start(site: &Site) -> Self {
        let (settings, scratch) = Self::settings(site);
        let running = SERVICES.map(|service| (service, Running::start(service, &settings)));
        let product = Self { settings, running: running.into(), _scratch: scratch };
        for running in product.running.values() {
            running.ready().await;
        }
        product
    }

    /// Stops a service and starts it with another setting.
    pub async fn restarts(&mut self, service: &'static str, key: &str, value: &str) {
        self.settings.insert(key.to_owned(), value.to_owned());
        self.replaces(service, Running::start).await;
    }

    /// Stops a service and starts it where it is so much later, or earlier: `+10m`.
    pub async fn restarts_at(&mut self, service: &'static str, offset: &str) {
        let elsewhen = |service: &str, settings: &_| Running::start_at(service, settings, offset);
        self.replaces(service, elsewhen).await;
    }

    /// Stops a service and starts it within a limit (`prlimit`).
    pub async fn restarts_within(&mut self, service: &'static str, limit: &str) {
        let within = |service: &str, settings: &_| Running::start_within(service, settings, limit);
        self.replaces(service, within).await;
    }

    async fn replaces(
        &mut self,
        service: &'static str,
        start: impl FnOnce(&str, &BTreeMap<String, String>) -> Running,
    ) {
        self.running.remove(service).expect("it runs").process.kill().await.expect("the process is there");
        let running = start(service, &self.settings);
        running.ready().await;
        self.running.insert(service, running);
    }

    /// Fills the catalogue of topics.
    pub async fn seed(site: &Site) {
        let seeded =
            Running::program("topics").arg("seed").envs(&site.settings).output().await.expect("topics runs");
        assert!(seeded.status.success(), "{seeded:?}");
    }

    /// A page of a service.
    pub fn url(&self, service: &str, path: &str) -> String {
        self.running[service].url(path)
    }

    /// Kills every service.
    pub async fn stop(mut self) {
        for running in self.running.values_mut() {
            running.process.kill().await.expect("the process is there");
        }
    }
}

impl Running {
    /// A service's program lies beside the one that is tested: whoever builds the workspace builds both.
    pub fn program(service: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_ops")).with_file_name(service);
        assert!(program.exists(), "{service} is not built: run the tests with `cargo xtask test`");
        Command::new(program)
    }

    /// Starts a service.
    pub fn start(service: &str, settings: &BTreeMap<String, String>) -> Self {
        Self::start_as(Self::program(service), service, settings)
    }

    /// Starts a service that may have so much and no more: a limit that `prlimit` knows.
    pub fn start_within(service: &str, settings: &BTreeMap<String, String>, limit: &str) -> Self {
        let mut limited = Command::new("prlimit");
        limited.arg(limit).arg(Self::program(service).as_std().get_program());
        Self::start_as(limited, service, settings)
    }

    /// Starts a service whose clock is wrong by so much; time passes as it does.
    fn start_at(service: &str, settings: &BTreeMap<String, String>, offset: &str) -> Self {
        let library = format!("/usr/lib/{ARCH}-linux-gnu/faketime/libfaketimeMT.so.1");
        assert!(Path::new(&library).exists(), "libfaketime is installed by `cargo xtask test`");
        let mut elsewhen = Self::program(service);
        elsewhen.env("LD_PRELOAD", library).env("FAKETIME", offset).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        Self::start_as(elsewhen, service, settings)
    }

    fn start_as(mut command: Command, service: &str, settings: &BTreeMap<String, String>) -> Self {
        command.envs(settings).stdout(Stdio::null()).kill_on_drop(true);
        let address = settings[&format!("{}_HTTP_ADDR", service.to_uppercase())].clone();
        Self { process: command.spawn().expect("the program starts"), address }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.process.id().expect("it runs")
    }

    /// Waits until it says that it is ready.
    pub async fn ready(&self) {
        let url = self.url("/healthz/ready");
        eventually(&url, async || {
            reqwest::get(&url).await.ok().filter(|answer| answer.status().is_success())
        })
        .await;
    }
}
