//! Logs, traces and metrics of a process, and carrying a trace from one process to the next.
//!
//! Logs are JSON lines on standard output. Spans go to an OTLP endpoint when one is configured; when it
//! is down they are dropped and nothing else notices. Metrics wait for somebody to ask for [`Telemetry::metrics`].
//!
//! Nothing that names a person or holds their words is ever an attribute: ids, counts and durations only.

mod carry;
pub mod catalogue;
mod exporter;
mod lines;
pub mod schema;

pub use carry::{Traceparent, continue_from, current_trace_id, current_traceparent, link_to, span_elsewhere};

use catalogue::{Kind, METRICS, Values};
use environment::{ConfigError, Environment};
use exporter::Exporter;
use lines::Lines;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::Level;
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, LevelFilter, ParseError, filter_fn},
    fmt::format::JsonFields,
    layer::{Filter, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

/// Target of the lines that are written whatever `LOG` says: what was done to whose data.
pub const AUDIT: &str = "audit";

/// What telemetry is told from outside.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where spans go, as an OTLP/gRPC URL; `None` sends them nowhere.
    pub otlp_endpoint: Option<String>,
    /// Which log lines are written, in the form of `tracing-subscriber`'s filter.
    pub log: String,
}

impl Config {
    /// Reads `OTLP_ENDPOINT` and `LOG`.
    pub fn read(env: &Environment) -> Result<Self, ConfigError> {
        Ok(Self {
            otlp_endpoint: env
                .optional("OTLP_ENDPOINT", "OTLP/gRPC URL that receives spans; empty sends none"),
            log: env.text("LOG", "Which log lines are written, by level and module", "info"),
        })
    }
}

/// Telemetry could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// `LOG` does not parse. Why would repeat the value.
    #[error("setting LOG is not a log filter")]
    Filter,
    /// The span exporter could not be made. Why would repeat the value.
    #[error("setting OTLP_ENDPOINT is not a URL that spans can be sent to")]
    Exporter,
    /// Another recorder or subscriber is installed.
    #[error("telemetry was started twice in one process")]
    Twice,
}

/// Running telemetry. Keep it until the end of the process and [`flush`](Telemetry::flush) it.
#[derive(Clone, Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
    metrics: PrometheusHandle,
}

/// Starts logs, spans and metrics of this process.
pub fn start(config: &Config, service: &'static str) -> Result<Telemetry, StartError> {
    let lines = tracing_subscriber::fmt::layer().fmt_fields(JsonFields::new()).event_format(Lines::new());
    let lines = lines.with_filter(filter(&config.log).map_err(|_| StartError::Filter)?);
    let provider = provider(config.otlp_endpoint.as_deref(), service)?;
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    opentelemetry::global::set_tracer_provider(provider.clone());

    // Libraries have spans of their own at finer levels, also those that carry ours away.
    let spans = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(service))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(LevelFilter::INFO);
    tracing_subscriber::registry().with(lines).with(spans).try_init().map_err(|_| StartError::Twice)?;

    // What a panic says may quote what it could not handle; its place is enough to find it.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(panic.place = place, "Something panicked");
    }));

    let metrics = recorder().map_err(|_| StartError::Twice)?;
    describe(service);
    Ok(Telemetry { provider, metrics })
}

/// Which lines are written. Spans are there whatever that is: a line names the one it was written in.
fn filter<S>(log: &str) -> Result<impl Filter<S> + use<S>, ParseError> {
    let lines = EnvFilter::try_new(log)?.add_directive(format!("{AUDIT}=info").parse()?);
    let spans = filter_fn(|metadata| metadata.is_span() && *metadata.level() <= Level::INFO);
    Ok(lines.or(spans.with_max_level_hint(LevelFilter::INFO)))
}

/// What the process counts with.
fn recorder() -> Result<PrometheusHandle, BuildError> {
    let mut builder = PrometheusBuilder::new();
    for metric in METRICS {
        if let Kind::Histogram(buckets) = metric.kind {
            builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets)?;
        }
    }
    builder.install_recorder()
}

/// Says what every metric is, and lets this service's counters begin at nought: the first of something that goes wrong
/// is a growth as well, which nobody sees in a series that begins with it.
fn describe(service: &str) {
    let own = format!("services/{service}");
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(metric.name, metric.help),
            Kind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
            Kind::Histogram(_) => metrics::describe_histogram!(metric.name, metric.help),
        }
        if metric.kind == Kind::Counter
            && metric.recorded_in.iter().any(|place| *place == own || *place == "crates/telemetry")
        {
            for labels in combinations(metric.labels) {
                metrics::counter!(metric.name, &labels).increment(0);
            }
        }
    }
}

/// Every set of values that labels may have together; none when one of them has values that are not known here.
fn combinations(labels: &[catalogue::Label]) -> Vec<Vec<(&'static str, &'static str)>> {
    labels.iter().fold(vec![vec![]], |sets, label| {
        let Values::These(values) = label.values else { return vec![] };
        let with = |set: &Vec<_>, value| [set.as_slice(), &[(label.name, value)]].concat();
        sets.iter().flat_map(|set| values.iter().map(|value| with(set, *value))).collect()
    })
}

/// Without an endpoint spans still get ids, because a trace id is the reference a learner can quote.
fn provider(endpoint: Option<&str>, service: &'static str) -> Result<SdkTracerProvider, StartError> {
    // Each process says which instance it is: the trace backend tells processes apart by it.
    let instance = format!("{service}-{}", std::process::id());
    let resource = Resource::builder()
        .with_service_name(service)
        .with_attribute(KeyValue::new("service.instance.id", instance))
        .build();
    let builder = SdkTracerProvider::builder().with_resource(resource);
    let Some(url) = endpoint else { return Ok(builder.build()) };
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(url)
        .build()
        .map_err(|_| StartError::Exporter)?;
    Ok(builder.with_batch_exporter(Exporter::new(exporter)).build())
}

impl Telemetry {
    /// The metrics of this process in Prometheus' text form.
    #[must_use]
    pub fn metrics(&self) -> String {
        self.metrics.run_upkeep();
        self.metrics.render()
    }

    /// Sends what is still waiting. Called once, at the end; blocks for at most a few seconds.
    pub fn flush(&self) {
        // A dead trace backend must not turn a clean stop into a failed one.
        if let Err(error) = self.provider.shutdown() {
            tracing::debug!(%error, "Spans were left unsent");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_to_whose_data_is_written_whatever_else_is_not() {
        for log in ["off", "error", "warn,sessions=debug"] {
            let lines = tracing_subscriber::fmt::layer().with_filter(filter(log).unwrap());
            tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
                assert!(tracing::event_enabled!(target: AUDIT, Level::INFO), "{log}");
                assert!(!tracing::event_enabled!(target: "else", Level::INFO), "{log}");
                assert!(tracing::span_enabled!(target: "else", Level::INFO), "{log}");
                assert!(!tracing::span_enabled!(target: "else", Level::DEBUG), "{log}");
            });
        }
    }

    #[test]
    fn labels_are_combined_as_far_as_their_values_are_known() {
        let label = |name, values| catalogue::Label { name, values };
        let (ab, cd) = (label("x", Values::These(&["a", "b"])), label("y", Values::These(&["c", "d"])));
        assert_eq!(combinations(&[]), [[]]);
        assert_eq!(combinations(&[ab, cd]).len(), 4);
        assert!(combinations(&[ab, cd]).contains(&vec![("x", "b"), ("y", "c")]));
        assert!(combinations(&[ab, label("z", Values::EachOf("routes"))]).is_empty());
    }
}
