//! `specs/metrics.md`: every metric, as the services themselves describe them.

use super::{ask, write_if_changed};
use crate::{
    stack::{Stack, catalogue},
    steps::Step,
};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write as _};

/// Rewrites the page; answers what it did.
pub fn derive(stack: &Stack, step: &Step) -> Result<String> {
    // They all have the same catalogue.
    let text = ask(stack, catalogue::SERVICES[0].name, "metrics", step)?;
    let metrics: Value = serde_json::from_str(&text).context("metrics are described in JSON")?;
    let metrics = metrics.as_array().context("metrics are a list")?;
    write_if_changed(&stack.house.root.join("specs/metrics.md"), &page(metrics)?)?;
    Ok(format!("{} metrics", metrics.len()))
}

fn page(metrics: &[Value]) -> Result<String> {
    let mut text = String::from(
        "# Metrics\n\nDerived from `crates/telemetry/src/catalogue.rs` by `cargo xtask derive metrics`: do not edit.\n\n\
         Every process answers `GET /metrics`. Who collects adds `service` and `instance`.\n\n\
         | metric | kind | labels | recorded in | what it says |\n|---|---|---|---|---|\n",
    );
    for metric in metrics {
        let word = |key: &str| metric[key].as_str().with_context(|| format!("a metric has no {key}"));
        // What is no word is a histogram with its buckets.
        let kind = metric["kind"].as_str().unwrap_or("histogram");
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let labels: Vec<String> = list(&metric["labels"]).iter().map(label).collect();
        let places: Vec<String> = list(&metric["recorded_in"])
            .iter()
            .map(|place| format!("`{}`", place.as_str().unwrap_or_default()))
            .collect();
        let _ = writeln!(
            text,
            "| `{}` | {kind} | {} | {} | {} |",
            word("name")?,
            if labels.is_empty() { "none".to_owned() } else { labels.join("; ") },
            places.join(", "),
            word("help")?,
        );
    }
    Ok(text)
}

fn label(label: &Value) -> String {
    let values = match &label["values"]["these"] {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        _ => format!("each of {}", label["values"]["eachof"].as_str().unwrap_or_default()),
    };
    format!("`{}`: {values}", label["name"].as_str().unwrap_or_default())
}

/// The page, read again: what rules and dashboards are compared with.
#[derive(Clone, Debug)]
pub struct Reference(BTreeMap<String, Known>);

#[derive(Clone, Debug)]
struct Known {
    is_histogram: bool,
    labels: Vec<String>,
}

impl Reference {
    /// Reads `specs/metrics.md`.
    pub fn read(text: &str) -> Result<Self> {
        let mut metrics = BTreeMap::new();
        for line in text.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<&str> = line.trim_matches(['|', ' ']).split(" | ").collect();
            let [name, kind, labels, _, _] = cells[..] else { bail!("{line} is no metric") };
            let labels = labels
                .split("; ")
                .filter_map(|label| Some(label.strip_prefix('`')?.split_once('`')?.0.to_owned()))
                .collect();
            let known = Known { is_histogram: kind == "histogram", labels };
            metrics.insert(name.trim_matches('`').to_owned(), known);
        }
        Ok(Self(metrics))
    }

    /// All metrics.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The labels of a series; `None` when nothing records it.
    pub fn labels_of(&self, series: &str) -> Option<Vec<&str>> {
        let parts = ["_bucket", "_sum", "_count"];
        let (known, bucket) = match self.0.get(series) {
            Some(known) if !known.is_histogram => (known, false),
            Some(_) => return None,
            None => {
                let part = parts.into_iter().find(|part| series.ends_with(part))?;
                let whole = self.0.get(series.strip_suffix(part)?).filter(|known| known.is_histogram)?;
                (whole, part == "_bucket")
            }
        };
        let mut labels: Vec<&str> = known.labels.iter().map(String::as_str).collect();
        if bucket {
            labels.push("le");
        }
        Some(labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_described_is_read_again() {
        let metrics = [
            json!({"name": "a_total", "kind": "counter", "recorded_in": ["crates/a", "services/b"], "help": "Of a.",
                   "labels": [{"name": "x", "values": {"these": ["1", "2"]}}, {"name": "y", "values": {"eachof": "the ys"}}]}),
            json!({"name": "b_seconds", "kind": {"histogram": [1.0]}, "recorded_in": ["crates/a"], "help": "Of b.", "labels": []}),
        ];
        let page = page(&metrics).unwrap();
        assert!(page.contains(
            "| `a_total` | counter | `x`: 1, 2; `y`: each of the ys | `crates/a`, `services/b` | Of a. |"
        ));
        let reference = Reference::read(&page).unwrap();
        assert_eq!(reference.labels_of("a_total").unwrap(), ["x", "y"]);
        assert_eq!(reference.labels_of("b_seconds_bucket").unwrap(), ["le"]);
        assert_eq!(reference.labels_of("b_seconds_sum").unwrap(), [""; 0]);
        assert_eq!(reference.labels_of("b_seconds"), None);
        assert_eq!(reference.labels_of("a_total_bucket"), None);
    }
}
