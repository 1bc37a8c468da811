//! tus 1.0.0 as a language: what requests say in headers, and what answers say.

use crate::{
    checksum::{ALGORITHMS, Checksum, ChecksumError},
    media::{BeginTakeError, TakeError, WriteError},
    medium::MAX_BYTES,
    take::{LEASE, Start, Take},
};
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use ids::SessionId;
use problem::Problem;
use std::collections::BTreeMap;
use time::{format_description::StaticFormatDescription, macros::format_description};

/// The version we speak.
const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
/// What we speak beyond the core.
const EXTENSIONS: &str =
    "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination";
/// Bytes that what a sender says of a take may have.
const MAX_METADATA: usize = 4096;

const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");

const RFC_9110: StaticFormatDescription =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// Refuses who speaks another version, and says ours.
pub async fn spoken(request: Request, next: Next) -> Response {
    if request.method() == Method::OPTIONS {
        return next.run(request).await;
    }
    let mut answer = if request.headers().get(TUS_RESUMABLE) == Some(&VERSION) {
        next.run(request).await
    } else {
        Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "tus-version",
            "Uploads speak another version of their protocol",
        )
        .header(TUS_VERSION, VERSION)
        .into_response()
    };
    answer.headers_mut().insert(TUS_RESUMABLE, VERSION);
    answer
}

/// What we can do.
pub fn abilities() -> [(HeaderName, HeaderValue); 4] {
    [
        (TUS_VERSION, VERSION),
        (HeaderName::from_static("tus-extension"), HeaderValue::from_static(EXTENSIONS)),
        (TUS_MAX_SIZE, HeaderValue::from(MAX_BYTES)),
        (HeaderName::from_static("tus-checksum-algorithm"), HeaderValue::from_static(ALGORITHMS)),
    ]
}

/// What every answer about a take says of it.
pub fn progress(take: &Take) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(UPLOAD_OFFSET, take.arrived.into());
    if !take.has_arrived()
        && let Ok(text) = take.expires_at.format(RFC_9110)
        && let Ok(value) = HeaderValue::try_from(text)
    {
        headers.insert(UPLOAD_EXPIRES, value);
    }
    headers
}

/// Everything there is to say of a take.
pub fn standing(take: &Take) -> HeaderMap {
    let mut headers = progress(take);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match take.length {
        Some(length) => headers.insert(UPLOAD_LENGTH, length.into()),
        None => headers.insert(UPLOAD_DEFER_LENGTH, HeaderValue::from_static("1")),
    };
    if let Some(Ok(metadata)) = take.metadata.as_deref().map(HeaderValue::from_str) {
        headers.insert(UPLOAD_METADATA, metadata);
    }
    headers
}

/// How long a take that begins is said to become; `None` when that is said later.
pub fn length_or_deferred(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    match (length(headers)?, one(headers, &UPLOAD_DEFER_LENGTH)?) {
        (Some(length), None) => Ok(Some(length)),
        (None, Some("1")) => Ok(None),
        (Some(_), Some(_)) => Err(inconsistent()),
        (None, _) => {
            Err(Problem::malformed_request().detail("Send either Upload-Length or Upload-Defer-Length: 1"))
        }
    }
}

/// How long a take is said to become, in bytes.
pub fn length(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    match number(headers, &UPLOAD_LENGTH)? {
        Some(length) if length > MAX_BYTES => Err(too_large()),
        length => Ok(length),
    }
}

/// Where the bytes of a body begin.
pub fn offset(headers: &HeaderMap) -> Result<u64, Problem> {
    number(headers, &UPLOAD_OFFSET)?.ok_or_else(|| Problem::malformed_request().detail("Send Upload-Offset"))
}

/// What the bytes of a body should come to.
pub fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Problem> {
    one(headers, &UPLOAD_CHECKSUM)?
        .map(|text| {
            Checksum::parse(text).map_err(|error| match error {
                ChecksumError::Unknown => Problem::malformed_request().detail("Use sha1 or sha256"),
                ChecksumError::Malformed => {
                    Problem::malformed_request().detail("Upload-Checksum is no algorithm and Base64")
                }
            })
        })
        .transpose()
}

/// How many bytes the body is said to have.
pub fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether a body is sent as a piece of an upload.
pub fn has_bytes(headers: &HeaderMap) -> Result<(), Problem> {
    let plain = headers.get(header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    match headers.get(header::CONTENT_TYPE) {
        Some(value) if value == "application/offset+octet-stream" && plain => Ok(()),
        _ => Err(Problem::unsupported_media_type()
            .detail("Send application/offset+octet-stream, without a content coding")),
    }
}

/// What a sender says of a take, as far as we care.
#[derive(Debug)]
pub struct Metadata {
    /// The session it is a part of the recording of.
    pub session: SessionId,
    /// Where it begins.
    pub start: Start,
    /// Everything that was said, to be handed back.
    pub text: String,
}

/// Reads `session`, `start_ms` and `filetype`. Whatever else is said is a label that nothing is named after.
pub fn metadata(headers: &HeaderMap) -> Result<Metadata, Problem> {
    let unreadable = |detail: &str| Problem::malformed_request().detail(detail);
    let text = one(headers, &UPLOAD_METADATA)?.unwrap_or("");
    if text.len() > MAX_METADATA {
        return Err(unreadable("Upload-Metadata is longer than 4 KiB"));
    }
    let mut said = BTreeMap::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, encoded) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = BASE64_STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let value = value.filter(|value| !value.contains(char::is_control));
        let value =
            value.ok_or_else(|| unreadable("A value in Upload-Metadata is no Base64 of a line of text"))?;
        if said.insert(key, value).is_some() {
            return Err(unreadable("Upload-Metadata says something twice"));
        }
    }
    let session = said.get("session").and_then(|value| value.parse().ok());
    let start = said.get("start_ms").and_then(|value| digits(value)).and_then(|ms| u32::try_from(ms).ok());
    if said.get("filetype").is_some_and(|kind| !is_recorded(kind)) {
        return Err(Problem::unsupported_media_type().detail("Record audio/webm or audio/mp4"));
    }
    Ok(Metadata {
        session: session.ok_or_else(|| unreadable("Upload-Metadata names no session"))?,
        start: start
            .and_then(Start::of_ms)
            .ok_or_else(|| unreadable("Upload-Metadata has no start_ms within a recording"))?,
        text: text.to_owned(),
    })
}

/// Whether recorders call what they make so.
fn is_recorded(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or("").trim();
    ["audio/webm", "audio/mp4", "video/webm", "video/mp4"]
        .iter()
        .any(|known| kind.eq_ignore_ascii_case(known))
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, Problem> {
    one(headers, name)?
        .map(|text| {
            digits(text)
                .ok_or_else(|| Problem::malformed_request().detail(format!("{name} is no number of bytes")))
        })
        .transpose()
}

/// Digits and nothing else: no sign, no exponent, nothing that would not fit.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A header that may be there once.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    let mut all = headers.get_all(name).iter();
    let unreadable = || Problem::malformed_request().detail(format!("{name} cannot be read"));
    let first = all.next().map(|value| value.to_str().map_err(|_| unreadable())).transpose()?;
    if all.next().is_some() { Err(unreadable()) } else { Ok(first) }
}

fn inconsistent() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "inconsistent-upload-length",
        "The upload was said to have another length",
    )
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "upload-too-large", "The upload is larger than we keep")
        .header(TUS_MAX_SIZE, HeaderValue::from(MAX_BYTES))
}

fn gone() -> Problem {
    Problem::new(StatusCode::GONE, "upload-gone", "The upload was ended, or expired")
}

fn complete() -> Problem {
    Problem::new(StatusCode::CONFLICT, "upload-complete", "The upload has all its bytes")
}

impl From<BeginTakeError> for Problem {
    fn from(error: BeginTakeError) -> Self {
        match error {
            BeginTakeError::Access(error) => error.into(),
            BeginTakeError::NotWanted { .. } => {
                Self::invalid_state().detail("This session is not to be recorded")
            }
            BeginTakeError::Recorded { .. } => {
                Self::new(StatusCode::CONFLICT, "recording-exists", "The session has another recording")
            }
            BeginTakeError::TooMany { .. } => {
                Self::invalid_state().detail("This session has all the takes it may have")
            }
            BeginTakeError::TooLate { .. } => gone(),
            BeginTakeError::Deleted { .. } => Self::not_found(),
            BeginTakeError::Store(error) => super::store_problem(error),
        }
    }
}

impl From<TakeError> for Problem {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::NoTake { .. } => Self::not_found(),
            TakeError::Gone { .. } => gone(),
            TakeError::Complete { .. } => complete(),
            TakeError::Store(error) => super::store_problem(error),
        }
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::NoTake { .. } => Self::not_found(),
            WriteError::Gone { .. } => gone(),
            WriteError::Complete { .. } => complete(),
            WriteError::Elsewhere { expected, provided, .. } => Self::new(
                StatusCode::CONFLICT,
                "mismatching-upload-offset",
                "The upload does not end where these bytes begin",
            )
            .with("expected-offset", expected)
            .with("provided-offset", provided),
            WriteError::Locked { .. } => {
                Self::new(StatusCode::LOCKED, "upload-locked", "Somebody else is sending this upload")
                    .retry_after(LEASE)
            }
            WriteError::Inconsistent { .. } => inconsistent(),
            WriteError::TooLong { .. } => Self::new(
                StatusCode::BAD_REQUEST,
                "upload-exceeds-length",
                "There are more bytes than the upload was said to have",
            ),
            WriteError::TooLarge { .. } => too_large(),
            WriteError::Damaged { .. } => Self::new(
                StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST),
                "checksum-mismatch",
                "The bytes do not come to their checksum",
            ),
            WriteError::BrokenOff { .. } => Self::malformed_request().detail("The body ended early"),
            WriteError::Busy | WriteError::Stopping { .. } => Self::unavailable(error),
            WriteError::Bucket(ref cause) if cause.is_passing() => Self::unavailable(error),
            WriteError::Bucket(_) | WriteError::CutOff(_) => Self::internal(error),
            WriteError::Store(error) => super::store_problem(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(metadata_line: &str) -> Result<Metadata, u16> {
        let mut headers = HeaderMap::new();
        headers.insert(UPLOAD_METADATA, metadata_line.parse().unwrap());
        metadata(&headers).map_err(|problem| problem.status().as_u16())
    }

    fn line(pairs: &[(&str, &str)]) -> String {
        let encoded = pairs.iter().map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value)));
        encoded.collect::<Vec<_>>().join(",")
    }

    const SESSION: &str = "0193f5d4-7b1c-7d3e-8f4a-5b6c7d8e9f00";

    #[test]
    fn a_take_says_where_it_belongs_and_everything_else_is_a_label() {
        let text = line(&[("session", SESSION), ("start_ms", "250"), ("filename", "../../etc/passwd")]);
        let read = said(&format!("{text},flag")).unwrap();
        assert_eq!((read.session.to_string(), read.start.as_ms()), (SESSION.to_owned(), 250));
        assert_eq!(read.text, format!("{text},flag"));
    }

    #[test]
    fn what_does_not_say_where_it_belongs_is_refused() {
        for (pairs, status) in [
            (&[("start_ms", "0")][..], 400),
            (&[("session", SESSION)], 400),
            (&[("session", "../../etc/passwd"), ("start_ms", "0")], 400),
            (&[("session", SESSION), ("start_ms", "-1")], 400),
            (&[("session", SESSION), ("start_ms", "1e3")], 400),
            (&[("session", SESSION), ("start_ms", "14400000")], 400),
            (&[("session", SESSION), ("start_ms", "0"), ("start_ms", "1")], 400),
            (&[("session", SESSION), ("start_ms", "0"), ("name", "a\r\nb")], 400),
            (&[("session", SESSION), ("start_ms", "0"), ("filetype", "text/html")], 415),
        ] {
            assert_eq!(said(&line(pairs)).unwrap_err(), status, "{pairs:?}");
        }
    }

    #[test]
    fn numbers_are_digits() {
        for (text, number) in [("0", Some(0)), ("18446744073709551615", Some(u64::MAX))] {
            assert_eq!(digits(text), number);
        }
        for text in ["", "-1", "+1", "1e3", "0x10", " 1", "18446744073709551616"] {
            assert_eq!(digits(text), None, "{text}");
        }
    }
}
