//! Verifying access tokens without asking anybody.

use crate::{
    Claims, ISSUER, access_cookie,
    keys::{FetchError, Keys},
};
use clock::Clock;
use environment::{ConfigError, Environment};
use event_bus::Bus;
use events::LoginRevoked;
use ids::LoginId;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use lifecycle::Lifecycle;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use url::Url;

/// How long an access token lives. A revocation older than this needs no remembering.
const TOKEN_LIFETIME: Duration = Duration::from_mins(10);
/// Clocks of two machines may differ by this much.
const LEEWAY_S: u64 = 30;

/// Where the keys are.
#[derive(Clone, Debug)]
pub struct Config {
    jwks: Url,
    origin: Url,
}

impl Config {
    /// Reads `JWKS_URL` and `PUBLIC_ORIGIN`.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            jwks: env.url(
                "JWKS_URL",
                "Where accounts publishes the keys that sign access tokens",
                "http://127.0.0.1:8101/.well-known/jwks.json",
            )?,
            origin: env.url(
                "PUBLIC_ORIGIN",
                "Origin that learners' browsers see",
                "http://127.0.0.1:8080",
            )?,
        })
    }
}

/// Verifies access tokens.
#[derive(Clone)]
pub struct Verifier {
    keys: Keys,
    cookie: &'static str,
    clock: Clock,
    /// Revoked logins with the second of their revocation.
    revoked: Arc<RwLock<HashMap<LoginId, i64>>>,
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier")
    }
}

/// A token was not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VerifyError {
    /// It is forged, expired, revoked or not a token.
    #[error("the token is not valid")]
    Refused,
    /// It may be fine, but the keys are not to be had.
    #[error("the token cannot be checked")]
    NoKeys(#[source] FetchError),
}

impl Verifier {
    /// A verifier that fetches keys when it needs them.
    #[must_use]
    pub fn new(config: &Config, clock: Clock) -> Self {
        Self {
            keys: Keys::at(config.jwks.clone()),
            cookie: access_cookie(&config.origin),
            clock,
            revoked: Arc::default(),
        }
    }

    /// Knows a key without fetching it: for `accounts` itself, and for tests.
    #[must_use]
    pub fn knowing(self, id: &str, key: DecodingKey) -> Self {
        Self { keys: self.keys.knowing(id, key), ..self }
    }

    /// The cookie it looks for.
    #[must_use]
    pub fn cookie_name(&self) -> &'static str {
        self.cookie
    }

    /// From now on this login's tokens are refused.
    pub fn revoke(&self, login: LoginId) {
        let now = self.clock.now().unix_timestamp();
        let mut revoked = self.revoked.write().unwrap_or_else(PoisonError::into_inner);
        let kept = i64::try_from(2 * TOKEN_LIFETIME.as_secs()).unwrap_or(i64::MAX);
        revoked.retain(|_, at| *at > now - kept);
        revoked.insert(login, now);
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<Claims, VerifyError> {
        let header = decode_header(token).map_err(|_| VerifyError::Refused)?;
        let id = header.kid.ok_or(VerifyError::Refused)?;
        let key = self.keys.get(&id).await.map_err(VerifyError::NoKeys)?.ok_or(VerifyError::Refused)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // Checked below against our own clock.
        validation.validate_exp = false;
        let claims: Claims = decode(token, &key, &validation).map_err(|_| VerifyError::Refused)?.claims;
        let now = self.clock.now().unix_timestamp();
        let leeway = i64::try_from(LEEWAY_S).unwrap_or(0);
        let revoked = self.revoked.read().unwrap_or_else(PoisonError::into_inner).contains_key(&claims.sid);
        if revoked || claims.exp + leeway < now || claims.iat - leeway > now {
            return Err(VerifyError::Refused);
        }
        Ok(claims)
    }
}

/// Hears of revoked logins, those of the last token lifetime included.
pub fn hear_revocations(verifier: &Verifier, bus: Bus, lifecycle: &Lifecycle) {
    let verifier = verifier.clone();
    event_bus::hear_all(bus, lifecycle, 2 * TOKEN_LIFETIME, move |event: LoginRevoked| {
        match events::id("login_id", &event.login_id) {
            Ok(login) => verifier.revoke(login),
            Err(error) => tracing::error!(%error, "A revocation names no login"),
        }
    });
}
