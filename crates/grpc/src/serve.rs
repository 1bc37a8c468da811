//! The side that answers.

use crate::TRACEPARENT;
use lifecycle::Lifecycle;
use std::{io, net::SocketAddr, time::Duration};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{codegen::http, service::Routes, transport::Server};
use tracing::Span;

/// How long an answer, or the first piece of a long one, may take.
const ANSWER: Duration = Duration::from_secs(10);

/// Answers until the process stops, then lets what is being answered end. Says where it listens.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(address: SocketAddr, services: Routes, lifecycle: &Lifecycle) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    tracing::info!(grpc.address = %address, "Listening for gRPC on {address}");
    let life = lifecycle.clone();
    lifecycle.spawn(async move {
        let served = Server::builder()
            .timeout(ANSWER)
            .http2_keepalive_interval(Some(Duration::from_secs(20)))
            .trace_fn(span)
            .add_routes(services)
            .serve_with_incoming_shutdown(TcpListenerStream::new(listener), life.stopping())
            .await;
        if let Err(error) = served {
            tracing::error!(error = %problem::chain(&error), "The gRPC listener broke");
        }
    });
    Ok(address)
}

/// A span for a call, in the trace of the caller.
fn span(request: &http::Request<()>) -> Span {
    // `/vivavoce.topics.v1.TopicCatalog/GetTopic`
    let method = request.uri().path().rsplit_once('.').map(|(_, method)| method);
    let method = method.filter(|method| method.matches('/').count() == 1).unwrap_or("unknown/unknown");
    let span = tracing::info_span!("grpc", otel.name = format!("grpc.{method}"), otel.kind = "server");
    let caller = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok()?.parse().ok());
    if let Some(caller) = caller {
        telemetry::continue_from(&span, caller);
    }
    span
}
