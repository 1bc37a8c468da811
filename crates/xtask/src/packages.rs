//! The programs a Debian machine has as packages: checked by what they provide, installed where we may.

use crate::{
    house::{self, program},
    steps::Step,
};
use anyhow::{Context, Result, bail};
use std::{
    env::consts::ARCH,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A package, and how to tell that it is not needed.
struct Package {
    name: &'static str,
    is_there: fn() -> bool,
}

/// What running the stack needs.
const RUNNING: &[Package] = &[
    Package {
        name: "ca-certificates",
        is_there: || Path::new("/etc/ssl/certs/ca-certificates.crt").exists(),
    },
    Package { name: "openssl", is_there: || program("openssl").is_some() },
    Package { name: "gcc", is_there: || program("cc").is_some() },
    Package { name: "g++", is_there: || program("c++").is_some() },
    Package { name: "make", is_there: || program("make").is_some() },
    Package { name: "cmake", is_there: || program("cmake").is_some() },
    Package { name: "pkg-config", is_there: || program("pkg-config").is_some() },
    Package { name: "protobuf-compiler", is_there: || program("protoc").is_some() },
    Package { name: "postgresql", is_there: || postgres_folder().is_ok() },
    Package { name: "nginx-light", is_there: || program("nginx").is_some() },
    Package { name: "ffmpeg", is_there: || program("ffmpeg").is_some() && program("ffprobe").is_some() },
    Package { name: "flite", is_there: || program("flite").is_some() },
    Package { name: "python3", is_there: || program("python3").is_some() },
    Package { name: "python3-venv", is_there: system_python_makes_environments },
];

/// What the tests need besides.
const TESTING: &[Package] = &[
    Package { name: "git", is_there: || program("git").is_some() },
    Package { name: "chromium", is_there: || program("chromium").is_some() },
    Package { name: "firefox-esr", is_there: || program("firefox-esr").is_some() },
    Package { name: "libfaketime", is_there: || library("faketime/libfaketimeMT.so.1").exists() },
    Package { name: "pulseaudio", is_there: || program("pulseaudio").is_some() },
    Package {
        name: "pulseaudio-utils",
        is_there: || program("paplay").is_some() && program("pactl").is_some(),
    },
];

/// What collects the metrics of a stack, and checks the rules they are held against.
const OBSERVING: &[Package] = &[Package {
    name: "prometheus",
    is_there: || program("prometheus").is_some() && program("promtool").is_some(),
}];

/// What a step needs the machine to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// To run the stack.
    Running,
    /// To run it with its metrics collected.
    Observing,
    /// To run the tests.
    Testing,
}

/// Installs what is missing; answers what it did.
pub fn ensure(need: Need, step: &Step) -> Result<String> {
    let (testing, observing): (&[Package], &[Package]) = match need {
        Need::Running => (&[], &[]),
        Need::Observing => (&[], OBSERVING),
        Need::Testing => (TESTING, OBSERVING),
    };
    let wanted = || RUNNING.iter().chain(testing).chain(observing);
    let missing: Vec<&str> =
        wanted().filter(|package| !(package.is_there)()).map(|package| package.name).collect();
    if missing.is_empty() {
        return Ok("all there".to_owned());
    }
    install(&missing, step)?;
    let still: Vec<&str> =
        wanted().filter(|package| !(package.is_there)()).map(|package| package.name).collect();
    if !still.is_empty() {
        bail!("still missing after installing: {}", still.join(" "));
    }
    Ok(format!("installed {}", missing.join(" ")))
}

/// Debian starts a service when its package is installed. Ours are private instances, so nobody's port 80 or 5432 is
/// taken: for the time of the installation, services may not start.
const INSTALL: &str = r#"set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=400 update
apt-get -o DPkg::Lock::Timeout=400 install -y --no-install-recommends "$@"
"#;

fn install(packages: &[&str], step: &Step) -> Result<()> {
    let by_hand = format!(
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    if program("apt-get").is_none() {
        bail!(
            "this machine lacks what these Debian packages hold: {}\nInstall their like, then run this again.",
            packages.join(" ")
        );
    }
    let mut command = if house::is_root() {
        Command::new("sh")
    } else if program("sudo").is_some() {
        let mut sudo = Command::new("sudo");
        // Asks on the terminal itself; without one it fails at once instead of waiting.
        sudo.arg("sh");
        sudo
    } else {
        bail!("packages are missing and there is neither root nor sudo. Run:\n  {by_hand}");
    };
    step.run(command.args(["-c", INSTALL, "install"]).args(packages))
        .with_context(|| format!("installing failed; by hand:\n  {by_hand}"))
}

/// The folder that has `initdb` and `postgres`; Debian keeps them off the path.
pub fn postgres_folder() -> Result<PathBuf> {
    let debian =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = debian
        .filter(|folder| house::is_executable(&folder.join("bin/initdb")))
        .max_by_key(|folder| version_of(folder));
    if let Some(folder) = newest {
        return Ok(folder.join("bin"));
    }
    let initdb = program("initdb").context("there is no Postgres server on this machine")?;
    let initdb = fs::canonicalize(initdb)?;
    Ok(initdb.parent().context("initdb lies nowhere")?.to_path_buf())
}

/// Where Debian keeps a library for this machine's kind of processor.
fn library(name: &str) -> PathBuf {
    PathBuf::from(format!("/usr/lib/{ARCH}-linux-gnu")).join(name)
}

fn version_of(folder: &Path) -> u32 {
    folder.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or_default()
}

/// Debian's own interpreter comes first: another one on the path may lack wheels or come and go.
pub fn system_python() -> Result<PathBuf> {
    let debian = PathBuf::from("/usr/bin/python3");
    if house::is_executable(&debian) {
        return Ok(debian);
    }
    program("python3").context("there is no python3")
}

fn system_python_makes_environments() -> bool {
    system_python().is_ok_and(|python| {
        Command::new(python)
            .args(["-c", "import ensurepip, venv"])
            .output()
            .is_ok_and(|output| output.status.success())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_postgres_is_chosen_by_number() {
        assert!(
            version_of(Path::new("/usr/lib/postgresql/15")) > version_of(Path::new("/usr/lib/postgresql/9"))
        );
    }

    #[test]
    fn every_package_is_named_once() {
        let mut names: Vec<_> =
            RUNNING.iter().chain(TESTING).chain(OBSERVING).map(|package| package.name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
