//! `GET /api/sessions/{id}/audio`: plays a recording, from any point.

use super::range::{self, Wanted};
use crate::{
    media::{Media, Playing},
    medium::{Container, Form},
};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use caller::Learner;
use ids::SessionId;
use problem::{Path, Problem, ProblemDocument, Query};
use serde::Deserialize;
use utoipa::ToSchema;

/// How a recording is played.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AudioQuery {
    /// A form that every browser plays. Without it, the recording comes in the container it was recorded in.
    #[param(inline)]
    format: Option<AudioFormat>,
}

/// A form that every browser plays.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AudioFormat {
    /// AAC in MP4.
    Mp4,
}

/// Plays a recording, or a range of its bytes.
#[utoipa::path(
    get,
    path = "/api/sessions/{id}/audio",
    operation_id = "get_audio",
    tag = "recordings",
    params(("id" = inline(SessionId), Path, description = "The session"), AudioQuery),
    responses(
        (status = 200, description = "All of it", content(([u8] = "audio/webm"), ([u8] = "audio/mp4"))),
        (status = 206, description = "The range that was asked for", content(([u8] = "audio/webm"), ([u8] = "audio/mp4"))),
        (status = 304, description = "It is what the caller has"),
        (status = 401, description = "Nobody is signed in", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The learner has no such recording", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 416, description = "range-not-satisfiable: not there, or more than one range", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
pub async fn get_audio(
    State(media): State<Media>,
    learner: Learner,
    Path(session): Path<SessionId>,
    Query(query): Query<AudioQuery>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = query.format.map_or(Form::Original, |AudioFormat::Mp4| Form::Portable);
    let playing = media.play(learner.id, session, form).await?;
    let (size, etag) = (playing.stored.bytes, etag(&playing));
    if has_it(&headers, &etag) {
        return Ok(described(StatusCode::NOT_MODIFIED, &playing, &etag, Body::empty()));
    }
    let wanted = range::wanted(&headers, size, &etag);
    let (status, range) = match wanted {
        Wanted::All => (StatusCode::OK, None),
        Wanted::Bytes(first, last) => (StatusCode::PARTIAL_CONTENT, Some((first, last))),
        Wanted::Unsatisfiable => return Err(not_there(size)),
    };
    let length = range.map_or(size, |(first, last)| last - first + 1);
    let body = if method == Method::HEAD || length == 0 {
        Body::empty()
    } else {
        Body::from_stream(media.read(&playing.stored, range).await?)
    };
    let mut response = described(status, &playing, &etag, body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
    if let Some((first, last)) = range
        && let Ok(place) = HeaderValue::from_str(&format!("bytes {first}-{last}/{size}"))
    {
        headers.insert(header::CONTENT_RANGE, place);
    }
    Ok(response)
}

fn described(status: StatusCode, playing: &Playing, etag: &str, body: Body) -> Response {
    let container = playing.stored.container;
    // A player plays it all the same. Whoever opens its address saves it: a recording can also be read as HTML.
    let disposition = match container {
        Container::Webm => "attachment; filename=\"practice.webm\"",
        Container::Mp4 => "attachment; filename=\"practice.m4a\"",
    };
    (
        status,
        [
            (header::CONTENT_TYPE, container.media_type()),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::CONTENT_DISPOSITION, disposition),
            (header::CACHE_CONTROL, "private, no-cache"),
            (header::ACCEPT_RANGES, "bytes"),
            (header::ETAG, etag),
        ],
        body,
    )
        .into_response()
}

/// Changes with whatever is played.
fn etag(playing: &Playing) -> String {
    let container = playing.stored.container.name();
    format!("\"{}-{}-{container}\"", playing.medium.id.as_uuid().simple(), playing.medium.revision)
}

fn has_it(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == etag || tag == "*")
}

fn not_there(size: u64) -> Problem {
    let problem = Problem::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "range-not-satisfiable",
        "These bytes are not there, or not to be had at once",
    );
    match HeaderValue::from_str(&format!("bytes */{size}")) {
        Ok(extent) => problem.header(header::CONTENT_RANGE, extent),
        Err(_) => problem,
    }
}
