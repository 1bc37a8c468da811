//! Facts every replica must know: each one hears all of them, from some time before it started.

use crate::{Bus, EVENT_ID};
use async_nats::jetstream::consumer::{DeliverPolicy, pull::OrderedConfig};
use events::{Event, catalogue};
use futures::StreamExt as _;
use lifecycle::Lifecycle;
use std::time::Duration;

/// Hears every event of one kind said since `past` before now, and then each new one, until the process stops.
/// Delivery starts over when the connection or the stream is lost, so hearing one twice must do no harm.
pub fn hear_all<E: Event>(
    bus: Bus,
    lifecycle: &Lifecycle,
    past: Duration,
    hear: impl Fn(E) + Send + Sync + 'static,
) {
    let life = lifecycle.clone();
    lifecycle.spawn(async move {
        while !life.is_stopping() {
            tokio::select! {
                () = listen(&bus, past, &hear) => {}
                () = life.stopping() => return,
            }
            life.pause(Duration::from_millis(500)).await;
        }
    });
}

async fn listen<E: Event>(bus: &Bus, past: Duration, hear: &(impl Fn(E) + Sync)) {
    let Some(stream) = catalogue::stream_of(E::SUBJECT).filter(|_| bus.is_connected()) else { return };
    let Ok(stream) = bus.jetstream.get_stream(stream.name).await else { return };
    let config = OrderedConfig {
        filter_subject: E::SUBJECT.to_owned(),
        deliver_policy: DeliverPolicy::ByStartTime { start_time: clock::Clock::System.now() - past },
        ..OrderedConfig::default()
    };
    let Ok(consumer) = stream.create_consumer(config).await else { return };
    let Ok(mut messages) = consumer.messages().await else { return };
    while let Some(Ok(message)) = messages.next().await {
        match E::decode(message.payload.clone()) {
            Ok(event) => hear(event),
            Err(error) => {
                let id = message
                    .headers
                    .as_ref()
                    .and_then(|headers| headers.get(EVENT_ID))
                    .map(ToString::to_string);
                tracing::error!(%error, event.id = id, event.subject = E::SUBJECT, "An event cannot be decoded");
            }
        }
    }
}
