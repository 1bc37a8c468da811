//! axum's extractors, failing as problems.

use crate::{Object, Problem};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use serde::{
    Serialize,
    de::{DeserializeOwned, IgnoredAny},
};

/// A JSON body in, a JSON body out.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::unsupported_media_type().detail("Send application/json in UTF-8"));
        }
        if is_coded(request.headers()) {
            return Err(Problem::unsupported_media_type().detail("Send the body without a content coding"));
        }
        let body = Bytes::from_request(request, state).await.map_err(|error| unreadable(&error))?;
        parse(&body).map(Self)
    }
}

fn unreadable(error: &BytesRejection) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::content_too_large()
    } else {
        Problem::malformed_request().detail("The body ended early")
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
        && parts.all(|parameter| parameter.eq_ignore_ascii_case("charset=utf-8"))
}

/// Whether the body would have to be decoded first. It never is: a small body can hold any number of bytes.
fn is_coded(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::CONTENT_ENCODING).iter();
    codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // Form before values: a body that is both malformed and of the wrong shape is malformed.
    if nested_deeper_than(128, body) {
        return Err(Problem::malformed_request().detail("The body is nested too deeply"));
    }
    serde_json::from_slice::<IgnoredAny>(body)
        .map_err(|error| Problem::malformed_request().detail(place(&error)))?;
    let Object(value) = serde_json::from_slice(body).map_err(|error| {
        // A duplicate key is a matter of form, although serde reports it with the values.
        if error.is_data() && !error.to_string().starts_with("duplicate field") {
            Problem::validation_failed().detail(place(&error))
        } else {
            Problem::malformed_request().detail(place(&error))
        }
    })?;
    if holds_null_character(body) {
        return Err(Problem::validation_failed().detail("Text may not contain U+0000"));
    }
    Ok(value)
}

/// Where in the body, never what: the body may hold a learner's words.
fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

fn nested_deeper_than(limit: usize, body: &[u8]) -> bool {
    let (mut depth, mut text, mut escaped) = (0_usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'[' | b'{' if !text => depth += 1,
            b']' | b'}' if !text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

/// Whether a string of this valid JSON has U+0000 in it, which Postgres cannot store.
fn holds_null_character(body: &[u8]) -> bool {
    let mut escaped = false;
    for (at, byte) in body.iter().enumerate() {
        if escaped && body[at..].starts_with(b"u0000") {
            return true;
        }
        escaped = *byte == b'\\' && !escaped;
    }
    false
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// A query string.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    #[expect(clippy::disallowed_types, reason = "wrapped here so that it fails as a problem")]
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value))
                if !parts.uri.query().is_some_and(|query| query.contains("%00")) =>
            {
                Ok(Self(value))
            }
            _ => Err(Problem::validation_failed()
                .detail("A query parameter is not allowed or has a value that is not")),
        }
    }
}

/// Path parameters. What does not parse names nothing, so it is not found.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    #[expect(clippy::disallowed_types, reason = "wrapped here so that it fails as a problem")]
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::not_found()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        #[serde(rename = "title")]
        _title: String,
        #[serde(rename = "parts", default)]
        _parts: Vec<Object<Part>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Part {
        #[serde(rename = "number")]
        _number: Option<u32>,
    }

    fn refused(body: &[u8]) -> (u16, &'static str) {
        let problem = parse::<Wanted>(body).unwrap_err();
        (problem.status().as_u16(), problem.slug())
    }

    #[test]
    fn what_cannot_be_read_is_malformed() {
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        let unreadable: [&[u8]; 7] = [
            b"",
            b"{\"title\":\"a\"",
            b"{\"title\":\"a\"} x",
            deep.as_bytes(),
            b"{\"title\":\"a\",\"title\":\"b\"}",
            b"{\"title\":\"\xff\"}",
            br#"{"title":"\ud800"}"#,
        ];
        for body in unreadable {
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]);
            assert_eq!(refused(body), (400, "malformed-request"), "{shown}");
        }
    }

    #[test]
    fn what_is_readable_but_not_allowed_fails_validation() {
        let wrong: [&[u8]; 8] = [
            br#"["a"]"#,
            br#"{"title":"a","parts":[[1]]}"#,
            br#"{"title":"a","parts":[[]]}"#,
            br#"{"title":"a","parts":[{"number":1,"of":2}]}"#,
            br#"{"title":"a","owner_id":"b"}"#,
            br#"{"title":1}"#,
            br#"{"title":null}"#,
            br#"{"title":"a\u0000"}"#,
        ];
        for body in wrong {
            assert_eq!(refused(body), (422, "validation-failed"), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_backslash_before_an_escape_is_only_a_backslash() {
        assert!(parse::<Wanted>(br#"{"title":"\\u0000","parts":[{"number":1},{}]}"#).is_ok());
    }

    #[tokio::test]
    async fn a_coded_body_is_refused_before_it_is_read() {
        for (coding, refused) in
            [("gzip", true), ("br", true), ("identity, gzip", true), ("identity", false), ("Identity", false)]
        {
            let request = Request::post("/")
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::CONTENT_ENCODING, coding)
                .body(axum::body::Body::from(r#"{"title":"a"}"#))
                .unwrap();
            let slug = Json::<Wanted>::from_request(request, &()).await.err().map(|problem| problem.slug());
            assert_eq!(slug, refused.then_some("unsupported-media-type"), "{coding}");
        }
    }

    #[test]
    fn only_json_in_utf_8_is_json() {
        for (value, expected) in [
            ("application/json", true),
            ("application/json; charset=utf-8", true),
            ("application/json; charset=utf-16", false),
            ("text/plain", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
            assert_eq!(is_json(&headers), expected, "{value}");
        }
    }
}
