//! Who asks: the `Authorization` header, and the one key that may mint.

use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use super::Refusal;

/// The key, as a hash.
pub(crate) struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    pub(crate) fn new(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }

    /// Lets pass who sends the key.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let sent: [u8; 32] = Sha256::digest(bearer(headers)?.as_bytes()).into();
        // Hashes of equal length, compared in constant time: neither length nor content leaks.
        if bool::from(sent.ct_eq(&self.0)) { Ok(()) } else { Err(Refusal::wrong_key()) }
    }
}

/// The bearer token of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = value.and_then(|text| text.split_once(' ')).ok_or_else(Refusal::no_key)?;
    if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() {
        Ok(token.trim())
    } else {
        Err(Refusal::no_key())
    }
}
