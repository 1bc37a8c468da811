//! The certificate of a stack that the local network sees, by an authority made on this machine for nothing else.

use super::Stack;
use crate::house;
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Where a phone fetches the authority, over plain HTTP.
pub const PATH: &str = "/vivavoce-authority.crt";

/// A phone is asked to trust this once.
const AUTHORITY_DAYS: &str = "825";
/// Made anew at each start. Safari takes no certificate that is valid for longer than 825 days.
const CERTIFICATE_DAYS: &str = "90";

/// Where everything lies.
pub struct Files {
    /// Handed out.
    pub authority: PathBuf,
    /// Signs certificates; never leaves this folder.
    authority_key: PathBuf,
    /// What the edge shows.
    pub certificate: PathBuf,
    /// The edge's key.
    pub key: PathBuf,
    /// What the certificate says of itself.
    extensions: PathBuf,
}

impl Files {
    /// The files of a stack.
    pub fn of(stack: &Stack) -> Self {
        let folder = stack.folder().join("https");
        Self {
            authority: folder.join("authority.crt"),
            authority_key: folder.join("authority.key"),
            certificate: folder.join("edge.crt"),
            key: folder.join("edge.key"),
            extensions: folder.join("edge.ext"),
        }
    }
}

/// Makes the authority when there is none, and a certificate for an address.
pub fn ensure(stack: &Stack, address: Ipv4Addr) -> Result<()> {
    let files = Files::of(stack);
    let folder = stack.folder().join("https");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    if !files.authority.exists() {
        let subject = "/CN=Vivavoce on this machine";
        request(&files.authority_key, &files.authority, subject)?
            .args(["-x509", "-days", AUTHORITY_DAYS])
            .args(["-addext", "keyUsage=critical,keyCertSign"])
            .succeeds()?;
    }
    let wanted = format!(
        "subjectAltName=IP:{address},IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n"
    );
    house::write_whole(&files.extensions, wanted.as_bytes(), 0o600)?;
    let asked = folder.join("edge.csr");
    request(&files.key, &asked, "/CN=Vivavoce")?.succeeds()?;
    openssl()
        .args(["x509", "-req", "-sha256", "-days", CERTIFICATE_DAYS, "-CAcreateserial"])
        .arg("-in")
        .arg(&asked)
        .arg("-CA")
        .arg(&files.authority)
        .arg("-CAkey")
        .arg(&files.authority_key)
        .arg("-extfile")
        .arg(&files.extensions)
        .arg("-out")
        .arg(&files.certificate)
        .succeeds()
}

/// A new key, which openssl makes private to this user, and what is asked with it.
fn request(key: &Path, into: &Path, subject: &str) -> Result<Command> {
    openssl()
        .args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out"])
        .arg(key)
        .succeeds()?;
    let mut command = openssl();
    command.args(["req", "-new", "-sha256", "-subj", subject, "-key"]).arg(key).arg("-out").arg(into);
    Ok(command)
}

fn openssl() -> Command {
    let mut command = Command::new("openssl");
    command.stdin(Stdio::null());
    command
}

trait Succeeds {
    fn succeeds(&mut self) -> Result<()>;
}

impl Succeeds for Command {
    fn succeeds(&mut self) -> Result<()> {
        let output = self.output().context("openssl is needed to make certificates")?;
        ensure!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(())
    }
}
