//! A part as the body of a request, a little at a time: a connection copies what it is given at once, and keeps the room.

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

/// Bytes that a connection is given at once.
const SLICE: usize = 128 * 1024;

/// The bytes as a body.
pub fn body_of(bytes: &Bytes) -> ByteStream {
    ByteStream::new(SdkBody::from_body_1_x(Slices(bytes.clone())))
}

/// Their checksum as S3 writes it. Its own client computes one only of a body that it is given at once.
pub fn crc32_of(bytes: &Bytes) -> String {
    STANDARD.encode(crc32fast::hash(bytes).to_be_bytes())
}

struct Slices(Bytes);

impl Body for Slices {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.len().min(SLICE);
        Poll::Ready((next > 0).then(|| Ok(Frame::data(self.0.split_to(next)))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_every_catalogue() {
        // CRC-32/ISO-HDLC of these is cbf43926.
        assert_eq!(crc32_of(&Bytes::from_static(b"123456789")), "y/Q5Jg==");
    }

    #[tokio::test]
    async fn the_slices_are_the_whole() {
        for length in [0, 1, SLICE, 2 * SLICE + 1] {
            let bytes = Bytes::from((0..length).map(|at| at as u8).collect::<Vec<_>>());
            let body = body_of(&bytes);
            assert_eq!(body.size_hint(), (length as u64, Some(length as u64)));
            assert_eq!(body.collect().await.unwrap().into_bytes(), bytes);
        }
    }
}
