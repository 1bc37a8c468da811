//! Log lines: JSON, each with its place in the trace, and nothing on them but what the schema knows.

use crate::schema;
use opentelemetry::trace::TraceContextExt as _;
use serde_json::{Map, Value};
use std::fmt;
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Json, Writer},
    },
    registry::LookupSpan,
};

/// What every line has by itself, beside its fields. `span` is the innermost span, with its name and fields.
const OWN: &[&str] = &["timestamp", "level", "target", "message", "span"];

/// The form of a line.
#[derive(Debug)]
pub(crate) struct Lines(Format<Json>);

impl Lines {
    pub(crate) fn new() -> Self {
        Self(Format::default().json().flatten_event(true).with_current_span(true).with_span_list(false))
    }
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'name> LookupSpan<'name>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut whole = String::new();
        self.0.format_event(context, Writer::new(&mut whole), event)?;
        let mut line: Map<String, Value> = serde_json::from_str(&whole).map_err(|_| fmt::Error)?;
        line.retain(|name, _| OWN.contains(&name.as_str()) || is_in_schema(name));
        if let Some(Value::Object(span)) = line.get_mut("span") {
            span.retain(|name, _| name == "name" || (!name.starts_with("otel.") && is_in_schema(name)));
        }
        let place = opentelemetry::Context::current().span().span_context().clone();
        if place.is_valid() {
            line.insert("trace_id".to_owned(), place.trace_id().to_string().into());
            line.insert("span_id".to_owned(), place.span_id().to_string().into());
        }
        writeln!(writer, "{}", Value::Object(line))
    }
}

fn is_in_schema(name: &str) -> bool {
    let known = schema::field(name).is_some();
    if !known {
        metrics::counter!("telemetry_dropped_total", "what" => "line_field").increment(1);
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use std::{
        io,
        sync::{Arc, Mutex},
    };
    use tracing_subscriber::{fmt::format::JsonFields, layer::SubscriberExt as _};

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that are written.
    fn written(done: impl FnOnce()) -> Vec<Value> {
        let paper = Paper::default();
        let out = paper.clone();
        let lines = tracing_subscriber::fmt::layer()
            .fmt_fields(JsonFields::new())
            .event_format(Lines::new())
            .with_writer(move || out.clone());
        let spans = tracing_opentelemetry::layer().with_tracer(SdkTracerProvider::default().tracer("test"));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines).with(spans), done);
        let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_has_its_place_in_the_trace_and_only_fields_of_the_schema() {
        let mut trace = None;
        let lines = written(|| {
            tracing::info_span!("job", otel.name = "job.rate", job.kind = "rate", transcript = "said")
                .in_scope(|| {
                    trace = crate::current_trace_id();
                    tracing::warn!(
                        session.id = "s-1",
                        error = "no answer",
                        email = "a@b",
                        "Session {} waits",
                        "s-1"
                    );
                });
        });
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!(line["message"], "Session s-1 waits");
        assert_eq!(
            (&line["session.id"], &line["error"], &line["level"]),
            (&"s-1".into(), &"no answer".into(), &"WARN".into())
        );
        assert_eq!(line["span"], serde_json::json!({ "name": "job", "job.kind": "rate" }));
        assert_eq!(line["trace_id"].as_str(), trace.as_deref());
        assert_eq!(line["span_id"].as_str().map(str::len), Some(16));
        assert!(line["timestamp"].is_string() && line["target"].is_string());
        assert!(line.get("email").is_none(), "{line}");
    }

    #[test]
    fn a_line_outside_of_a_span_has_no_place() {
        let lines = written(|| tracing::info!(service.name = "topics", "Starting topics"));
        assert_eq!((&lines[0]["service.name"], lines[0].get("trace_id")), (&"topics".into(), None));
    }
}
