//! Carrying a trace across HTTP, gRPC, the outbox and NATS, always as a W3C `traceparent`.

use opentelemetry::{
    Context, global,
    trace::{
        Span as _, SpanContext, SpanId, SpanKind, TraceContextExt as _, TraceFlags, TraceId, TraceState,
        Tracer as _,
    },
};
use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// A place in a trace, in the form of W3C Trace Context (version 00).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traceparent {
    trace: TraceId,
    span: SpanId,
    flags: TraceFlags,
}

/// The text is not a traceparent.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a W3C traceparent")]
pub struct NotATraceparent;

impl FromStr for Traceparent {
    type Err = NotATraceparent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('-');
        let (Some("00"), Some(trace), Some(span), Some(flags), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotATraceparent);
        };
        if trace.len() != 32 || span.len() != 16 || flags.len() != 2 {
            return Err(NotATraceparent);
        }
        let parent = Self {
            trace: TraceId::from_hex(trace).map_err(|_| NotATraceparent)?,
            span: SpanId::from_hex(span).map_err(|_| NotATraceparent)?,
            flags: TraceFlags::new(u8::from_str_radix(flags, 16).map_err(|_| NotATraceparent)?),
        };
        if parent.context().is_valid() { Ok(parent) } else { Err(NotATraceparent) }
    }
}

impl fmt::Display for Traceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, self.flags.to_u8())
    }
}

impl Traceparent {
    /// The trace it lies in, as 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }

    fn context(self) -> SpanContext {
        SpanContext::new(self.trace, self.span, self.flags, true, TraceState::default())
    }

    fn of(span: &Span) -> Option<Self> {
        let context = span.context();
        let context = context.span().span_context().clone();
        context.is_valid().then(|| Self {
            trace: context.trace_id(),
            span: context.span_id(),
            flags: context.trace_flags(),
        })
    }
}

/// Where we are: what the next process is told. `None` when spans are not exported.
#[must_use]
pub fn current_traceparent() -> Option<Traceparent> {
    Traceparent::of(&Span::current())
}

/// The trace we are in, as 32 hexadecimal digits.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    current_traceparent().map(|parent| parent.trace_id())
}

/// Makes `span` a child of a span in another process. Call it before the span is entered.
pub fn continue_from(span: &Span, parent: Traceparent) {
    let context = Context::new().with_remote_span_context(parent.context());
    // Refused only for a span that has started; ours has not.
    let _ = span.set_parent(context);
}

/// Notes that `span` has to do with a span elsewhere without being its child.
pub fn link_to(span: &Span, other: Traceparent) {
    span.add_link(other.context());
}

/// Writes down a span that somebody measured who sends no spans, a browser: it ended then, and took so long.
pub fn span_elsewhere(name: String, parent: Traceparent, ended: SystemTime, took: Duration) {
    let tracer = global::tracer("browser");
    let began = ended.checked_sub(took).unwrap_or(ended);
    let span = tracer.span_builder(name).with_kind(SpanKind::Client).with_start_time(began);
    let above = Context::new().with_remote_span_context(parent.context());
    tracer.build_with_context(span, &above).end_with_timestamp(ended);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_survives_its_text() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(text.parse::<Traceparent>().unwrap().to_string(), text);
    }

    #[test]
    fn nonsense_and_zeroes_are_refused() {
        for text in [
            "",
            "00-x-y-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(text.parse::<Traceparent>(), Err(NotATraceparent), "{text}");
        }
    }
}
