//! What every HTTP face has in common: where it listens, the layers around its routes, health and metrics.
//!
//! The layers, from the outside in: a span per request that continues the caller's trace, a `trace-id` response
//! header, request metrics, panics answered as problems, a body limit, refusal of requests that other sites' pages
//! send, and refusal of callers that accept no JSON.

mod gate;
mod health;
mod observe;

pub use health::{Readiness, Ready};

use axum::{
    Router, extract::DefaultBodyLimit, http::Method, middleware, response::IntoResponse as _, routing::get,
};
use environment::{ConfigError, Environment};
use lifecycle::Lifecycle;
use problem::Problem;
use std::{net::SocketAddr, sync::Arc};
use telemetry::Telemetry;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use url::Url;

/// Bytes a JSON request may have.
pub const JSON_LIMIT: usize = 1024 * 1024;

/// Where a service listens, and for which pages.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to bind.
    pub address: SocketAddr,
    /// The origin of our own pages.
    pub origin: Url,
}

impl Config {
    /// Reads `<SERVICE>_HTTP_ADDR` and `PUBLIC_ORIGIN`.
    pub fn read(env: &Environment, default: &str) -> Result<Self, ConfigError> {
        Ok(Self {
            address: env.parsed(
                &env.own_key("HTTP_ADDR"),
                "Address its HTTP face listens on",
                default,
                "an address with a port",
            )?,
            origin: env.url(
                "PUBLIC_ORIGIN",
                "Origin that learners' browsers see",
                "http://127.0.0.1:8080",
            )?,
        })
    }
}

/// The routes of a service with everything around them.
///
/// `ready` is asked by `/healthz/ready`; live only says that the process turns.
pub fn wrap(routes: Router, config: &Config, ready: Readiness, telemetry: Option<Telemetry>) -> Router {
    let own = gate::OwnOrigin::of(&config.origin);
    let routes = routes
        .fallback(async || Problem::not_found())
        .layer(DefaultBodyLimit::max(JSON_LIMIT))
        .layer(middleware::from_fn(gate::accepts_our_types))
        .layer(middleware::from_fn_with_state(Arc::new(own), gate::from_our_own_pages))
        .layer(CatchPanicLayer::custom(|_| Problem::panicked().into_response()))
        .layer(middleware::from_fn(observe::method_not_allowed))
        .layer(middleware::from_fn(observe::request));
    health(ready, telemetry).merge(routes)
}

/// The routes of a face that other programs and other sites' pages call by a contract that is not ours: traced and
/// measured like every other, but with its own errors and without our gates. Its body limit is its own affair.
pub fn wrap_foreign(routes: Router, ready: Readiness, telemetry: Option<Telemetry>) -> Router {
    health(ready, telemetry).merge(routes.layer(middleware::from_fn(observe::request)))
}

fn health(ready: Readiness, telemetry: Option<Telemetry>) -> Router {
    let asked = ready.clone();
    Router::new()
        .route("/healthz/live", get(async || "live\n"))
        .route("/healthz/ready", get(move || health::ready(ready.clone())))
        .route("/metrics", get(move || health::metrics(asked.clone(), telemetry.clone())))
}

/// Serves until the process stops, then lets requests in flight finish.
pub async fn serve(config: &Config, routes: Router, lifecycle: &Lifecycle) -> std::io::Result<()> {
    let listener = TcpListener::bind(config.address).await?;
    tracing::info!(http.address = %listener.local_addr()?, "Listening for HTTP on {}", listener.local_addr()?);
    let (life, stopping) = (lifecycle.clone(), lifecycle.clone());
    life.spawn(async move {
        if let Err(error) = axum::serve(listener, routes)
            .with_graceful_shutdown(async move { stopping.stopping().await })
            .await
        {
            tracing::error!(%error, "The HTTP listener broke");
        }
    });
    Ok(())
}

/// Whether a method may change something.
fn unsafe_method(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
