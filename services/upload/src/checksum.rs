//! Checksums that senders give with their bytes.

use base64::{Engine as _, prelude::BASE64_STANDARD};

/// The algorithms we know, as tus names them.
pub const ALGORITHMS: &str = "sha1,sha256";

/// What some bytes should come to.
#[derive(Clone, Debug)]
pub struct Checksum {
    expected: Vec<u8>,
    hash: Hash,
}

#[derive(Clone, Debug)]
enum Hash {
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
}

/// It is none we can check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChecksumError {
    /// We do not know the algorithm.
    #[error("the checksum's algorithm is not known")]
    Unknown,
    /// It is no algorithm and Base64 of the length that the algorithm makes.
    #[error("the checksum cannot be read")]
    Malformed,
}

impl Checksum {
    /// Reads `<algorithm> <Base64>`; the algorithm is `sha1` or `sha256`.
    pub fn parse(text: &str) -> Result<Self, ChecksumError> {
        let (algorithm, encoded) = text.split_once(' ').ok_or(ChecksumError::Malformed)?;
        let (hash, length) = match algorithm {
            "sha1" => (Hash::Sha1(sha1::Sha1::default()), 20),
            "sha256" => (Hash::Sha256(sha2::Sha256::default()), 32),
            _ => return Err(ChecksumError::Unknown),
        };
        let expected = BASE64_STANDARD.decode(encoded).map_err(|_| ChecksumError::Malformed)?;
        if expected.len() == length { Ok(Self { expected, hash }) } else { Err(ChecksumError::Malformed) }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.hash {
            Hash::Sha1(hash) => sha1::Digest::update(hash, bytes),
            Hash::Sha256(hash) => sha2::Digest::update(hash, bytes),
        }
    }

    /// Whether the bytes came to what they should.
    pub fn holds(self) -> bool {
        match self.hash {
            Hash::Sha1(hash) => sha1::Digest::finalize(hash)[..] == self.expected[..],
            Hash::Sha256(hash) => sha2::Digest::finalize(hash)[..] == self.expected[..],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA1: &str = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=";
    const SHA256: &str = "sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=";

    #[test]
    fn a_checksum_holds_for_its_own_bytes_however_they_came() {
        for text in [SHA1, SHA256] {
            let mut right = Checksum::parse(text).unwrap();
            right.update(b"hello");
            right.update(b" world");
            assert!(right.holds(), "{text}");
            let mut wrong = Checksum::parse(text).unwrap();
            wrong.update(b"hello worle");
            assert!(!wrong.holds(), "{text}");
        }
    }

    #[test]
    fn what_is_no_checksum_is_told_apart_from_what_we_do_not_know() {
        let refused = |text| Checksum::parse(text).unwrap_err();
        assert_eq!(refused("crc32 AAAAAA=="), ChecksumError::Unknown);
        assert_eq!(refused("sha1"), ChecksumError::Malformed);
        assert_eq!(refused("sha1 %%%"), ChecksumError::Malformed);
        assert_eq!(refused("sha1 AAAAAA=="), ChecksumError::Malformed);
    }
}
