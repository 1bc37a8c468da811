//! How pods come and go: nobody is sent to one that leaves, and what is in flight may end.

use super::{
    Code,
    rendering::Rendering,
    workload::{Workload, list, own_image, text, workloads},
};

/// Seconds in which the last spans are sent.
const FAREWELL: u64 = 5;

pub(super) fn check(rendering: &Rendering, code: &Code) -> Vec<String> {
    let source = &code.sources["crates/lifecycle/src/lib.rs"];
    let Some(grace) = grace(source) else {
        return vec!["the grace period of crate lifecycle is not found".to_owned()];
    };
    let mut wrong = vec![];
    for workload in workloads(rendering) {
        if workload.is_ours() && workload.kind == "Deployment" {
            wrong.extend(leaves(&workload, grace));
            wrong.extend(comes(&workload));
        }
    }
    for kind in ["PodDisruptionBudget", "HorizontalPodAutoscaler", "ScaledObject"] {
        for found in rendering.of_kind(kind) {
            wrong.extend(means_a_workload(kind, found, rendering));
        }
    }
    wrong
}

/// Reads `pub const GRACE: Duration = Duration::from_secs(10);`.
fn grace(source: &str) -> Option<u64> {
    let (_, after) = source.split_once("GRACE: Duration = Duration::from_secs(")?;
    after.split(')').next()?.parse().ok()
}

fn leaves(workload: &Workload<'_>, grace: u64) -> Vec<String> {
    let name = workload.name;
    let mut wrong = vec![];
    for container in list(&workload.pod["containers"]) {
        let pause = container.pointer("/lifecycle/preStop/sleep/seconds").and_then(serde_json::Value::as_u64);
        let given = workload.pod["terminationGracePeriodSeconds"].as_u64().unwrap_or(30);
        match pause {
            None | Some(0) => wrong.push(format!("{name} stops while it is still sent requests")),
            Some(pause) if given < pause + grace + FAREWELL => {
                wrong.push(format!(
                    "{name} is killed after {given} s, and may need {}",
                    pause + grace + FAREWELL
                ));
            }
            Some(_) => {}
        }
    }
    wrong
}

fn comes(workload: &Workload<'_>) -> Option<String> {
    let name = workload.name;
    let strategy = &workload.document["spec"]["strategy"];
    // Its calls live in memory.
    if own_image(text(&workload.pod["containers"][0]["image"])) == Some("coach") {
        return (strategy["type"] != "Recreate").then(|| format!("there are two of {name} for a while"));
    }
    let spread = list(&workload.pod["topologySpreadConstraints"]).any(|constraint| {
        workload.is_meant_by(&constraint["labelSelector"])
            && constraint["labelSelector"] != serde_json::json!({})
    });
    if !spread {
        return Some(format!("all replicas of {name} may be on one node"));
    }
    (strategy["rollingUpdate"]["maxUnavailable"] != 0).then(|| format!("{name} is away while it is replaced"))
}

fn means_a_workload(kind: &str, found: &serde_json::Value, rendering: &Rendering) -> Option<String> {
    let name = text(&found["metadata"]["name"]);
    let target = text(&found["spec"]["scaleTargetRef"]["name"]);
    let workloads = workloads(rendering);
    let mut meant = workloads.iter().filter(|workload| match kind {
        "PodDisruptionBudget" => workload.is_meant_by(&found["spec"]["selector"]),
        _ => workload.name == target,
    });
    match (meant.next(), meant.next()) {
        (Some(workload), None) => (kind != "PodDisruptionBudget"
            && !workload.document["spec"]["replicas"].is_null())
        .then(|| format!("{name} is scaled, and its deployment says how many there are")),
        _ => Some(format!("{kind} {name} does not mean one workload")),
    }
}
