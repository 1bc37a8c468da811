//! Who may pass: pages of our own, and callers that accept what we send.

use crate::unsafe_method;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use problem::Problem;
use std::sync::Arc;
use url::Url;

/// The origin of our own pages as browsers write it.
#[derive(Debug)]
pub(crate) struct OwnOrigin(String);

impl OwnOrigin {
    pub(crate) fn of(url: &Url) -> Self {
        Self(url.origin().ascii_serialization())
    }

    /// Browsers say where a request comes from. `Sec-Fetch-Site` cannot be forged by a page; older browsers send
    /// `Origin` with every unsafe request. A request with neither does not come from a browser that would send our
    /// cookies along, and is refused as well, because nothing of ours sends one.
    fn sent(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or(""));
        match (text("sec-fetch-site"), text("origin")) {
            (Some(site), origin) => site == "same-origin" && origin.is_none_or(|origin| origin == self.0),
            (None, Some(origin)) => origin == self.0,
            (None, None) => false,
        }
    }
}

pub(crate) async fn from_our_own_pages(
    State(own): State<Arc<OwnOrigin>>,
    request: Request,
    next: Next,
) -> Response {
    if unsafe_method(request.method()) && !own.sent(request.headers()) {
        return Problem::csrf_rejected().into_response();
    }
    next.run(request).await
}

/// Everything we send is JSON, a problem, an event stream, media or what calls are made of; a caller that accepts none of these cannot be answered.
pub(crate) async fn accepts_our_types(request: Request, next: Next) -> Response {
    let accepted = request.headers().get(header::ACCEPT).is_none_or(|accept| {
        accept
            .to_str()
            .unwrap_or("*/*")
            .split(',')
            .map(|range| range.split(';').next().unwrap_or("").trim())
            .any(|range| {
                matches!(
                    range,
                    "*/*"
                        | "application/*"
                        | "application/json"
                        | "application/problem+json"
                        | "application/sdp"
                        | "text/event-stream"
                ) || range.starts_with("audio/")
                    || range.starts_with("video/")
            })
    });
    if !accepted {
        return Problem::not_acceptable().into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_change_anything() {
        let own = OwnOrigin::of(&"http://127.0.0.1:8080".parse().unwrap());
        let ours = "http://127.0.0.1:8080";
        for (site, origin, expected) in [
            (Some("same-origin"), Some(ours), true),
            (Some("same-origin"), None, true),
            (Some("same-origin"), Some("http://evil.example"), false),
            (Some("cross-site"), Some(ours), false),
            (Some("same-site"), Some(ours), false),
            (Some("none"), None, false),
            (None, Some(ours), true),
            (None, Some("null"), false),
            (None, Some("http://evil.example"), false),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(site) = site {
                headers.insert("sec-fetch-site", site.parse().unwrap());
            }
            if let Some(origin) = origin {
                headers.insert("origin", origin.parse().unwrap());
            }
            assert_eq!(own.sent(&headers), expected, "{site:?} {origin:?}");
        }
    }
}
