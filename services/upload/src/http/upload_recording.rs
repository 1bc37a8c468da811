//! `POST /api/sessions/{id}/upload`: the whole recording of a session in one body.

use crate::{
    ffmpeg::GlanceError,
    media::{ArrivalError, Media, ReceiveError, Received},
    medium::{MAX_BYTES, Medium},
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use caller::Learner;
use futures::TryStreamExt as _;
use ids::SessionId;
use problem::{Json, Path, Problem, ProblemDocument};
use serde::Serialize;
use std::fmt::Write as _;
use utoipa::ToSchema;

/// A recording that is safe.
#[derive(Serialize, ToSchema)]
pub struct Upload {
    /// Where it is played.
    pub audio_url: String,
    /// Where its waveform is.
    pub peaks_url: String,
    /// How many bytes arrived.
    pub bytes: u64,
    /// Their SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// Whether it is still being made playable everywhere.
    pub state: UploadState,
}

/// How far a recording has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadState {
    /// It is being made playable everywhere.
    Processing,
    /// It can be played.
    Ready,
}

impl From<Medium> for Upload {
    fn from(medium: Medium) -> Self {
        let session = medium.session;
        Self {
            audio_url: format!("/api/sessions/{session}/audio"),
            peaks_url: format!("/api/sessions/{session}/audio/peaks"),
            bytes: medium.raw.bytes,
            sha256: hexadecimal(&medium.sha256),
            state: if medium.is_ready() { UploadState::Ready } else { UploadState::Processing },
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Sends the recording of a session. Sent again, the same bytes get the same answer.
#[utoipa::path(
    post,
    path = "/api/sessions/{id}/upload",
    operation_id = "upload_recording",
    tag = "recordings",
    params(("id" = inline(SessionId), Path, description = "The session")),
    request_body(
        description = "The recording, at most 2 GiB",
        content(([u8] = "audio/webm"), ([u8] = "audio/mp4")),
    ),
    responses(
        (status = 201, description = "It is stored", body = Upload),
        (status = 200, description = "The same bytes were stored before", body = Upload),
        (status = 401, description = "Nobody is signed in", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The learner has no such session", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "recording-exists, or invalid-state when nothing is to be recorded", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, description = "It is larger than 2 GiB", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 415, description = "It is sent as something else, or compressed", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "empty-media, unsupported-media or media-limits-exceeded", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "It could not be stored now; it can be sent again", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub async fn upload_recording(
    State(media): State<Media>,
    learner: Learner,
    Path(session): Path<SessionId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    check(&headers)?;
    let received =
        media.receive(learner.id, session, body.into_data_stream().map_err(axum::Error::into_inner)).await?;
    let (status, medium) = match received {
        Received::New(medium) => (StatusCode::CREATED, medium),
        Received::Again(medium) => (StatusCode::OK, medium),
    };
    Ok((status, Json(Upload::from(medium))).into_response())
}

/// What the headers alone rule out. What the bytes are is seen from the bytes.
fn check(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let kind = text(header::CONTENT_TYPE).unwrap_or("").split(';').next().unwrap_or("").trim();
    if !["audio/webm", "audio/mp4"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(Problem::unsupported_media_type().detail("Send audio/webm or audio/mp4"));
    }
    if text(header::CONTENT_ENCODING).is_some_and(|coding| !coding.trim().eq_ignore_ascii_case("identity")) {
        return Err(Problem::unsupported_media_type().detail("Send the recording without a content coding"));
    }
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BYTES) {
        return Err(Problem::content_too_large());
    }
    Ok(())
}

fn unusable(slug: &'static str, title: &'static str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, slug, title)
}

impl From<ReceiveError> for Problem {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Access(error) => error.into(),
            ReceiveError::NotWanted { .. } => {
                Self::invalid_state().detail("This session is not to be recorded")
            }
            ReceiveError::Busy => Self::unavailable(error),
            ReceiveError::Arrival(ArrivalError::TooLarge) => Self::content_too_large(),
            ReceiveError::Arrival(ArrivalError::BrokenOff(_)) => {
                Self::malformed_request().detail("The body ended early")
            }
            ReceiveError::Empty => unusable("empty-media", "The recording is empty"),
            ReceiveError::NotMedia | ReceiveError::Glance(GlanceError::NoSound) => {
                unusable("unsupported-media", "This is not a recording we can read")
            }
            ReceiveError::Glance(GlanceError::LimitsExceeded) => {
                unusable("media-limits-exceeded", "The recording is longer or larger than we keep")
            }
            ReceiveError::Another { .. } => {
                Self::new(StatusCode::CONFLICT, "recording-exists", "The session has another recording")
            }
            ReceiveError::Deleted { .. } => Self::not_found(),
            ReceiveError::Bucket(ref cause) if cause.is_passing() => Self::unavailable(error),
            ReceiveError::Bucket(_) | ReceiveError::CutOff(_) => Self::internal(error),
            ReceiveError::Store(error) => super::store_problem(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_decide_what_they_can() {
        let refused = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, "audio/webm;codecs=opus".parse().unwrap());
            headers.insert(name, value.parse().unwrap());
            check(&headers).err().map(|problem| problem.status().as_u16())
        };
        assert_eq!(refused("content-type", "audio/mp4"), None);
        assert_eq!(refused("content-type", "Audio/WebM; codecs=opus"), None);
        assert_eq!(refused("content-type", "text/plain"), Some(415));
        assert_eq!(refused("content-type", "audio/webmx"), Some(415));
        assert_eq!(refused("content-encoding", "identity"), None);
        assert_eq!(refused("content-encoding", "gzip"), Some(415));
        assert_eq!(refused("content-encoding", "identity, gzip"), Some(415));
        assert_eq!(refused("content-length", "2147483648"), None);
        assert_eq!(refused("content-length", "2147483649"), Some(413));
        assert_eq!(check(&HeaderMap::new()).unwrap_err().status().as_u16(), 415);
    }
}
