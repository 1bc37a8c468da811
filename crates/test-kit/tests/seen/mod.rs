//! Every span of this process, when it has ended.

use opentelemetry::trace::{SpanId, Status, TracerProvider as _};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use std::sync::{Arc, Mutex, OnceLock};
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

#[derive(Clone, Debug, Default)]
struct Ended(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Ended {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

static ENDED: OnceLock<Ended> = OnceLock::new();

/// Begins to look.
pub fn start() {
    ENDED.get_or_init(|| {
        let ended = Ended::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(ended.clone()).build();
        tracing_subscriber::registry()
            .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("test")))
            .init();
        ended
    });
}

/// A span, as far as tests ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub name: String,
    pub id: SpanId,
    pub parent: SpanId,
    pub failed: bool,
    attributes: Vec<(String, String)>,
}

impl Seen {
    /// What it carries under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The spans of a trace that have ended, in the order in which they began.
pub fn trace(id: &str) -> Vec<Seen> {
    let mut spans = ENDED.get().expect("somebody looks").0.lock().unwrap().clone();
    spans.retain(|span| span.span_context.trace_id().to_string() == id);
    spans.sort_by_key(|span| span.start_time);
    spans
        .into_iter()
        .map(|span| Seen {
            name: span.name.to_string(),
            id: span.span_context.span_id(),
            parent: span.parent_span_id,
            failed: matches!(span.status, Status::Error { .. }),
            attributes: span
                .attributes
                .iter()
                .map(|attribute| (attribute.key.to_string(), attribute.value.as_str().into_owned()))
                .collect(),
        })
        .collect()
}
