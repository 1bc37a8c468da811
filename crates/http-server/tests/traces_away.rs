//! A trace backend that is gone, or that takes everything and never answers, costs a service nothing.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing::get,
};
use environment::Environment;
use http_server::{Config, Readiness};
use serde::{Deserialize, Serialize};
use std::{
    env, fs,
    net::{SocketAddr, TcpListener},
    process::Command,
    time::{Duration, Instant},
};
use tokio::net::TcpSocket;
use tower::ServiceExt as _;

/// Each has four spans: about forty times what may wait for the backend.
const REQUESTS: usize = 20_000;
/// What stands before the report of [`serve`].
const REPORT: &str = "report: ";
/// The setting that makes a test the service itself. Telemetry is one per process, and what a service says can be read
/// only from outside of it.
const BACKEND: &str = "OTLP_ENDPOINT";

/// What became of a service.
#[derive(Debug, Serialize, Deserialize)]
struct Report {
    answered: usize,
    slowest_ms: u128,
    grown_bytes: i64,
    flushed_ms: u128,
    spans_lost: f64,
}

/// Is asked for much, and reports what became of it.
#[tokio::main]
async fn serve() {
    let settings = telemetry::Config::read(&Environment::of_this_process("topics")).unwrap();
    let telemetry = telemetry::start(&settings, "topics").unwrap();
    let config = Config { address: ([127, 0, 0, 1], 0).into(), origin: "http://127.0.0.1".parse().unwrap() };
    let routes = Router::new().route("/api/topics", get(list));
    let routes = http_server::wrap(routes, &config, Readiness::when(async || true), None);

    // What is allocated once is there before it is measured.
    for _ in 0..REQUESTS / 4 {
        assert_eq!(status(&routes).await, StatusCode::OK);
    }
    let (before, mut answered, mut slowest) = (resident(), 0, Duration::ZERO);
    for _ in 0..REQUESTS {
        let begun = Instant::now();
        answered += usize::from(status(&routes).await == StatusCode::OK);
        slowest = slowest.max(begun.elapsed());
    }
    let grown_bytes = resident() - before;
    let begun = Instant::now();
    let flushed = telemetry.clone();
    tokio::task::spawn_blocking(move || flushed.flush()).await.unwrap();
    let flushed_ms = begun.elapsed().as_millis();
    let metrics = telemetry.metrics();
    let lost = metrics.lines().find_map(|line| line.strip_prefix(r#"telemetry_dropped_total{what="span"} "#));
    let spans_lost = lost.unwrap().parse().unwrap();
    let report = Report { answered, slowest_ms: slowest.as_millis(), grown_bytes, flushed_ms, spans_lost };
    println!("\n{REPORT}{}", serde_json::to_string(&report).unwrap());
}

#[tracing::instrument(name = "op.topics.list", skip_all)]
async fn list() -> &'static str {
    for verb in ["find", "list"] {
        tracing::info_span!("db", otel.name = format!("db.topic.{verb}"), topic.id = "t").in_scope(|| ());
    }
    "[]"
}

async fn status(routes: &Router) -> StatusCode {
    let request = Request::get("/api/topics").body(Body::empty()).unwrap();
    routes.clone().oneshot(request).await.unwrap().status()
}

/// What this process has in memory, in bytes.
fn resident() -> i64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<i64>().unwrap() * 1024
}

/// Runs a test once more, as a service with this trace backend. Gives what became of it and the lines of its log.
fn as_service(test: &str, backend: SocketAddr) -> (Report, Vec<String>) {
    let output = Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(BACKEND, format!("http://{backend}"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    let report = said.lines().find_map(|line| line.strip_prefix(REPORT)).expect("a report");
    let lines = said.lines().filter(|line| line.contains(r#""timestamp":"#)).map(str::to_owned).collect();
    (serde_json::from_str(report).unwrap(), lines)
}

fn assert_unharmed((report, lines): &(Report, Vec<String>)) {
    assert_eq!(report.answered, REQUESTS);
    // Whoever waited for the backend would wait for ten seconds.
    assert!(report.slowest_ms < 8_000, "{report:?}");
    // Kept, those spans would take twice as much.
    assert!(report.grown_bytes < 8 * 1024 * 1024, "{report:?}");
    assert!(report.flushed_ms < 9_000, "{report:?}");
    // That spans do not arrive, that some do not even wait, and at the end how many, and that nobody waited for the rest.
    assert!(lines.len() <= 4, "{lines:#?}");
}

#[test]
fn a_backend_that_is_gone_costs_nothing() {
    if env::var_os(BACKEND).is_some() {
        return serve();
    }
    // Bound, and never listening: nobody else gets the port, and connections are refused.
    let gone = TcpSocket::new_v4().unwrap();
    gone.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let seen = as_service("a_backend_that_is_gone_costs_nothing", gone.local_addr().unwrap());
    assert_unharmed(&seen);
    assert!(seen.0.spans_lost > 0.0, "{seen:?}");
    assert!(seen.1.iter().any(|line| line.contains("Spans do not arrive")), "{seen:?}");
}

#[test]
fn a_backend_that_never_answers_costs_nothing() {
    if env::var_os(BACKEND).is_some() {
        return serve();
    }
    // Connections are made, and nobody reads from them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let seen = as_service("a_backend_that_never_answers_costs_nothing", silent.local_addr().unwrap());
    assert_unharmed(&seen);
}
