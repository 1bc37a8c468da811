//! How tests say what goes wrong.

use crate::{
    Proxy,
    faults::Faults,
    route::{Counters, Plan},
};
use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// A route as tests see it.
#[derive(Serialize)]
struct View {
    #[serde(flatten)]
    plan: Plan,
    faults: Faults,
    counters: Counters,
}

/// The routes of the control API.
pub fn routes(proxy: Proxy) -> Router {
    Router::new().fallback(answer).with_state(proxy)
}

async fn answer(State(proxy): State<Proxy>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 64 * 1024).await else {
        return (StatusCode::BAD_REQUEST, "the body broke off\n").into_response();
    };
    let path: Vec<&str> = parts.uri.path().trim_matches('/').split('/').collect();
    match (&parts.method, path.as_slice()) {
        (&Method::GET, ["healthz"]) => StatusCode::NO_CONTENT.into_response(),
        (&Method::GET, ["routes"]) => all(&proxy),
        (&Method::PUT, ["seed"]) => match serde_json::from_slice(&body) {
            Ok(seed) => {
                proxy.routes().iter().for_each(|route| route.begin_again(seed));
                StatusCode::NO_CONTENT.into_response()
            }
            Err(error) => (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
        },
        (&Method::DELETE, ["faults"]) => {
            proxy.routes().iter().for_each(|route| route.clear());
            StatusCode::NO_CONTENT.into_response()
        }
        (method, ["routes", name, verb]) => of_route(&proxy, method, name, verb, &body),
        _ => no("there is no such call"),
    }
}

fn of_route(proxy: &Proxy, method: &Method, name: &str, verb: &str, body: &Bytes) -> Response {
    let Some(route) = proxy.route(name) else { return no("there is no such route") };
    match (method, verb) {
        (&Method::PUT, "faults") => {
            let faults: Faults = match serde_json::from_slice(body) {
                Ok(faults) => faults,
                Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
            };
            if let Some(mistake) = faults.mistake() {
                return (StatusCode::BAD_REQUEST, format!("{mistake}\n")).into_response();
            }
            proxy.set(route, faults);
        }
        (&Method::DELETE, "faults") => route.clear(),
        (&Method::POST, "rebind") => route.rebind(),
        _ => return no("there is no such call"),
    }
    StatusCode::NO_CONTENT.into_response()
}

fn all(proxy: &Proxy) -> Response {
    let views: Vec<View> = proxy
        .routes()
        .iter()
        .map(|route| View { plan: route.plan().clone(), faults: route.faults(), counters: route.counters() })
        .collect();
    match serde_json::to_vec(&views) {
        Ok(json) => ([("content-type", "application/json")], json).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn no(why: &'static str) -> Response {
    (StatusCode::NOT_FOUND, format!("{why}\n")).into_response()
}
