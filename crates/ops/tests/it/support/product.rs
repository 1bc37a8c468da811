//! The services themselves, each in a process of its own.

use super::Site;
use std::{collections::BTreeMap, net::TcpListener, path::Path, process::Stdio};
use tempfile::TempDir;
use test_kit::eventually;
use tokio::process::{Child, Command};

const SERVICES: [&str; 6] = ["accounts", "topics", "sessions", "secrets", "upload", "rating"];
/// The key of RFC 8037, appendix A.
const SIGNING_KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";

/// Every service that has a database, over those of a site.
pub struct Product {
    addresses: BTreeMap<&'static str, String>,
    running: Vec<Child>,
    _scratch: TempDir,
}

impl Product {
    /// Starts the services and waits until each is ready.
    pub async fn start(site: &Site) -> Self {
        let mut settings = site.settings.clone();
        let mut addresses = BTreeMap::new();
        for service in SERVICES {
            let prefix = service.to_uppercase();
            let (http, grpc) = (free(), free());
            settings.insert(format!("{prefix}_HTTP_ADDR"), http.clone());
            settings.insert(format!("{prefix}_GRPC_ADDR"), grpc.clone());
            settings.insert(format!("{prefix}_GRPC_URL"), format!("http://{grpc}"));
            addresses.insert(service, http);
        }
        let keys = format!("http://{}/.well-known/jwks.json", addresses["accounts"]);
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
        let running = SERVICES.map(|service| started(service, &settings)).into();
        let product = Self { addresses, running, _scratch: scratch };
        for service in SERVICES {
            let url = product.url(service, "/healthz/ready");
            eventually(service, async || {
                reqwest::get(&url).await.ok().filter(|answer| answer.status().is_success())
            })
            .await;
        }
        product
    }

    /// Fills the catalogue of topics.
    pub async fn seed(site: &Site) {
        let seeded = program("topics").arg("seed").envs(&site.settings).output().await.expect("topics runs");
        assert!(seeded.status.success(), "{seeded:?}");
    }

    /// A page of a service.
    pub fn url(&self, service: &str, path: &str) -> String {
        format!("http://{}{path}", self.addresses[service])
    }

    /// Kills every service.
    pub async fn stop(mut self) {
        for child in &mut self.running {
            child.kill().await.expect("the process is there");
        }
    }
}

/// A service's program lies beside the one that is tested: whoever builds the workspace builds both.
fn program(service: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_ops")).with_file_name(service);
    assert!(program.exists(), "{service} is not built: run the tests with `cargo xtask test`");
    Command::new(program)
}

fn started(service: &str, settings: &BTreeMap<String, String>) -> Child {
    let mut command = program(service);
    command.envs(settings).stdout(Stdio::null()).kill_on_drop(true);
    command.spawn().expect("the program starts")
}

fn free() -> String {
    let listener = TcpListener::bind((test_kit::own_address(), 0)).expect("a free port");
    listener.local_addr().expect("its number").to_string()
}
