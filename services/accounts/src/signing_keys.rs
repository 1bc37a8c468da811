//! The keys that sign access tokens, and what others need to verify them.

use crate::{account::Account, login::Login};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use caller::{Claims, ISSUER};
use clock::Timestamp;
use ed25519_dalek::{SigningKey, pkcs8::DecodePrivateKey as _};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::{fmt, sync::Arc, time::Duration};
use utoipa::ToSchema;

/// An access token is believed for this long, wherever it is shown.
pub const TOKEN_LIFETIME: Duration = Duration::from_mins(10);
// pragma: allowlist nextline secret
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// The key that signs, and every key whose tokens are still out there.
#[derive(Clone)]
pub struct SigningKeys {
    signer: Arc<EncodingKey>,
    header: Header,
    published: Arc<JsonWebKeys>,
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKeys").field("kid", &self.header.kid).finish_non_exhaustive()
    }
}

/// Public keys in the form of RFC 7517.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct JsonWebKeys {
    /// The key that signs now, then those that signed before.
    pub keys: Vec<JsonWebKey>,
}

/// One public Ed25519 key in the form of RFC 8037.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct JsonWebKey {
    /// `OKP`.
    pub kty: &'static str,
    /// `Ed25519`.
    pub crv: &'static str,
    /// `sig`.
    #[serde(rename = "use")]
    pub purpose: &'static str,
    /// `EdDSA`.
    pub alg: &'static str,
    /// The key's thumbprint (RFC 7638), which tokens name it by.
    pub kid: String,
    /// The key.
    pub x: String,
}

/// The setting does not hold a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting ACCOUNTS_SIGNING_KEY is not one or more Ed25519 private keys in PKCS#8 PEM form")]
pub struct NotAKey;

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("the access token could not be signed")]
pub struct SignError(#[source] jsonwebtoken::errors::Error);

/// A signed access token.
#[derive(Clone, Debug)]
pub struct AccessToken {
    token: SecretString,
    /// How long it is believed.
    pub lifetime: Duration,
}

impl AccessToken {
    /// The token, for the cookie.
    pub fn expose(&self) -> &str {
        self.token.expose_secret()
    }
}

impl SigningKeys {
    /// Reads the keys. The first signs; the others are only published, which is how a key is replaced while its
    /// tokens are still shown.
    pub fn read(pem: &SecretString) -> Result<Self, NotAKey> {
        // Some places that keep settings cannot keep a line break.
        let pem = pem.expose_secret().replace("\\n", "\n");
        let keys: Vec<Vec<u8>> =
            pem.split(BEGIN).skip(1).map(private_key_of).collect::<Result<_, NotAKey>>()?;
        let published = keys.iter().map(|der| public_half(der)).collect::<Result<Vec<_>, NotAKey>>()?;
        let (first, shown) = (keys.first().ok_or(NotAKey)?, published.first().ok_or(NotAKey)?);
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(shown.kid.clone());
        Ok(Self {
            signer: Arc::new(EncodingKey::from_ed_der(first)),
            header,
            published: Arc::new(JsonWebKeys { keys: published }),
        })
    }

    /// What others verify tokens with.
    pub fn published(&self) -> &JsonWebKeys {
        &self.published
    }

    /// The same keys for verifying our own tokens, by their names.
    pub fn verifying(&self) -> impl Iterator<Item = (&str, DecodingKey)> {
        let published = self.published.keys.iter();
        published.filter_map(|key| Some((key.kid.as_str(), DecodingKey::from_ed_components(&key.x).ok()?)))
    }

    /// A token that says who the login's learner is. It never outlives the login.
    pub fn sign(&self, account: &Account, login: &Login, now: Timestamp) -> Result<AccessToken, SignError> {
        let expires = (now + TOKEN_LIFETIME).min(login.expires_at);
        let claims = Claims {
            sub: account.id,
            sid: login.id,
            roles: account.roles.clone(),
            iat: now.unix_timestamp(),
            exp: expires.unix_timestamp(),
            iss: ISSUER.to_owned(),
        };
        let token = jsonwebtoken::encode(&self.header, &claims, &self.signer).map_err(SignError)?;
        Ok(AccessToken { token: token.into(), lifetime: (expires - now).try_into().unwrap_or_default() })
    }
}

fn private_key_of(block: &str) -> Result<Vec<u8>, NotAKey> {
    let (body, _) = block.split_once(END).ok_or(NotAKey)?;
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).map_err(|_| NotAKey)
}

fn public_half(der: &[u8]) -> Result<JsonWebKey, NotAKey> {
    let key = SigningKey::from_pkcs8_der(der).map_err(|_| NotAKey)?;
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    // The members a thumbprint is made of, in the order RFC 7638 asks for.
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(members));
    Ok(JsonWebKey { kty: "OKP", crv: "Ed25519", purpose: "sig", alg: "EdDSA", kid, x })
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_kit::{OTHER_KEY, SIGNING_KEY};

    #[test]
    fn the_public_half_and_its_name_are_those_of_the_rfc() {
        let keys = SigningKeys::read(&SIGNING_KEY.into()).unwrap();
        let key = &keys.published().keys[0];
        assert_eq!(key.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(key.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn line_breaks_may_be_written_as_escapes() {
        assert!(SigningKeys::read(&SIGNING_KEY.replace('\n', "\\n").into()).is_ok());
    }

    #[test]
    fn of_several_keys_the_first_signs_and_all_are_published() {
        let keys = SigningKeys::read(&format!("{OTHER_KEY}{SIGNING_KEY}").into()).unwrap();
        assert_eq!(keys.published().keys.len(), 2);
        assert_eq!(keys.header.kid.as_deref(), Some(keys.published().keys[0].kid.as_str()));
        assert_eq!(keys.published().keys[1].x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    }

    #[test]
    fn what_is_not_a_key_is_refused_by_the_name_of_the_setting() {
        for text in ["", "example", BEGIN, &format!("{BEGIN}\nAAAA\n{END}")] {
            let error = SigningKeys::read(&text.into()).unwrap_err();
            assert!(error.to_string().contains("ACCOUNTS_SIGNING_KEY"), "{text}");
        }
    }

    #[test]
    fn a_key_is_not_printed_by_accident() {
        let printed = format!("{:?}", SigningKeys::read(&SIGNING_KEY.into()).unwrap());
        assert!(!printed.contains("nWGxne"), "{printed}");
    }
}
