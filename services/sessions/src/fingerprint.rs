//! Telling a repeated request from another one without keeping its words.

use sha2::{Digest as _, Sha256};

/// SHA-256 of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub(crate) Vec<u8>);

/// Takes a request in, value by value. Each is marked with its kind and length, so that no two requests read alike.
#[derive(Default)]
pub(crate) struct Taker(Sha256);

impl Taker {
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.0.update([b't']);
        self.0.update(text.len().to_be_bytes());
        self.0.update(text);
        self
    }

    pub(crate) fn absent(mut self) -> Self {
        self.0.update([b'a']);
        self
    }

    pub(crate) fn number(mut self, number: f64) -> Self {
        self.0.update([b'n']);
        self.0.update(number.to_bits().to_be_bytes());
        self
    }

    pub(crate) fn done(self) -> Fingerprint {
        Fingerprint(self.0.finalize().to_vec())
    }
}
