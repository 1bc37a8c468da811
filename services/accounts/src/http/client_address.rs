//! Where a request comes from, as the edge saw it.

use axum::extract::FromRequestParts;
use http::request::Parts;
use std::{convert::Infallible, net::IpAddr};

/// The browser's network address. The edge overwrites the header, so a browser cannot choose it;
/// without an edge in front nobody knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let header = parts.headers.get("x-real-ip").and_then(|value| value.to_str().ok());
        Ok(Self(header.and_then(|text| text.trim().parse().ok())))
    }
}
