//! Takes spans over OTLP and shows them: Jaeger's page and query API, in memory.

use anyhow::Context as _;
use environment::Environment;
use lifecycle::Lifecycle;
use otlp_embedded::{Config, State, TraceServiceImpl, TraceServiceServer, ui_app};
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// The oldest traces make room beyond this. They are counted and not weighed: with a limit of 512 MiB nothing at all was
/// kept any more after some minutes of tests, while the process used 20 MiB.
const LIMITS: Config = Config { max_length: 20_000, max_memory_usage: usize::MAX };

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let env = Environment::of_this_process("local_traces");
    let otlp: SocketAddr =
        env.parsed("LOCAL_TRACES_OTLP_ADDR", "where spans arrive", "127.0.0.1:14317", "an address")?;
    let page: SocketAddr =
        env.parsed("LOCAL_TRACES_HTTP_ADDR", "where they are shown", "127.0.0.1:16686", "an address")?;

    let lifecycle = Lifecycle::from_signals()?;
    let state = State::new(LIMITS);
    let listener = TcpListener::bind(page).await.with_context(|| format!("cannot listen on {page}"))?;
    println!("traces on http://{page}, spans on {otlp}");
    let (to_show, showing) = (state.clone(), lifecycle.clone());
    let shown = lifecycle.spawn(async move {
        axum::serve(listener, ui_app(to_show, "/"))
            .with_graceful_shutdown(async move { showing.stopping().await })
            .await
    });
    tonic::transport::Server::builder()
        .add_service(TraceServiceServer::new(TraceServiceImpl::new(state)))
        .serve_with_shutdown(otlp, lifecycle.stopping())
        .await
        .with_context(|| format!("cannot take spans on {otlp}"))?;
    lifecycle.stop();
    shown.await?.context("the page ended")
}
