//! The two texts by which a browser and the provider find each other (SDP, RFC 8866). They pass through here as they
//! are: an offer without its last line end is refused by providers, and an answer names keys.

use axum::body::Bytes;
use std::fmt;

/// The longest text either side may send.
pub const LONGEST: usize = 64 * 1024;

/// What a browser offers: its own bytes, not one of them changed. Names addresses of the learner, so it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Offer(Bytes);

/// The bytes are not an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not an offer")]
pub struct NotAnOffer;

impl Offer {
    /// The bytes, if they look like an offer with some media in it.
    pub fn read(bytes: Bytes) -> Result<Self, NotAnOffer> {
        if looks_right(&bytes) { Ok(Self(bytes)) } else { Err(NotAnOffer) }
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.0.clone()
    }
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offer").field("bytes", &self.0.len()).finish()
    }
}

/// Whether these bytes could be a session description with media in it.
#[must_use]
pub fn looks_right(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    bytes.len() <= LONGEST
        && !text.contains('\0')
        && text.lines().next() == Some("v=0")
        && text.lines().any(|line| line.starts_with("m="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_an_offer_is_one() {
        let long = format!("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n{}", "a=x\r\n".repeat(14_000));
        for (text, expected) in [
            ("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", true),
            ("v=0\nm=audio 9 UDP/TLS/RTP/SAVPF 111\n", true),
            ("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n", false),
            ("", false),
            ("{\"sdp\":\"v=0\"}", false),
            ("\r\nv=0\r\nm=audio\r\n", false),
            ("v=0\r\nm=audio\0\r\n", false),
            (long.as_str(), false),
        ] {
            assert_eq!(Offer::read(Bytes::copy_from_slice(text.as_bytes())).is_ok(), expected);
        }
        assert!(Offer::read(Bytes::from_static(b"v=0\r\nm=\xff\r\n")).is_err());
    }

    #[test]
    fn an_offer_does_not_print() {
        let offer = Offer::read(Bytes::from_static(b"v=0\r\nm=audio 9 canary\r\n")).unwrap();
        assert!(!format!("{offer:?}").contains("canary"));
    }
}
