//! The HTTP face: a recording comes in, whole or in takes, and is played.

mod append_to_upload;
mod create_upload;
mod describe_uploads;
mod find_upload;
mod get_audio;
mod get_peaks;
mod overridden_upload;
mod range;
mod terminate_upload;
mod tus;
mod upload_recording;

use crate::media::{AccessError, Media, PlayError};
use axum::{Router, extract::FromRef, middleware};
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
        .merge(uploads())
}

/// tus 1.0.0: any client of it can send a take.
fn uploads() -> OpenApiRouter<Face> {
    OpenApiRouter::new()
        .routes(routes!(describe_uploads::describe_uploads, create_upload::create_upload))
        .routes(routes!(
            find_upload::find_upload,
            append_to_upload::append_to_upload,
            terminate_upload::terminate_upload,
            overridden_upload::overridden_upload
        ))
        .layer(middleware::from_fn(tus::spoken))
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
