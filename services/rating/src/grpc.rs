//! The gRPC face: `Ratings`, and the trace of whoever asks.

mod get_rating;

use crate::Ratings;
use lifecycle::Lifecycle;
use std::{io, net::SocketAddr, time::Duration};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tracing::Span;
use wire::rating::v1::ratings_server::RatingsServer;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(10);

/// Serves until the process stops, then lets calls in flight finish. Says where it listens.
pub async fn serve(address: SocketAddr, ratings: Ratings, lifecycle: &Lifecycle) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    tracing::info!(grpc.address = %address, "Listening for gRPC on {address}");
    let (life, stopping) = (lifecycle.clone(), lifecycle.clone());
    life.spawn(async move {
        let served = Server::builder()
            .timeout(ANSWER)
            .http2_keepalive_interval(Some(Duration::from_secs(20)))
            .trace_fn(span)
            .add_service(RatingsServer::new(ratings))
            .serve_with_incoming_shutdown(TcpListenerStream::new(listener), async move {
                stopping.stopping().await;
            })
            .await;
        if let Err(error) = served {
            tracing::error!(error = ?error, "The gRPC listener broke");
        }
    });
    Ok(address)
}

/// A span for a call, in the trace of the caller.
fn span(request: &axum::http::Request<()>) -> Span {
    let method =
        request.uri().path().trim_start_matches('/').rsplit_once('.').map_or("unknown", |(_, method)| method);
    let span = tracing::info_span!("grpc", otel.name = format!("grpc.{method}"), otel.kind = "server");
    let parent = request.headers().get("traceparent").and_then(|value| value.to_str().ok()?.parse().ok());
    if let Some(parent) = parent {
        telemetry::continue_from(&span, parent);
    }
    span
}
