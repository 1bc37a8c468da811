//! What this service is told from outside.

use environment::{ConfigError, Environment};
use secrecy::SecretString;
use url::{Host, Url};

/// Everything the accounts service is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens, and for which pages.
    pub http: http_server::Config,
    /// Its database.
    pub database: postgres::Config,
    /// The broker.
    pub bus: event_bus::Config,
    /// How it verifies its own tokens.
    pub caller: caller::Config,
    /// The private keys, in PEM form.
    pub signing_key: SecretString,
}

impl Config {
    /// Reads every setting. Refuses to send cookies over plain http to anywhere but this machine.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        let http = http_server::Config::read(env, "127.0.0.1:8101")?;
        if !keeps_cookies_safe(&http.origin) {
            let expected = "https, or plain http on a loopback address";
            return Err(ConfigError::Malformed { key: "PUBLIC_ORIGIN".to_owned(), expected });
        }
        Ok(Self {
            http,
            database: postgres::Config::read(env)?,
            bus: event_bus::Config::read(env)?,
            caller: caller::Config::read(env)?,
            signing_key: env.secret(
                "ACCOUNTS_SIGNING_KEY",
                "Ed25519 private key (PKCS#8 PEM) that signs access tokens; further keys after it are only published",
            )?,
        })
    }
}

/// Over plain http anybody on the way reads a cookie, unless there is no way.
fn keeps_cookies_safe(origin: &Url) -> bool {
    let is_loopback = match origin.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    origin.scheme() == "https" || (origin.scheme() == "http" && is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(origin: &str) -> Result<Config, ConfigError> {
        let given = [
            ("PUBLIC_ORIGIN", origin),
            ("ACCOUNTS_DATABASE_URL", "postgres://localhost/accounts"),
            ("NATS_URL", "nats://127.0.0.1:4222"),
            ("ACCOUNTS_SIGNING_KEY", "read when the service starts"),
        ];
        Config::read(&Environment::of_values(
            "accounts",
            given.map(|(key, value)| (key.into(), value.into())),
        ))
    }

    #[test]
    fn plain_http_is_refused_by_the_name_of_the_setting_unless_it_stays_on_the_machine() {
        for origin in [
            "https://vivavoce.example",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "http://localhost:8080",
        ] {
            assert!(read(origin).is_ok(), "{origin}");
        }
        for origin in [
            "http://vivavoce.example",
            "http://192.168.0.7:8080",
            "http://127.0.0.1.example",
            "ftp://127.0.0.1",
        ] {
            let error = read(origin).unwrap_err();
            assert!(error.to_string().contains("PUBLIC_ORIGIN"), "{origin}: {error}");
        }
    }

    #[test]
    fn every_setting_can_be_described() {
        let env = Environment::describing("accounts");
        Config::read(&env).unwrap();
        assert!(env.settings().iter().any(|setting| setting.key == "ACCOUNTS_SIGNING_KEY" && setting.secret));
    }
}
