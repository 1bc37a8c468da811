//! `Recordings`: recordings for other services. The owner is checked here as it is for a browser.

use crate::{
    media::{Media, PlayError},
    medium::{Form, Medium},
};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use ids::{LearnerId, SessionId};
use lifecycle::Lifecycle;
use std::{net::SocketAddr, pin::Pin};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};
use tracing::{Instrument as _, Span, info_span};
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
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        tracing::info!(grpc.address = %address, "Listening for gRPC on {address}");
        let life = lifecycle.clone();
        lifecycle.spawn(async move {
            let serving = Server::builder()
                .add_service(RecordingsServer::new(self))
                .serve_with_incoming_shutdown(TcpListenerStream::new(listener), life.stopping());
            if let Err(error) = serving.await {
                tracing::error!(%error, "The gRPC listener broke");
            }
        });
        Ok(address)
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

fn span(method: &str, request: &Request<GetRecordingRequest>) -> Span {
    let span = info_span!("grpc", otel.name = format!("grpc.Recordings/{method}"), otel.kind = "server");
    let caller = request.metadata().get("traceparent").and_then(|value| value.to_str().ok());
    if let Some(caller) = caller.and_then(|text| text.parse().ok()) {
        telemetry::continue_from(&span, caller);
    }
    span
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
            tracing::warn!(error = ?error, "A recording cannot be read now");
            Status::unavailable("the recording cannot be read now")
        }
    }
}

fn damaged(error: &PlayError) -> Status {
    tracing::error!(error = ?error, "A recording is damaged");
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
        let span = span("GetRecording", &request);
        let medium = self.announced(request.get_ref()).instrument(span).await?;
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
        let span = span("ReadRecording", &request);
        let sound = async {
            let medium = self.announced(request.get_ref()).await?;
            self.media.read(medium.played_as(Form::Original), None).await.map_err(status)
        }
        .instrument(span)
        .await?;
        let chunks = sound
            .map_ok(|data| ReadRecordingChunk { data: data.into() })
            .map(|chunk| chunk.map_err(|error| broken_off(&error)));
        Ok(Response::new(Box::pin(chunks)))
    }
}
