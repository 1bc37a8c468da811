//! The check, shown what really stands there with one mistake planted in it.

use super::*;
use serde_json::json;
use std::sync::LazyLock;

static WATCH: LazyLock<Watch> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let house = House { local: root.join(".local"), target: root.join("target"), root };
    let place = std::env::temp_dir().join(format!("xtask-observability-{}", std::process::id()));
    let steps = Steps::new(&place);
    let read = steps.run("a test", |step| Ok((Watch::read(&house, step)?, String::new())));
    fs::remove_dir_all(place).unwrap();
    read.unwrap()
});

fn with(change: impl FnOnce(&mut Watch)) -> Vec<String> {
    let mut other = WATCH.clone();
    change(&mut other);
    complaints(&other)
}

fn alert<'a>(watch: &'a mut Watch, name: &str) -> &'a mut Value {
    watch.rules.iter_mut().find(|rule| rule["alert"] == name).unwrap()
}

#[test]
fn what_stands_there_is_right() {
    assert_eq!(complaints(&WATCH), [""; 0]);
    assert_eq!(WATCH.dashboards.len(), 4);
}

#[test]
fn every_mistake_is_found() {
    let panel = |watch: &mut Watch, place: &str, value| {
        *watch.dashboards.get_mut("cost.json").unwrap().pointer_mut(place).unwrap() = value;
    };
    let elsewhere = |watch: &mut Watch| {
        alert(watch, "OutboxLag")["annotations"]["runbook"] = json!("specs/runbooks/lag.md");
    };
    let target = "/panels/0/targets/0/expr";
    for (found, expected) in [
        (
            with(|watch| alert(watch, "OutboxLag")["expr"] = json!("max(outbox_lag) > 30")),
            "OutboxLag reads outbox_lag, which nothing records",
        ),
        (
            with(|watch| panel(watch, target, json!("sum(job_seconds)"))),
            "cost.json: Minutes of calls, last 24 hours reads job_seconds, which nothing records",
        ),
        (
            with(|watch| panel(watch, target, json!("sum(jobs_total{learner=\"1\"})"))),
            "chooses jobs_total by learner, which it does not have",
        ),
        (
            with(|watch| panel(watch, target, json!("vector(0)"))),
            "Minutes of calls, last 24 hours reads nothing",
        ),
        (with(|watch| watch.rules.push(json!({"record": "a:b", "expr": "up"}))), "nothing reads a:b"),
        (
            with(|watch| drop(watch.dashboards.remove("services.json"))),
            "coach_recognizer_restarts_total is on no panel and in no rule",
        ),
        (with(elsewhere), "OutboxLag has no runbook"),
        (with(elsewhere), "no alert calls for outbox-lag.md"),
        (
            with(|watch| alert(watch, "OutboxLag")["alert"] = json!("OutboxSlow")),
            "the list of runbooks does not have OutboxSlow",
        ),
        (
            with(|watch| alert(watch, "OutboxLag")["labels"]["severity"] = json!("page")),
            "no test lets OutboxLag fire as page",
        ),
        (
            with(|watch| alert(watch, "OutboxLag")["labels"]["severity"] = json!("info")),
            "OutboxLag calls nobody",
        ),
        (
            with(|watch| alert(watch, "OutboxLag")["annotations"]["summary"] = json!("")),
            "OutboxLag does not say what is wrong",
        ),
        (with(|watch| panel(watch, "/uid", json!("costs"))), "cost.json is known by another name"),
        (with(|watch| panel(watch, "/panels/1/id", json!(1))), "has the number of another one"),
        (with(|watch| panel(watch, "/panels/1/description", json!(""))), "does not say what it shows"),
        (with(|watch| panel(watch, "/panels/1/datasource/uid", json!("loki"))), "asks somebody else"),
    ] {
        assert!(found.iter().any(|complaint| complaint.contains(expected)), "{expected}: {found:#?}");
    }
}
