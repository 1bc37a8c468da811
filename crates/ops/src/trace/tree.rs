//! Spans as an indented tree, each below the one that caused it.

use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What Jaeger's query API answers.
#[derive(Debug, Deserialize)]
pub struct Answer {
    pub data: Vec<Trace>,
}

/// One trace.
#[derive(Debug, Deserialize)]
pub struct Trace {
    #[serde(rename = "traceID")]
    id: String,
    spans: Vec<Span>,
    processes: HashMap<String, Process>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Span {
    #[serde(rename = "spanID")]
    id: String,
    operation_name: String,
    #[serde(rename = "processID")]
    process: String,
    #[serde(default)]
    references: Option<Vec<Reference>>,
    /// Microseconds since the Unix epoch.
    start_time: u64,
    /// Microseconds.
    duration: u64,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    logs: Vec<Log>,
}

/// What was said while it lasted.
#[derive(Debug, Deserialize)]
struct Log {
    fields: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    ref_type: String,
    #[serde(rename = "traceID")]
    trace: String,
    #[serde(rename = "spanID")]
    span: String,
}

#[derive(Debug, Deserialize)]
struct Tag {
    key: String,
    value: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Process {
    service_name: String,
}

/// One line for each span: what it is, where, how long after the first it began, how long it took, and whether it
/// failed. A span whose cause is not in the trace stands at the left edge and says so.
pub fn tree(mut trace: Trace) -> String {
    trace.spans.sort_by_key(|span| span.start_time);
    let began = trace.spans.first().map_or(0, |span| span.start_time);
    let there: HashSet<&str> = trace.spans.iter().map(|span| span.id.as_str()).collect();
    let mut caused: BTreeMap<Option<&str>, Vec<&Span>> = BTreeMap::new();
    for span in &trace.spans {
        let cause = span.cause(&trace.id).filter(|cause| there.contains(cause));
        caused.entry(cause).or_default().push(span);
    }
    let mut lines = Vec::new();
    let mut waiting = below(&caused, None, 0);
    while let Some((depth, span)) = waiting.pop() {
        let service = trace.processes.get(&span.process).map_or("?", |process| process.service_name.as_str());
        let orphan = depth == 0 && span.cause(&trace.id).is_some();
        lines.push(format!(
            "{:indent$}{} ({service}) +{} {}{}{}",
            "",
            span.operation_name,
            milliseconds(span.start_time - began),
            milliseconds(span.duration),
            span.failure().map(|why| format!(" FAILED{why}")).unwrap_or_default(),
            if orphan { " (its cause is not here)" } else { "" },
            indent = 2 * depth,
        ));
        waiting.extend(below(&caused, Some(&span.id), depth + 1));
    }
    lines.join("\n")
}

/// What a span caused, the last one first: a stack hands them out in the order in which they began.
fn below<'a>(
    caused: &BTreeMap<Option<&str>, Vec<&'a Span>>,
    cause: Option<&str>,
    depth: usize,
) -> Vec<(usize, &'a Span)> {
    let spans = caused.get(&cause).map(Vec::as_slice).unwrap_or_default();
    spans.iter().rev().map(|span| (depth, *span)).collect()
}

impl Span {
    /// The span that caused it; a link to another trace is no cause.
    fn cause(&self, trace: &str) -> Option<&str> {
        let references = self.references.as_deref().unwrap_or_default();
        let cause = |one: &&Reference| one.ref_type == "CHILD_OF" && one.trace == trace;
        references.iter().find(cause).map(|one| one.span.as_str())
    }

    /// What it says of its failure, if it failed. A backend may keep what was said in a span and not how it ended.
    fn failure(&self) -> Option<String> {
        let tag = |key| self.tags.iter().find(|tag| tag.key == key).map(|tag| &tag.value);
        let ended_so = tag("error").is_some_and(|error| error == true || error == "true")
            || tag("otel.status_code").is_some_and(|code| code == "ERROR");
        let mut said = self.logs.iter().flat_map(|log| &log.fields);
        let said_so = said.any(|field| field.key == "level" && field.value == "ERROR");
        let why = tag("otel.status_description").and_then(Value::as_str).filter(|why| !why.is_empty());
        (ended_so || said_so).then(|| why.map(|why| format!(": {why}")).unwrap_or_default())
    }
}

fn milliseconds(microseconds: u64) -> String {
    format!("{:.1}ms", microseconds as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn span(id: &str, cause: Option<&str>, began: u64, tags: &Value) -> Value {
        let references =
            cause.map(|cause| json!([{ "refType": "CHILD_OF", "traceID": "t", "spanID": cause }]));
        json!({
            "traceID": "t", "spanID": id, "operationName": id, "processID": "p1", "references": references,
            "startTime": began, "duration": 1500, "tags": tags,
        })
    }

    #[test]
    fn what_a_span_caused_stands_below_it_in_time() {
        let trace = json!({
            "traceID": "t",
            "spans": [
                span("late", Some("root"), 3000, &json!([{ "key": "error", "value": true }])),
                span("root", None, 1000, &json!([])),
                span("deep", Some("early"), 2100, &json!([])),
                span("early", Some("root"), 2000, &json!([])),
                span("lost", Some("elsewhere"), 4000, &json!([])),
            ],
            "processes": { "p1": { "serviceName": "sessions" } },
        });
        let shown = tree(serde_json::from_value(trace).unwrap());
        assert_eq!(
            shown.lines().collect::<Vec<_>>(),
            [
                "root (sessions) +0.0ms 1.5ms",
                "  early (sessions) +1.0ms 1.5ms",
                "    deep (sessions) +1.1ms 1.5ms",
                "  late (sessions) +2.0ms 1.5ms FAILED",
                "lost (sessions) +3.0ms 1.5ms (its cause is not here)",
            ]
        );
    }
}
