//! What was said of a session, and who has heard it.

use crate::service::Service;
use events::catalogue::CONSUMERS;
use ids::{EventId, SessionId};
use inbox::Handled;
use outbox::Said;
use serde::Serialize;
use std::collections::BTreeMap;
use telemetry::Traceparent;
use time::{OffsetDateTime, serde::rfc3339};

/// An event, and what became of it.
#[derive(Debug, Serialize)]
pub struct Told {
    id: EventId,
    subject: String,
    said_by: String,
    event: Option<String>,
    #[serde(with = "rfc3339")]
    said_at: OffsetDateTime,
    #[serde(with = "rfc3339::option")]
    published_at: Option<OffsetDateTime>,
    /// Every consumer of the subject, and when the event had its effect there.
    heard: BTreeMap<&'static str, Option<Moment>>,
    /// The place in the trace of what caused it.
    #[serde(skip)]
    pub traceparent: Option<Traceparent>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
struct Moment(#[serde(with = "rfc3339")] OffsetDateTime);

/// The events of the last seven days with this session in them, in the order in which they were said.
pub async fn told(session: SessionId) -> anyhow::Result<Vec<Told>> {
    let mut said: Vec<(Service, Said)> = Vec::new();
    for service in Service::ALL {
        let events = outbox::mentioning(&service.pool()?, &session.to_string()).await?;
        said.extend(events.into_iter().map(|event| (service, event)));
    }
    said.sort_by_key(|(_, event)| event.id);
    let ids: Vec<EventId> = said.iter().map(|(_, event)| event.id).collect();
    let mut handled: Vec<Handled> = Vec::new();
    for service in Service::hearing() {
        handled.extend(inbox::handled(&service.pool()?, &ids).await?);
    }
    Ok(said.into_iter().map(|(service, event)| Told::of(service, event, &handled)).collect())
}

impl Told {
    fn of(service: Service, event: Said, handled: &[Handled]) -> Self {
        let at = |consumer| {
            let of_this = |one: &&Handled| one.event == event.id && one.consumer == consumer;
            handled.iter().find(of_this).map(|one| Moment(one.at))
        };
        let consumers = CONSUMERS.iter().filter(|consumer| consumer.subject == event.subject);
        Self {
            heard: consumers.map(|consumer| (consumer.name, at(consumer.name))).collect(),
            id: event.id,
            subject: event.subject,
            said_by: service.to_string(),
            event: event.event,
            said_at: event.created_at,
            published_at: event.published_at,
            traceparent: event.traceparent,
        }
    }
}
