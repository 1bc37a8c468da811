//! Rules, alerts, their tests, their runbooks and the dashboards, held against the metrics there are and each other.
//!
//! The check answers sentences about what is wrong. Its test plants each mistake in what really stands there.

mod expression;
#[cfg(test)]
mod tests;

use crate::{
    derive::metrics::Reference,
    house::{House, program},
    steps::{Step, Steps, command},
    tools,
};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// What whoever collects the metrics adds to every series.
const ADDED: [&str; 3] = ["service", "instance", "job"];
/// Where one begins without an alert, and the list.
const UNCALLED: [&str; 2] = ["a-learner-says-it-broke.md", "README.md"];
/// Whom an alert calls.
const SEVERITIES: [&str; 2] = ["page", "ticket"];

/// Everything that watches the product.
#[derive(Clone, Debug)]
struct Watch {
    reference: Reference,
    /// Recording rules and alerts, as they stand in their files.
    rules: Vec<Value>,
    /// Alert and severity of each that a test makes fire.
    fired: BTreeSet<(String, String)>,
    /// By their file.
    dashboards: BTreeMap<String, Value>,
    /// By their file.
    runbooks: BTreeMap<String, String>,
}

/// The stage: reads everything, lets Prometheus check its own part, and checks the rest.
pub fn run(house: &House, steps: &Steps, _: Option<&str>) -> Result<()> {
    steps.run("rules, by Prometheus itself", |step| {
        let promtool = program("promtool").context("promtool is not installed")?;
        step.run(command(house, &promtool).args(["check", "rules"]).args(files(house, "rules", "yml")?))?;
        step.run(command(house, &promtool).args(["test", "rules"]).args(files(house, "tests", "yml")?))?;
        Ok(((), "check, test".to_owned()))
    })?;
    steps.run("alerts, runbooks and dashboards", |step| {
        let watch = Watch::read(house, step)?;
        let wrong = complaints(&watch);
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(((), format!("{} alerts, {} panels", watch.alerts().count(), watch.panels().len())))
    })
}

impl Watch {
    fn read(house: &House, step: &Step) -> Result<Self> {
        let listed = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let rules = yaml(house, step, &files(house, "rules", "yml")?)?
            .values()
            .flat_map(|file| listed(&file["groups"]))
            .flat_map(|group| listed(&group["rules"]))
            .collect();
        let fired = yaml(house, step, &files(house, "tests", "yml")?)?
            .values()
            .flat_map(|file| listed(&file["tests"]))
            .flat_map(|test| listed(&test["alert_rule_test"]))
            .flat_map(|moment| {
                let name = text(&moment["alertname"]).to_owned();
                let expected = listed(&moment["exp_alerts"]).into_iter();
                expected.map(move |alert| (name.clone(), text(&alert["exp_labels"]["severity"]).to_owned()))
            })
            .collect();
        let mut dashboards = BTreeMap::new();
        for file in files(house, "dashboards", "json")? {
            let parsed = serde_json::from_str(&fs::read_to_string(&file)?);
            dashboards.insert(name(&file), parsed.with_context(|| format!("{}", file.display()))?);
        }
        let mut runbooks = BTreeMap::new();
        for entry in fs::read_dir(house.root.join("specs/runbooks"))? {
            let file = entry?.path();
            runbooks.insert(name(&file), fs::read_to_string(&file)?);
        }
        let reference = Reference::read(&fs::read_to_string(house.root.join("specs/metrics.md"))?)?;
        Ok(Self { reference, rules, fired, dashboards, runbooks })
    }

    fn alerts(&self) -> impl Iterator<Item = &Value> {
        self.rules.iter().filter(|rule| rule["alert"].is_string())
    }

    fn recorded(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().filter_map(|rule| rule["record"].as_str())
    }

    /// Every panel with the dashboard it is on.
    fn panels(&self) -> Vec<(&str, &Value)> {
        self.dashboards
            .iter()
            .flat_map(|(file, dashboard)| {
                let panels = dashboard["panels"].as_array().map(Vec::as_slice).unwrap_or_default();
                panels.iter().map(move |panel| (file.as_str(), panel))
            })
            .collect()
    }

    /// Every expression, with who has it.
    fn expressions(&self) -> Vec<(String, &str)> {
        let of_rules = self.rules.iter().map(|rule| {
            let name = rule["alert"].as_str().or(rule["record"].as_str()).unwrap_or_default();
            (name.to_owned(), text(&rule["expr"]))
        });
        let of_panels = self.panels().into_iter().flat_map(|(file, panel)| {
            let targets = panel["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
            targets
                .iter()
                .map(move |target| (format!("{file}: {}", text(&panel["title"])), text(&target["expr"])))
        });
        of_rules.chain(of_panels).collect()
    }
}

/// What is wrong.
fn complaints(watch: &Watch) -> Vec<String> {
    [of_expressions(watch), of_alerts(watch), of_panels(watch)].concat()
}

fn of_expressions(watch: &Watch) -> Vec<String> {
    let mut wrong = vec![];
    let mut read = BTreeSet::new();
    for (owner, expression) in watch.expressions() {
        let selectors = expression::selectors(expression);
        if selectors.is_empty() {
            wrong.push(format!("{owner} reads nothing"));
        }
        for selector in selectors {
            let name = selector.name.as_str();
            let known = if name == "up" { Some(vec![]) } else { watch.reference.labels_of(name) };
            match known {
                Some(known) => wrong.extend(
                    selector
                        .labels
                        .iter()
                        .filter(|label| !known.contains(&label.as_str()) && !ADDED.contains(&label.as_str()))
                        .map(|label| format!("{owner} chooses {name} by {label}, which it does not have")),
                ),
                None if watch.recorded().any(|recorded| recorded == name) => {}
                None => wrong.push(format!("{owner} reads {name}, which nothing records")),
            }
            read.insert(selector.name);
        }
    }
    let unread = |name: &&str| !read.contains(*name);
    wrong.extend(watch.recorded().filter(unread).map(|name| format!("nothing reads {name}")));
    let shown = |name: &str| {
        let parts = ["", "_bucket", "_sum", "_count"];
        parts.iter().any(|part| read.contains(&format!("{name}{part}")))
    };
    let hidden = watch.reference.names().filter(|name| !shown(name));
    wrong.extend(hidden.map(|name| format!("{name} is on no panel and in no rule")));
    wrong
}

fn of_alerts(watch: &Watch) -> Vec<String> {
    let mut wrong = vec![];
    let mut called = BTreeSet::from(UNCALLED);
    for alert in watch.alerts() {
        let (name, severity) = (text(&alert["alert"]), text(&alert["labels"]["severity"]));
        if !SEVERITIES.contains(&severity) {
            wrong.push(format!("{name} calls nobody"));
        }
        if text(&alert["annotations"]["summary"]).is_empty() {
            wrong.push(format!("{name} does not say what is wrong"));
        }
        if !watch.fired.contains(&(name.to_owned(), severity.to_owned())) {
            wrong.push(format!("no test lets {name} fire as {severity}"));
        }
        let runbook =
            text(&alert["annotations"]["runbook"]).strip_prefix("specs/runbooks/").unwrap_or_default();
        if watch.runbooks.contains_key(runbook) {
            called.insert(runbook);
        } else {
            wrong.push(format!("{name} has no runbook"));
        }
        let list = watch.runbooks.get("README.md").map(String::as_str).unwrap_or_default();
        let line = list.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        if !line.is_some_and(|line| line.contains(&format!("({runbook})"))) {
            wrong.push(format!("the list of runbooks does not have {name}"));
        }
    }
    let uncalled = watch.runbooks.keys().filter(|file| !called.contains(file.as_str()));
    wrong.extend(uncalled.map(|file| format!("no alert calls for {file}")));
    wrong
}

fn of_panels(watch: &Watch) -> Vec<String> {
    let mut wrong = vec![];
    for (file, dashboard) in &watch.dashboards {
        if file.strip_suffix(".json") != dashboard["uid"].as_str() {
            wrong.push(format!("{file} is known by another name: {}", dashboard["uid"]));
        }
    }
    let mut ids = BTreeSet::new();
    for (file, panel) in watch.panels() {
        let title = text(&panel["title"]);
        if title.is_empty() || text(&panel["description"]).is_empty() {
            wrong.push(format!("{file}: panel {title} does not say what it shows"));
        }
        if panel["datasource"]["uid"] != "prometheus" {
            wrong.push(format!("{file}: panel {title} asks somebody else"));
        }
        if !ids.insert((file, panel["id"].as_u64())) {
            wrong.push(format!("{file}: panel {title} has the number of another one"));
        }
    }
    wrong
}

/// The files of one kind in a folder of `observability`.
fn files(house: &House, folder: &str, end: &str) -> Result<Vec<PathBuf>> {
    let folder = house.root.join("observability").join(folder);
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    let other = files.iter().find(|file| file.extension().is_none_or(|found| found != end));
    ensure!(
        other.is_none(),
        "{} is not .{end}, and nobody would read it",
        other.unwrap_or(&folder).display()
    );
    ensure!(!files.is_empty(), "{} is empty", folder.display());
    Ok(files)
}

fn yaml(house: &House, step: &Step, files: &[PathBuf]) -> Result<BTreeMap<String, Value>> {
    let reader = house.root.join("crates/xtask/src/observability/read.py");
    let mut python = command(house, tools::for_manifests(house, "python3"));
    serde_json::from_str(&step.read(python.arg(reader).args(files))?).context("read.py answers no JSON")
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
