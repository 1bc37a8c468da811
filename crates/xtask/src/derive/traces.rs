//! `specs/traces.md`: what spans are called, and what spans and log lines carry.

use super::{ask, write_if_changed};
use crate::{
    stack::{Stack, catalogue},
    steps::Step,
};
use anyhow::{Context, Result};
use serde_json::Value;
use std::fmt::Write as _;

/// Rewrites the page; answers what it did.
pub fn derive(stack: &Stack, step: &Step) -> Result<String> {
    // They all have the same schema.
    let text = ask(stack, catalogue::SERVICES[0].name, "schema", step)?;
    let schema: Value = serde_json::from_str(&text).context("the schema is described in JSON")?;
    write_if_changed(&stack.house.root.join("specs/traces.md"), &page(&schema)?)?;
    Ok(format!("{} names, {} fields", list(&schema["families"]).len(), list(&schema["fields"]).len()))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn word<'a>(of: &'a Value, key: &str) -> Result<&'a str> {
    of[key].as_str().with_context(|| format!("{of} has no {key}"))
}

fn code(word: &str) -> String {
    format!("`{word}`")
}

fn page(schema: &Value) -> Result<String> {
    let mut text = String::from(
        "# Spans and log lines\n\nDerived from `crates/telemetry/src/schema.rs` by `cargo xtask derive traces`: do not edit.\n\n\
         ## Spans\n\n| name | fields | what they show |\n|---|---|---|\n",
    );
    for family in list(&schema["families"]) {
        let fields: Vec<String> =
            list(&family["fields"]).iter().filter_map(Value::as_str).map(code).collect();
        let _ = writeln!(
            text,
            "| `{}` | {} | {} |",
            word(family, "form")?,
            fields.join(", "),
            word(family, "help")?
        );
    }
    text.push_str(
        "\n## Fields\n\nA field of spans may stand on log lines too.\n\n\
         | field | of | value | OpenTelemetry calls it | what it says |\n|---|---|---|---|---|\n",
    );
    for field in list(&schema["fields"]) {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            word(field, "name")?,
            word(field, "carrier")?,
            word(field, "value")?,
            field["convention"].as_str().map_or_else(|| "-".to_owned(), code),
            word(field, "help")?,
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_name_and_each_field() {
        let schema = serde_json::json!({
            "families": [{ "form": "job.<kind>", "fields": ["a.b", "c"], "help": "Jobs." }],
            "fields": [
                { "name": "a.b", "value": "id", "carrier": "spans", "convention": "x.y", "help": "Of a." },
                { "name": "c", "value": "text", "carrier": "lines", "convention": null, "help": "Of c." },
            ],
        });
        let page = page(&schema).unwrap();
        assert!(page.contains("| `job.<kind>` | `a.b`, `c` | Jobs. |"));
        assert!(page.contains("| `a.b` | spans | id | `x.y` | Of a. |"));
        assert!(page.ends_with("| `c` | lines | text | - | Of c. |\n"));
    }
}
