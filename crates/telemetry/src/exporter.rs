//! What leaves the process as spans: nothing but what the schema knows.

use crate::schema::{self, Carrier};
use opentelemetry::{KeyValue, trace::Status};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// What a line that was written in a span keeps beside the fields of spans.
const LEVEL: &str = "level";
/// Which module wrote it: nobody misses it.
const TARGET: &str = "target";

/// An exporter that takes away what is not in the schema, and fails without a word for each batch.
#[derive(Debug)]
pub(crate) struct Exporter<E> {
    inner: E,
    failing: AtomicBool,
}

impl<E> Exporter<E> {
    pub(crate) const fn new(inner: E) -> Self {
        Self { inner, failing: AtomicBool::new(false) }
    }

    /// Says when spans begin to be lost, and when they arrive again: a batch is every few seconds, for hours.
    fn note(&self, failed: bool) {
        match (self.failing.swap(failed, Ordering::Relaxed), failed) {
            (false, true) => tracing::warn!("Spans do not arrive; they are dropped until they do"),
            (true, false) => tracing::info!("Spans arrive again"),
            _ => {}
        }
    }
}

impl<E: SpanExporter> SpanExporter for Exporter<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        batch.iter_mut().for_each(hold);
        let spans = batch.len() as u64;
        let outcome = self.inner.export(batch).await;
        if outcome.is_err() {
            metrics::counter!("telemetry_dropped_total", "what" => "span").increment(spans);
        }
        self.note(outcome.is_err());
        // The error would be logged again by whoever asked, for each batch.
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// Takes away what the schema does not have. What is for lines only stays on the line, which has the trace's id.
fn hold(span: &mut SpanData) {
    span.attributes.retain(is_on_spans);
    for event in &mut span.events.events {
        event.attributes.retain(|attribute| attribute.key.as_str() == LEVEL || is_on_spans(attribute));
    }
    for link in &mut span.links.links {
        link.attributes.retain(is_on_spans);
    }
    if matches!(span.status, Status::Error { .. }) {
        span.status = Status::error("");
    }
}

fn is_on_spans(attribute: &KeyValue) -> bool {
    let known = schema::field(attribute.key.as_str());
    if known.is_none() && attribute.key.as_str() != TARGET {
        metrics::counter!("telemetry_dropped_total", "what" => "span_field").increment(1);
    }
    known.is_some_and(|field| field.carrier == Carrier::Spans)
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::{error::OTelSdkError, trace::SdkTracerProvider};
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::layer::SubscriberExt as _;

    /// Keeps what arrives, or refuses it.
    #[derive(Clone, Debug, Default)]
    struct Sink {
        arrived: Arc<Mutex<Vec<SpanData>>>,
        refuses: bool,
    }

    impl SpanExporter for Sink {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            self.arrived.lock().unwrap().extend(batch);
            if self.refuses {
                Err(OTelSdkError::InternalFailure("nobody is there".to_owned()))
            } else {
                Ok(())
            }
        }
    }

    /// What arrives of what is done, and the metrics.
    fn arrived(sink: &Sink, done: impl FnOnce()) -> (Vec<SpanData>, String) {
        let provider = SdkTracerProvider::builder().with_simple_exporter(Exporter::new(sink.clone())).build();
        let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let recorder = PrometheusBuilder::new().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            tracing::subscriber::with_default(tracing_subscriber::registry().with(spans), done);
        });
        (sink.arrived.lock().unwrap().clone(), recorder.handle().render())
    }

    fn keys(attributes: &[KeyValue]) -> Vec<&str> {
        attributes.iter().map(|attribute| attribute.key.as_str()).collect()
    }

    #[test]
    fn what_is_not_in_the_schema_does_not_leave() {
        let (spans, metrics) = arrived(&Sink::default(), || {
            let span =
                tracing::info_span!("db.take.begin", take.id = "t-1", transcript = "said by a learner");
            span.in_scope(|| {
                let error = std::io::Error::other("said by a learner");
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    session.id = "s-1",
                    "It is not to be had"
                );
            });
        });
        let [span] = spans.as_slice() else { panic!("{spans:?}") };
        assert!(!format!("{spans:?}").contains("said by a learner"), "{spans:?}");
        assert_eq!(keys(&span.attributes), ["take.id"]);
        let [line] = span.events.events.as_slice() else { panic!("{span:?}") };
        assert_eq!(
            (&*line.name, keys(&line.attributes)),
            ("It is not to be had", vec!["level", "session.id"])
        );
        assert_eq!(span.status, Status::error(""));
        assert!(metrics.contains(r#"telemetry_dropped_total{what="span_field"}"#), "{metrics}");
    }

    #[test]
    fn spans_that_do_not_arrive_are_counted_and_nobody_else_is_told() {
        let sink = Sink { refuses: true, ..Sink::default() };
        let (spans, metrics) = arrived(&sink, || (0..3).for_each(|_| drop(tracing::info_span!("job.rate"))));
        assert_eq!(spans.len(), 3);
        assert!(metrics.contains(r#"telemetry_dropped_total{what="span"} 3"#), "{metrics}");
    }
}
