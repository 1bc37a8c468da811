//! The trace of a practice, from the trace backend of the local stack.

use crate::support::Site;
use events::SessionStarted;
use ids::{Ids, SessionId};
use otlp_embedded::{Config, State, TraceServiceImpl, TraceServiceServer, ui_app};
use std::net::SocketAddr;
use test_kit::own_address;
use tokio::net::TcpListener;
use tonic::transport::Server;

/// A trace backend; answers where spans go and where they are looked at.
async fn backend(site: &Site) -> (SocketAddr, SocketAddr) {
    let state = State::new(Config { max_length: 100, max_memory_usage: usize::MAX });
    let (sent, shown) = (own_address(), own_address());
    let pages = TcpListener::bind(shown).await.unwrap();
    let app = ui_app(state.clone(), "/");
    site.lifecycle.spawn(async move { axum::serve(pages, app).await });
    site.lifecycle.spawn(async move {
        Server::builder().add_service(TraceServiceServer::new(TraceServiceImpl::new(state))).serve(sent).await
    });
    (sent, shown)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_spans_of_a_practice_are_a_tree() {
    let mut site = Site::start().await;
    let (sent, shown) = backend(&site).await;
    site.settings.insert("TRACES_URL".to_owned(), format!("http://{shown}"));
    let config = telemetry::Config { otlp_endpoint: Some(format!("http://{sent}")), log: "info".to_owned() };
    let telemetry = telemetry::start(&config, "sessions").unwrap();
    let session: SessionId = Ids.mint();

    let root = tracing::info_span!("practice.start");
    let parent = root.in_scope(|| {
        tracing::info_span!("db.session.insert").in_scope(|| tracing::error!("it is not to be had"));
        telemetry::current_traceparent().expect("we are in a span")
    });
    drop(root);
    let event = SessionStarted { session_id: session.to_string(), ..SessionStarted::default() };
    site.says("sessions", &event, Some(&parent.to_string())).await;
    tokio::task::spawn_blocking(move || telemetry.flush()).await.unwrap();

    let tree = site.sees(&format!("trace {session}"), |answer| answer.well).await;
    let lines = tree.lines();
    assert_eq!(lines[0], parent.trace_id());
    assert_eq!(lines[1], format!("http://{shown}/trace/{}", parent.trace_id()));
    assert!(lines[2].starts_with("practice.start (sessions) +0.0ms "), "{tree:?}");
    assert!(lines[3].starts_with("  db.session.insert (sessions) +"), "{tree:?}");
    assert!(lines[3].ends_with("FAILED"), "{tree:?}");
    assert_eq!(lines.len(), 4, "{tree:?}");
}

#[tokio::test]
async fn without_a_backend_the_link_is_there_and_it_is_no_success() {
    let mut site = Site::start().await;
    site.settings.insert("TRACES_URL".to_owned(), "http://127.0.0.1:1/jaeger/".to_owned());
    let session: SessionId = Ids.mint();
    let line = format!("trace {session}");
    let unknown = site.types(&line).await;
    assert!(!unknown.well && unknown.complained.contains("no trace of"), "{unknown:?}");

    let event = SessionStarted { session_id: session.to_string(), ..SessionStarted::default() };
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    site.says("sessions", &event, Some(parent)).await;
    let alone = site.types(&line).await;
    assert!(!alone.well);
    assert_eq!(alone.lines()[1], "http://127.0.0.1:1/jaeger/trace/0af7651916cd43dd8448eb211c80319c");
    assert!(alone.lines()[2].starts_with("the trace backend gives no answer"), "{alone:?}");
}
