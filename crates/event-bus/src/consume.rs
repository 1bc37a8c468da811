//! Competing consumers: every delivery goes to one replica, until a verdict says it is dealt with.

use crate::{Bus, EVENT_ID, REPLAYED, TRACEPARENT};
use async_nats::jetstream::{AckKind, Message, consumer::PullConsumer};
use bytes::Bytes;
use events::catalogue::Consumer;
use futures::StreamExt as _;
use ids::EventId;
use lifecycle::Lifecycle;
use rand::RngExt as _;
use seeded_bug::Bug;
use std::{
    future::Future,
    time::{Duration, Instant},
};
use telemetry::Traceparent;
use tracing::Instrument as _;

/// An event that arrived.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id; `None` when it has none we can read.
    pub event: Option<EventId>,
    /// Where it was published.
    pub subject: String,
    /// The encoded event.
    pub payload: Bytes,
    /// The producer's place in the trace.
    pub traceparent: Option<Traceparent>,
    /// How often it was delivered to this consumer, this time included.
    pub attempt: u64,
    /// When the broker got it, in seconds since the Unix epoch.
    published: i64,
    /// Whether an operator sent it again.
    replayed: bool,
}

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its effect is committed, or was before.
    Done,
    /// It could not be handled now; it comes back later.
    Again,
    /// It can never be handled, and is kept where an operator finds it.
    Never,
}

impl Verdict {
    /// Its name in metrics and spans.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Again => "again",
            Self::Never => "never",
        }
    }
}

/// Deliveries taken from the broker at once.
const BATCH: usize = 16;
/// How long one pull waits for a first delivery.
const PULL: Duration = Duration::from_secs(5);
/// An event this old, in seconds, starts a trace of its own, linked to its producer's: nobody waits for that one any more.
const TRACE_ENDS_AFTER: i64 = 3600;

/// Handles the deliveries of one consumer until the process stops. `ready` is awaited before each pull: it
/// resolves when the handler's own database answers, so that no delivery is taken only to be given back.
pub fn work<R, RF, H, HF>(bus: Bus, consumer: Consumer, lifecycle: &Lifecycle, ready: R, handle: H)
where
    R: Fn() -> RF + Send + Sync + 'static,
    RF: Future<Output = ()> + Send,
    H: Fn(Delivery) -> HF + Send + Sync + 'static,
    HF: Future<Output = Verdict> + Send,
{
    let life = lifecycle.clone();
    lifecycle.spawn(async move {
        while !life.is_stopping() {
            tokio::select! {
                () = ready() => {}
                () = life.stopping() => return,
            }
            if !pull(&bus, consumer, &life, &handle).await && !life.pause(Duration::from_millis(500)).await {
                return;
            }
        }
    });
}

/// One pull. Says whether the broker answered.
async fn pull<H, HF>(bus: &Bus, consumer: Consumer, life: &Lifecycle, handle: &H) -> bool
where
    H: Fn(Delivery) -> HF,
    HF: Future<Output = Verdict>,
{
    if !bus.is_connected() {
        return false;
    }
    // Asked anew each time: a consumer that was made again under the same name is found, not waited for.
    let Ok(pulled) = bus.jetstream.get_consumer_from_stream::<_, _, _>(consumer.name, consumer.stream).await
    else {
        return false;
    };
    let pulled: PullConsumer = pulled;
    let Ok(mut batch) = pulled.batch().max_messages(BATCH).expires(PULL).messages().await else {
        return false;
    };
    loop {
        let next = tokio::select! {
            next = batch.next() => next,
            () = life.stopping() => return true,
        };
        match next {
            Some(Ok(message)) => deliver(consumer, message, handle).await,
            Some(Err(_)) => return false,
            None => return true,
        }
    }
}

async fn deliver<H, HF>(consumer: Consumer, message: Message, handle: &H)
where
    H: Fn(Delivery) -> HF,
    HF: Future<Output = Verdict>,
{
    let Ok(delivery) = Delivery::of(&message) else {
        tracing::error!(
            consumer.name = consumer.name,
            "A delivery has no JetStream facts; the broker sends it again"
        );
        return;
    };
    let span = delivery.span(consumer);
    let (attempt, published, begun) = (delivery.attempt, delivery.published, Instant::now());
    if seeded_bug::is_made(Bug::AcknowledgedFirst) {
        let _ = message.ack().await;
    }
    let verdict = handle(delivery).instrument(span.clone()).await;
    span.record("event.verdict", verdict.as_str());
    if verdict != Verdict::Done {
        span.record("otel.status_code", "ERROR");
    }
    let kind = match verdict {
        Verdict::Done => AckKind::Ack,
        Verdict::Again => AckKind::Nak(Some(retry_delay(attempt))),
        Verdict::Never => AckKind::Term,
    };
    metrics::counter!("event_deliveries_total", "consumer" => consumer.name, "verdict" => verdict.as_str())
        .increment(1);
    metrics::histogram!("event_delivery_seconds", "consumer" => consumer.name).record(begun.elapsed());
    metrics::gauge!("event_last_delivered_timestamp_seconds", "consumer" => consumer.name)
        .set(published as f64);
    // An answer that is lost brings the delivery back; the inbox knows it.
    if let Err(error) = message.ack_with(kind).await {
        tracing::debug!(%error, consumer.name = consumer.name, "An acknowledgement was lost");
    }
}

/// 0.5 s doubling to 30 s, less up to a fifth. A bare refusal would come back at once.
fn retry_delay(attempt: u64) -> Duration {
    let full = Duration::from_millis(500 << attempt.saturating_sub(1).min(6)).min(Duration::from_secs(30));
    full.mul_f64(rand::rng().random_range(0.8..=1.0))
}

impl Delivery {
    fn of(message: &Message) -> Result<Self, async_nats::Error> {
        let info = message.info()?;
        let header = |name: &str| {
            message
                .headers
                .as_ref()
                .and_then(|headers| headers.get(name))
                .map(|value| value.as_str().to_owned())
        };
        Ok(Self {
            event: header(EVENT_ID).and_then(|text| text.parse().ok()),
            subject: message.subject.to_string(),
            payload: message.payload.clone(),
            traceparent: header(TRACEPARENT).and_then(|text| text.parse().ok()),
            attempt: u64::try_from(info.delivered).unwrap_or(1),
            published: info.published.unix_timestamp(),
            replayed: header(REPLAYED).is_some(),
        })
    }

    /// A child of the producer's span with a link to it; only linked when the producer's trace is long over.
    fn span(&self, consumer: Consumer) -> tracing::Span {
        let span = tracing::info_span!(
            "process",
            otel.name = format!("event.{} process", self.subject),
            otel.kind = "consumer",
            consumer.name = consumer.name,
            event.id = self.event.map(tracing::field::display),
            event.attempt = self.attempt,
            event.replayed = self.replayed.then_some(true),
            event.duplicate = tracing::field::Empty,
            event.verdict = tracing::field::Empty,
            otel.status_code = tracing::field::Empty,
        );
        if let Some(producer) = self.traceparent {
            // What is sent again was published just now; its id knows when it happened.
            let happened = self.event.and_then(EventId::minted_at).unwrap_or(self.published);
            if clock::Clock::System.now().unix_timestamp() - happened <= TRACE_ENDS_AFTER {
                telemetry::continue_from(&span, producer);
            }
            telemetry::link_to(&span, producer);
        }
        span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_waits_longer_each_time_but_never_over_half_a_minute() {
        assert!(retry_delay(1) <= Duration::from_millis(500));
        assert!(retry_delay(4) >= Duration::from_secs(3));
        assert!((24..=30).contains(&retry_delay(u64::MAX).as_secs()));
    }
}
