//! `ops session`: what every service knows of a session, without its content.

mod events;
mod rows;

pub use events::{Told, told};
pub use rows::known;

use crate::{report::Report, service::Service};
use anyhow::Context as _;
use ids::SessionId;
use serde::Serialize;
use serde_json::{Map, Value};
use telemetry::Traceparent;

/// Everything there is to see of a session.
#[derive(Debug, Serialize)]
struct Seen {
    session: SessionId,
    /// The trace of its practice.
    trace: Option<String>,
    /// What each service's own tables say.
    #[serde(flatten)]
    services: Map<String, Value>,
    /// What was said of it in the last seven days, and who has heard it.
    events: Vec<Told>,
}

/// Asks every service's database. Fails when none of them knows the session.
pub async fn session(session: SessionId) -> anyhow::Result<Report> {
    let mut services = Map::new();
    for service in Service::hearing() {
        services.insert(service.to_string(), known(service, session).await?);
    }
    let events = told(session).await?;
    let nothing = |known: &Value| known.as_object().is_some_and(Map::is_empty);
    anyhow::ensure!(!services.values().all(nothing) || !events.is_empty(), "no service knows {session}");
    let trace = started(services.get("sessions"), &events).map(|parent| parent.trace_id());
    Report::json(&Seen { session, trace, services, events })
}

/// The trace a session was practised in.
pub async fn trace_of(session: SessionId) -> anyhow::Result<String> {
    let row = known(Service::Sessions, session).await?;
    let trace = match started(Some(&row), &[]) {
        Some(parent) => Some(parent),
        None => started(None, &told(session).await?),
    };
    Ok(trace.with_context(|| format!("no trace of {session} is known"))?.trace_id())
}

/// From the session's row; of a deleted one, from the first event that is still kept.
fn started(row: Option<&Value>, events: &[Told]) -> Option<Traceparent> {
    let row = row.and_then(|row| row.pointer("/session/traceparent")).and_then(Value::as_str);
    row.and_then(|text| text.parse().ok()).or_else(|| events.iter().find_map(|told| told.traceparent))
}
