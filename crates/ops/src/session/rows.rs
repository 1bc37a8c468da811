//! What a service's own tables say of a session.

use crate::service::Service;
use anyhow::Context as _;
use ids::SessionId;
use serde_json::Value;

/// One statement for each service; no column with content in it is named in any.
fn statement(service: Service) -> Option<&'static str> {
    match service {
        Service::Sessions => Some(include_str!("sessions.sql")),
        Service::Secrets => Some(include_str!("secrets.sql")),
        Service::Upload => Some(include_str!("upload.sql")),
        Service::Rating => Some(include_str!("rating.sql")),
        Service::Accounts | Service::Topics => None,
    }
}

/// States, revisions, counts and sizes, as JSON; an empty object when the service knows nothing.
// Checked by the tests: one package can be checked against one database at compile time, and these are four.
pub async fn known(service: Service, session: SessionId) -> anyhow::Result<Value> {
    let statement = statement(service).with_context(|| format!("{service} knows no sessions"))?;
    sqlx::query_scalar(statement)
        .bind(session.as_uuid())
        .fetch_one(&service.pool()?)
        .await
        .with_context(|| format!("the database of {service} gives no answer"))
}
