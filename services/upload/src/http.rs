//! The HTTP face: a recording comes in, and is played.

mod get_audio;
mod get_peaks;
mod range;
mod upload_recording;

use crate::media::{AccessError, Media, PlayError};
use axum::{Router, extract::FromRef};
use caller::Verifier;
use postgres::StoreError;
use problem::Problem;
use utoipa::{OpenApi, openapi::OpenApi as Document};
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the handlers share.
#[derive(Clone, Debug, FromRef)]
pub struct Face {
    /// The service.
    pub media: Media,
    /// Who is asking.
    pub verifier: Verifier,
}

#[derive(OpenApi)]
#[openapi(info(
    title = "upload",
    description = "Whether a recording arrived whole, where it lies, and how it is played."
))]
struct Title;

fn table_of_contents() -> OpenApiRouter<Face> {
    OpenApiRouter::with_openapi(Title::openapi())
        .routes(routes!(upload_recording::upload_recording))
        .routes(routes!(get_audio::get_audio))
        .routes(routes!(get_peaks::get_peaks))
}

/// The routes.
pub fn routes(face: Face) -> Router {
    table_of_contents().with_state(face).split_for_parts().0
}

/// Their description.
pub fn openapi() -> Document {
    table_of_contents().into_openapi()
}

fn store_problem(error: StoreError) -> Problem {
    match error {
        StoreError::Unreachable(_) => Problem::unavailable(error),
        StoreError::Refused(_) | StoreError::Inconsistent { .. } => Problem::internal(error),
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::NoSession { .. } => Self::not_found(),
            AccessError::Unknown { .. } => Self::unavailable(error),
            AccessError::Store { cause, .. } => store_problem(cause),
        }
    }
}

impl From<PlayError> for Problem {
    fn from(error: PlayError) -> Self {
        match error {
            PlayError::Access(error) => error.into(),
            PlayError::NoRecording { .. } | PlayError::NotMade { .. } => Self::not_found(),
            PlayError::Bucket(ref cause) if cause.is_passing() => Self::unavailable(error),
            PlayError::Bucket(_) | PlayError::Damaged => Self::internal(error),
            PlayError::Store(error) => store_problem(error),
        }
    }
}
