//! `.env.example` and `specs/settings.md`: every setting, as the services themselves describe them.

use super::{ask, write_if_changed};
use crate::{
    stack::{Stack, catalogue},
    steps::Step,
};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write as _};

/// One setting, and who reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Setting {
    doc: String,
    /// `None` when it must be given.
    default: Option<String>,
    secret: bool,
    services: Vec<String>,
}

/// Rewrites both files; answers what it did.
pub fn derive(stack: &Stack, step: &Step) -> Result<String> {
    let mut settings = BTreeMap::new();
    for program in catalogue::SERVICES.iter().map(|service| service.name).chain(["ops"]) {
        let text = ask(stack, program, "settings", step)?;
        add(&mut settings, program, &text)?;
    }
    write_if_changed(&stack.house.root.join(".env.example"), &example(&settings))?;
    write_if_changed(&stack.house.root.join("specs/settings.md"), &reference(&settings))?;
    Ok(format!("{} settings", settings.len()))
}

fn add(settings: &mut BTreeMap<String, Setting>, service: &str, text: &str) -> Result<()> {
    let list: Value =
        serde_json::from_str(text).with_context(|| format!("{service} describes no settings"))?;
    for entry in list.as_array().context("settings are a list")? {
        let key = entry["key"].as_str().context("a setting has a key")?.to_owned();
        let setting = settings.entry(key).or_insert_with(|| Setting {
            doc: entry["doc"].as_str().unwrap_or_default().to_owned(),
            default: entry["default"].as_str().map(str::to_owned),
            secret: entry["secret"].as_bool().unwrap_or_default(),
            services: vec![],
        });
        setting.services.push(service.to_owned());
    }
    Ok(())
}

fn example(settings: &BTreeMap<String, Setting>) -> String {
    let mut text = String::from(
        "# Every setting of every service. Derived from the services by `cargo xtask derive settings`: do not edit.\n\
         # What is commented out has the default shown. `cargo xtask up` sets all that it needs by itself.\n",
    );
    for (key, setting) in settings {
        let _ = write!(text, "\n# {} ({})\n", setting.doc, setting.services.join(", "));
        let _ = match &setting.default {
            Some(default) => writeln!(text, "#{key}={default}"),
            None => writeln!(text, "{key}="),
        };
    }
    text
}

fn reference(settings: &BTreeMap<String, Setting>) -> String {
    let mut text = String::from(
        "# Settings\n\nDerived from the services by `cargo xtask derive settings`: do not edit.\n\n\
         | setting | what it is for | default | read by |\n|---|---|---|---|\n",
    );
    for (key, setting) in settings {
        let default = match setting.default.as_deref() {
            None => "must be given".to_owned(),
            Some("") => "none".to_owned(),
            Some(default) => format!("`{}`", default.replace('|', "\\|")),
        };
        let doc = setting.doc.replace('|', "\\|");
        let secret = if setting.secret { " (secret)" } else { "" };
        let _ = writeln!(text, "| `{key}` | {doc}{secret} | {default} | {} |", setting.services.join(", "));
    }
    text
}

/// The reference, read again: what manifests are compared with.
#[derive(Debug)]
pub struct Reference(BTreeMap<String, Setting>);

impl Reference {
    /// Reads `specs/settings.md`.
    pub fn read(text: &str) -> Result<Self> {
        let mut settings = BTreeMap::new();
        for line in text.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<&str> = line.trim_matches(['|', ' ']).split(" | ").collect();
            let [key, doc, default, services] = cells[..] else { bail!("{line} is no setting") };
            let default = match default {
                "must be given" => None,
                "none" => Some(String::new()),
                default => Some(default.trim_matches('`').replace("\\|", "|")),
            };
            settings.insert(
                key.trim_matches('`').to_owned(),
                Setting {
                    doc: doc.replace("\\|", "|").trim_end_matches(" (secret)").to_owned(),
                    default,
                    secret: doc.ends_with(" (secret)"),
                    services: services.split(", ").map(str::to_owned).collect(),
                },
            );
        }
        Ok(Self(settings))
    }

    /// Whether a service reads a setting.
    pub fn is_read_by(&self, key: &str, service: &str) -> bool {
        self.0.get(key).is_some_and(|setting| setting.services.iter().any(|reader| reader == service))
    }

    /// Everything a service reads, with its default if it has one.
    pub fn read_by<'a>(&'a self, service: &'a str) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.0
            .iter()
            .filter(move |(key, _)| self.is_read_by(key, service))
            .map(|(key, setting)| (key.as_str(), setting.default.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_setting_is_described_once() {
        let mut settings = BTreeMap::new();
        let shared = r#"[{"key":"NATS_URL","doc":"the broker","default":"nats://x","secret":false}]"#;
        add(&mut settings, "topics", shared).unwrap();
        add(&mut settings, "rating", shared).unwrap();
        add(&mut settings, "rating", r#"[{"key":"A","doc":"a|b","default":null,"secret":true}]"#).unwrap();
        assert_eq!(settings["NATS_URL"].services, ["topics", "rating"]);
        assert!(example(&settings).contains("\n# the broker (topics, rating)\n#NATS_URL=nats://x\n"));
        assert!(example(&settings).contains("\nA=\n"));
        assert!(reference(&settings).contains("| `A` | a\\|b (secret) | must be given | rating |"));
        assert_eq!(Reference::read(&reference(&settings)).unwrap().0, settings);
    }
}
