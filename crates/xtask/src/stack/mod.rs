//! A stack: every process of the product on one machine, with its own ports, data and logs.

pub mod catalogue;
pub mod certificate;
pub mod database;
pub mod edge;
pub mod plan;
pub mod process;
mod prometheus;
pub mod recovery;
pub mod settings;
pub mod state;
pub mod supervisor;

use crate::{
    house::{self, House, Profile, fingerprint},
    secrets::Secrets,
};
use anyhow::{Result, bail};
use std::{
    fs,
    net::Ipv4Addr,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Which stack. Each has ports of its own, so that tests run beside a stack in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The one a person uses.
    Local,
    /// The one the browser tests use.
    Test,
}

impl Name {
    /// Reads it from a command line.
    pub fn parse(word: &str) -> Result<Self> {
        match word {
            "local" => Ok(Self::Local),
            "test" => Ok(Self::Test),
            _ => bail!("there are the stacks local and test, not {word}"),
        }
    }

    /// As on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Test => "test",
        }
    }
}

/// A replica's ports lie this far from the ports of the one before.
const REPLICA_STRIDE: u16 = 100;

/// One stack on this machine.
#[derive(Clone, Debug)]
pub struct Stack {
    /// Where the clone lies.
    pub house: House,
    /// Which stack it is.
    pub name: Name,
    /// How its programs are built.
    pub profile: Profile,
    /// How many of each service that may be replicated.
    pub replicas: u16,
    /// This machine's address in the local network, where the stack is there for all of it.
    pub lan: Option<Ipv4Addr>,
    /// Whether its metrics are collected.
    pub observed: bool,
}

impl Stack {
    /// Everything this stack writes, but what [`Stack::postgres_folder`] says.
    pub fn folder(&self) -> PathBuf {
        match self.name {
            Name::Local => self.house.local.clone(),
            Name::Test => self.house.local.join("test"),
        }
    }

    /// The log of a process.
    pub fn log(&self, process: &str) -> PathBuf {
        self.logs().join(format!("{process}.log"))
    }

    /// The folder of all logs.
    pub fn logs(&self) -> PathBuf {
        self.folder().join("logs")
    }

    /// Small files about what runs.
    pub fn run(&self) -> PathBuf {
        self.folder().join("run")
    }

    /// What `--reset` wipes.
    pub fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// Whether its parts reach each other through a network that fails on request.
    pub fn has_faults(&self) -> bool {
        self.name == Name::Test && self.lan.is_none()
    }

    /// A port of this stack, by its number in the catalogue.
    pub fn port(&self, base: u16) -> u16 {
        match self.name {
            Name::Local => base,
            Name::Test => base + 500,
        }
    }

    /// A port of one replica, the first being 0.
    pub fn replica_port(&self, base: u16, replica: u16) -> u16 {
        self.port(base) + replica * REPLICA_STRIDE
    }

    /// Where the browser finds the product.
    pub fn origin(&self) -> String {
        match self.lan {
            None => format!("http://127.0.0.1:{}", self.port(catalogue::EDGE)),
            Some(address) => format!("https://{address}:{}", self.port(catalogue::SECURE_EDGE)),
        }
    }

    /// The generated passwords and keys.
    pub fn secrets(&self) -> Result<Secrets> {
        Secrets::ensure(&self.folder().join("secrets.env"), catalogue::databases())
    }

    /// Postgres does not run as root; as root, its data must lie where another user can reach it.
    pub fn postgres_folder(&self) -> PathBuf {
        let near = self.data().join("postgres");
        if !house::is_root() || self.house.root.ancestors().all(is_open_to_all) {
            return near;
        }
        let clone = fingerprint(self.house.root.as_os_str().as_encoded_bytes());
        let stack = self.name.word();
        PathBuf::from(format!("/var/lib/vivavoce-{clone:016x}/{stack}/postgres"))
    }
}

/// Whether every user may pass through a folder.
fn is_open_to_all(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o001 != 0 && found.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn stack(name: Name, replicas: u16) -> Stack {
        let house =
            House { root: "/clone".into(), local: "/clone/.local".into(), target: "/clone/target".into() };
        Stack { house, name, profile: Profile::Dev, replicas, lan: None, observed: false }
    }

    #[test]
    fn the_two_stacks_share_no_port_and_no_folder() {
        let observed = |stack: Stack| Stack { observed: true, ..stack };
        let (local, test) = (observed(stack(Name::Local, 2)), observed(stack(Name::Test, 2)));
        let ports = |stack: &Stack| {
            let mut ports = catalogue::ports(stack).into_iter().map(|(_, port, _)| port).collect::<Vec<_>>();
            ports.sort_unstable();
            ports.dedup();
            ports
        };
        assert!(ports(&local).iter().all(|port| !ports(&test).contains(port)));
        assert!(
            ports(&local).iter().chain(&ports(&test)).all(|port| *port < 32768),
            "ephemeral ports are not ours"
        );
        assert_ne!(local.run(), test.run());
    }
}
