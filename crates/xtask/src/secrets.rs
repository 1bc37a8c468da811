//! Passwords and keys of the local stack: made once, private to the user, never printed.

use crate::house;
use anyhow::{Context, Result};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt::Write as _,
    fs::{self, File},
    io::Read,
    path::Path,
    process::Command,
};

/// The generated values by name.
#[derive(Clone, Debug, Default)]
pub struct Secrets(BTreeMap<String, String>);

/// The login printed by `up`.
pub const DEMO_EMAIL: &str = "demo@vivavoce.example";

/// Values that are random words.
const WORDS: &[&str] =
    &["POSTGRES_PASSWORD", "NATS_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY", "COACH_KEY", "DEMO_PASSWORD"];

impl Secrets {
    /// Reads the file, adding what is missing. `databases` are the services that have one.
    pub fn ensure<'a>(file: &Path, databases: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut values = fs::read_to_string(file).map(|text| parse(&text)).unwrap_or_default();
        let before = values.len();
        let words = WORDS.iter().map(|name| (*name).to_owned());
        for name in words.chain(databases.into_iter().map(database_password_of)) {
            if let Entry::Vacant(missing) = values.entry(name) {
                missing.insert(random_word()?);
            }
        }
        if !values.contains_key("DEMO_PASSWORD") {
            // Short enough to be typed from one screen into another.
            let word: String = random_word()?.chars().take(13).collect();
            values.insert("DEMO_PASSWORD".to_owned(), word);
        }
        if !values.contains_key("ACCOUNTS_SIGNING_KEY") {
            values.insert("ACCOUNTS_SIGNING_KEY".to_owned(), signing_key()?);
        }
        if values.len() != before {
            house::write_whole(file, render(&values).as_bytes(), 0o600)?;
        }
        Ok(Self(values))
    }

    /// A value by name.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The password of a service's database role.
    pub fn database_password(&self, service: &str) -> &str {
        self.get(&database_password_of(service))
    }

    #[cfg(test)]
    pub fn of(values: &[(&str, &str)]) -> Self {
        Self(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }
}

fn database_password_of(service: &str) -> String {
    format!("{}_DATABASE_PASSWORD", service.to_uppercase())
}

/// Hexadecimal digits need no escaping in a URL, a shell or a configuration file.
fn random_word() -> Result<String> {
    let mut bytes = [0_u8; 20];
    File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes)).context("no randomness")?;
    // A letter first: nats-server takes a word that begins like a number for one.
    let mut word = "k".to_owned();
    for byte in bytes {
        let _ = write!(word, "{byte:02x}");
    }
    Ok(word)
}

fn signing_key() -> Result<String> {
    let output = Command::new("openssl").args(["genpkey", "-algorithm", "ed25519"]).output();
    let output = output.context("openssl is needed to make the key that signs tokens")?;
    anyhow::ensure!(output.status.success(), "openssl could not make a key");
    String::from_utf8(output.stdout).context("the key is not text")
}

/// One `NAME=value` a line; line breaks in a value are written as `\n`.
fn render(values: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (name, value) in values {
        let _ = writeln!(text, "{name}={}", value.replace('\n', "\\n"));
    }
    text
}

fn parse(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.replace("\\n", "\n")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let values = BTreeMap::from([
            ("KEY".to_owned(), "-----BEGIN-----\nabc=\n".to_owned()),
            ("WORD".to_owned(), "k1=2".to_owned()),
        ]);
        assert_eq!(parse(&render(&values)), values);
    }

    #[test]
    fn secrets_are_made_once() {
        let folder = std::env::temp_dir().join(format!("xtask-secrets-{}", std::process::id()));
        let file = folder.join("secrets.env");
        let first = Secrets::ensure(&file, ["topics"]).unwrap();
        let second = Secrets::ensure(&file, ["topics", "rating"]).unwrap();
        assert_eq!(first.database_password("topics"), second.database_password("topics"));
        assert_ne!(second.database_password("rating"), second.database_password("topics"));
        // pragma: allowlist nextline secret
        assert!(second.get("ACCOUNTS_SIGNING_KEY").starts_with("-----BEGIN PRIVATE KEY-----\n"));
        fs::remove_dir_all(folder).unwrap();
    }
}
