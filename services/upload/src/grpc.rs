//! `Recordings`: recordings for other services. The owner is checked here as it is for a browser.

use crate::{
    media::{Media, PlayError},
    medium::{Form, Medium},
};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use ids::{LearnerId, SessionId};
use lifecycle::Lifecycle;
use std::{net::SocketAddr, pin::Pin};
use tonic::{Request, Response, Status, service::Routes};
use wire::upload::v1::{
    GetRecordingRequest, GetRecordingResponse, ReadRecordingChunk,
    recordings_server::{Recordings, RecordingsServer},
};

/// The gRPC face.
#[derive(Clone, Debug)]
pub struct RecordingsFace {
    media: Media,
}

impl RecordingsFace {
    /// The face of this service.
    pub const fn new(media: Media) -> Self {
        Self { media }
    }

    /// Serves until the process stops.
    pub async fn serve(self, address: SocketAddr, lifecycle: &Lifecycle) -> std::io::Result<SocketAddr> {
        ::grpc::serve(address, Routes::new(RecordingsServer::new(self)), lifecycle).await
    }

    /// The recording that was announced last.
    async fn announced(&self, request: &GetRecordingRequest) -> Result<Medium, Status> {
        let absent = || Status::not_found("no such recording");
        let session: SessionId = request.session_id.parse().map_err(|_| absent())?;
        let learner: LearnerId = request.learner_id.parse().map_err(|_| absent())?;
        let medium = self.media.recording_for(learner, session).await.map_err(status)?;
        if medium.revision == 0 { Err(absent()) } else { Ok(medium) }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
fn status(error: PlayError) -> Status {
    match &error {
        PlayError::Access(_) | PlayError::NoRecording { .. } | PlayError::NotMade { .. } => {
            Status::not_found("no such recording")
        }
        PlayError::Bucket(cause) if !cause.is_passing() => damaged(&error),
        PlayError::Damaged => damaged(&error),
        PlayError::Bucket(_) | PlayError::Store(_) => {
            tracing::warn!(error = %problem::chain(&error), "A recording cannot be read now");
            Status::unavailable("the recording cannot be read now")
        }
    }
}

fn damaged(error: &PlayError) -> Status {
    tracing::error!(error = %problem::chain(error), "A recording is damaged");
    Status::data_loss("the recording cannot be read")
}

/// A recording that is damaged will be so the next time.
fn broken_off(error: &std::io::Error) -> Status {
    match error.kind() {
        std::io::ErrorKind::InvalidData => damaged(&PlayError::Damaged),
        _ => Status::unavailable("the recording broke off"),
    }
}

#[tonic::async_trait]
impl Recordings for RecordingsFace {
    async fn get_recording(
        &self,
        request: Request<GetRecordingRequest>,
    ) -> Result<Response<GetRecordingResponse>, Status> {
        let medium = self.announced(request.get_ref()).await?;
        let stored = medium.played_as(Form::Original);
        Ok(Response::new(GetRecordingResponse {
            medium_id: medium.id.to_string(),
            revision: medium.revision,
            duration_ms: medium.duration_ms,
            bytes: stored.bytes,
            media_type: stored.container.media_type().to_owned(),
            channel_layout: medium.layout.name().to_owned(),
        }))
    }

    type ReadRecordingStream = Pin<Box<dyn Stream<Item = Result<ReadRecordingChunk, Status>> + Send>>;

    async fn read_recording(
        &self,
        request: Request<GetRecordingRequest>,
    ) -> Result<Response<Self::ReadRecordingStream>, Status> {
        let medium = self.announced(request.get_ref()).await?;
        let sound = self.media.read(medium.played_as(Form::Original), None).await.map_err(status)?;
        let chunks = sound
            .map_ok(|data| ReadRecordingChunk { data: data.into() })
            .map(|chunk| chunk.map_err(|error| broken_off(&error)));
        Ok(Response::new(Box::pin(chunks)))
    }
}
