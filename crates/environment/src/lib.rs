//! Settings from outside: read once at start, refused with the key's name, and described.
//!
//! Each part of a service reads its own settings from an [`Environment`]. A described environment
//! answers every question with its default and remembers what was asked, which is how the
//! settings reference is written without keeping a second list.

use secrecy::SecretString;
use serde::Serialize;
use std::{collections::BTreeMap, fmt, ops::RangeInclusive, str::FromStr, sync::Mutex};

/// One setting a service asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// The environment variable.
    pub key: String,
    /// What it is for.
    pub doc: &'static str,
    /// What is used when it is absent; `None` when it must be given.
    pub default: Option<String>,
    /// Whether its value must never be shown.
    pub secret: bool,
}

/// A setting that is missing or cannot be used. Names the key, never the value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// There is no value and no default.
    #[error("setting {key} is missing")]
    Missing {
        /// The environment variable.
        key: String,
    },
    /// There is a value, but not of the right form.
    #[error("setting {key} is not {expected}")]
    Malformed {
        /// The environment variable.
        key: String,
        /// What the value should have been.
        expected: &'static str,
    },
}

/// Where settings come from.
pub struct Environment {
    service: String,
    values: BTreeMap<String, String>,
    describing: bool,
    asked: Mutex<BTreeMap<String, Setting>>,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("service", &self.service).finish_non_exhaustive()
    }
}

impl Environment {
    /// The environment of this process, as seen by the named service.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place the ban points to")]
    pub fn of_this_process(service: &str) -> Self {
        Self::of_values(service, std::env::vars())
    }

    /// An environment of the given values.
    pub fn of_values(service: &str, values: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            service: service.to_owned(),
            values: values.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
            describing: false,
            asked: Mutex::default(),
        }
    }

    /// An environment that refuses nothing and remembers every question.
    #[must_use]
    pub fn describing(service: &str) -> Self {
        Self { describing: true, ..Self::of_values(service, []) }
    }

    /// Everything asked so far.
    #[must_use]
    pub fn settings(&self) -> Vec<Setting> {
        self.asked().values().cloned().collect()
    }

    /// The key of a setting that every service has for itself, such as `SESSIONS_HTTP_ADDR`.
    #[must_use]
    pub fn own_key(&self, name: &str) -> String {
        format!("{}_{name}", self.service.to_uppercase())
    }

    /// A text that must be given. `example` stands in for it in a description.
    pub fn required(&self, key: &str, doc: &'static str, example: &str) -> Result<String, ConfigError> {
        self.remember(key, doc, None, false);
        match self.values.get(key) {
            Some(value) => Ok(value.clone()),
            None if self.describing => Ok(example.to_owned()),
            None => Err(ConfigError::Missing { key: key.to_owned() }),
        }
    }

    /// A text with a default.
    pub fn text(&self, key: &str, doc: &'static str, default: &str) -> String {
        self.remember(key, doc, Some(default), false);
        self.values.get(key).map_or_else(|| default.to_owned(), Clone::clone)
    }

    /// A text that may be absent.
    pub fn optional(&self, key: &str, doc: &'static str) -> Option<String> {
        self.remember(key, doc, Some(""), false);
        self.values.get(key).cloned()
    }

    /// A value with a default, of any type that can be read from text. `expected` completes "is not …".
    pub fn parsed<T: FromStr>(
        &self,
        key: &str,
        doc: &'static str,
        default: &str,
        expected: &'static str,
    ) -> Result<T, ConfigError> {
        self.remember(key, doc, Some(default), false);
        let text = self.values.get(key).map_or(default, String::as_str);
        text.parse().map_err(|_| ConfigError::Malformed { key: key.to_owned(), expected })
    }

    /// A number with a default and with bounds. `expected` completes "is not …" and names them.
    pub fn within<T: FromStr + PartialOrd>(
        &self,
        key: &str,
        doc: &'static str,
        default: &str,
        bounds: RangeInclusive<T>,
        expected: &'static str,
    ) -> Result<T, ConfigError> {
        let value = self.parsed(key, doc, default, expected)?;
        if bounds.contains(&value) {
            Ok(value)
        } else {
            Err(ConfigError::Malformed { key: key.to_owned(), expected })
        }
    }

    /// A URL with a default.
    pub fn url(&self, key: &str, doc: &'static str, default: &str) -> Result<url::Url, ConfigError> {
        self.parsed(key, doc, default, "a URL")
    }

    /// A secret that must be given.
    pub fn secret(&self, key: &str, doc: &'static str) -> Result<SecretString, ConfigError> {
        self.remember(key, doc, None, true);
        match self.values.get(key) {
            Some(value) => Ok(value.as_str().into()),
            None if self.describing => Ok("example".into()),
            None => Err(ConfigError::Missing { key: key.to_owned() }),
        }
    }

    /// A secret that may be absent.
    pub fn optional_secret(&self, key: &str, doc: &'static str) -> Option<SecretString> {
        self.remember(key, doc, Some(""), true);
        self.values.get(key).map(|value| value.as_str().into())
    }

    fn remember(&self, key: &str, doc: &'static str, default: Option<&str>, secret: bool) {
        let setting = Setting { key: key.to_owned(), doc, default: default.map(str::to_owned), secret };
        self.asked().insert(key.to_owned(), setting);
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Setting>> {
        self.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_setting_is_refused_by_name() {
        let env = Environment::of_values("sessions", []);
        let refused = env.required("SESSIONS_DATABASE_URL", "where rows live", "postgres://…").unwrap_err();
        assert_eq!(refused.to_string(), "setting SESSIONS_DATABASE_URL is missing");
    }

    #[test]
    fn a_malformed_setting_is_refused_without_its_value() {
        let env = Environment::of_values("x", [("PORT".to_owned(), "s3cret".to_owned())]);
        let refused = env.parsed::<u16>("PORT", "where it listens", "80", "a port").unwrap_err();
        assert_eq!(refused.to_string(), "setting PORT is not a port");
    }

    #[test]
    fn a_number_beyond_its_bounds_is_refused_by_name() {
        let read = |text: &str| {
            let env = Environment::of_values("x", [("WORKERS".to_owned(), text.to_owned())]);
            env.within("WORKERS", "how many there are", "2", 1..=8, "a number from 1 to 8")
        };
        assert_eq!((read(""), read("1"), read("8")), (Ok(2), Ok(1), Ok(8)));
        for text in ["0", "9", "-1", "1.5", "two", "99999999999999999999"] {
            let refused = read(text).unwrap_err();
            assert_eq!(refused.to_string(), "setting WORKERS is not a number from 1 to 8", "{text}");
        }
    }

    #[test]
    fn a_described_environment_lists_what_was_asked() {
        let env = Environment::describing("upload");
        env.secret("S3_SECRET_KEY", "signs requests").unwrap();
        env.text(&env.own_key("HTTP_ADDR"), "where it listens", "127.0.0.1:8105");
        let keys: Vec<_> = env.settings().into_iter().map(|setting| setting.key).collect();
        assert_eq!(keys, ["S3_SECRET_KEY", "UPLOAD_HTTP_ADDR"]);
    }
}
