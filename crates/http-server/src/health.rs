//! Live: the process turns. Ready: it can serve.

use axum::{http::StatusCode, response::IntoResponse};
use std::{future::Future, pin::Pin, sync::Arc};
use telemetry::Telemetry;

/// Whether what a service needs to serve is there.
pub type Ready = Pin<Box<dyn Future<Output = bool> + Send>>;

/// Asks whether a service is ready. The broker never counts: sessions go on without it.
#[derive(Clone)]
pub struct Readiness(Arc<dyn Fn() -> Ready + Send + Sync>);

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Readiness")
    }
}

impl Readiness {
    /// Ready when `check` says so.
    pub fn when<F, R>(check: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = bool> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(check())))
    }
}

pub(crate) async fn ready(readiness: Readiness) -> impl IntoResponse {
    if readiness.0().await {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

/// What the process counts, and whether it could serve now.
pub(crate) async fn metrics(readiness: Readiness, telemetry: Option<Telemetry>) -> String {
    let ready = readiness.0().await;
    metrics::gauge!("service_ready").set(f64::from(u8::from(ready)));
    telemetry.as_ref().map(Telemetry::metrics).unwrap_or_default()
}
