//! A broker for one test.

use crate::own_address;
use event_bus::{Bus, Config};
use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// A NATS server with JetStream and a store of its own, killed when the test is over.
#[derive(Debug)]
pub struct Nats {
    program: String,
    address: SocketAddr,
    folder: TempDir,
    server: Option<Child>,
}

impl Nats {
    /// Starts a server and applies the catalogue of streams.
    pub async fn start() -> Self {
        let mut nats = Self::stopped();
        nats.start_again().await;
        nats
    }

    /// A server that is not running yet.
    #[must_use]
    pub fn stopped() -> Self {
        Self {
            program: crate::setting("TEST_NATS_SERVER"),
            address: own_address(),
            folder: TempDir::new().expect("a folder for the store"),
            server: None,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// A connection to it, which waits for it when it is stopped.
    pub async fn bus(&self) -> Bus {
        Bus::connect(&Config::of_url(&self.url()), "test").await.expect("the URL is right")
    }

    /// Starts the server, with what its store still has, and applies the catalogue.
    pub async fn start_again(&mut self) {
        let configuration = self.folder.path().join("nats.conf");
        // As everywhere: what the broker has taken is on the disk.
        let text = format!(
            "listen: \"{}\"\njetstream {{ store_dir: \"{}\", sync_interval: always }}\n",
            self.address,
            self.store().display(),
        );
        fs::write(&configuration, text).expect("a configuration");
        let server = Command::new(&self.program)
            .arg("--config")
            .arg(configuration)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("TEST_NATS_SERVER runs");
        self.server = Some(server);
        let bus = self.bus().await;
        bus.connected(Duration::from_secs(20)).await.expect("the broker starts");
        crate::eventually("the catalogue is applied", async || bus.apply_catalogue().await.ok()).await;
    }

    /// Kills the server.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Kills the server and deletes everything it kept.
    pub fn lose_store(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(self.store());
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.stop();
    }
}
