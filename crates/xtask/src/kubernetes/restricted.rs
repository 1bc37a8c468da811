//! The restricted Pod Security Standard, a file system nobody writes to, and a share of the node for every container.

use super::{
    Code,
    rendering::Rendering,
    workload::{Workload, list, text, workloads},
};
use serde_json::{Value, json};

/// The standard's volumes, without what asks for a share of the node's own disk by name.
const VOLUMES: [&str; 6] =
    ["configMap", "secret", "emptyDir", "projected", "persistentVolumeClaim", "downwardAPI"];

/// MiB that everything in kind may ask for together.
const KIND_MEMORY: u64 = 3 * 1024;

/// Who asks the API server something.
const WITH_TOKEN: [&str; 1] = ["prometheus"];

pub(super) fn check(rendering: &Rendering, _: &Code) -> Vec<String> {
    let mut wrong = vec![];
    let workloads = workloads(rendering);
    for workload in &workloads {
        pod(workload, &mut wrong);
        // Tilt puts new programs into running containers of ours.
        let is_live = rendering.name == "tilt" && workload.kind == "Deployment" && workload.is_ours();
        for container in workload.containers() {
            self::container(workload.name, container, is_live, &mut wrong);
        }
    }
    if rendering.resource("StatefulSet", "postgres").is_some() {
        let asked: u64 = workloads.iter().filter_map(memory_requests).sum();
        if asked > KIND_MEMORY {
            wrong.push(format!("everything together asks for {asked} MiB, and a laptop gives {KIND_MEMORY}"));
        }
    }
    let enforced = rendering.of_kind("Namespace").all(|namespace| {
        namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    });
    if !enforced {
        wrong.push("the namespace does not enforce the restricted standard".to_owned());
    }
    wrong
}

fn pod(workload: &Workload<'_>, wrong: &mut Vec<String>) {
    let name = workload.name;
    let mut want = |is_so: bool, what: &str| {
        if !is_so {
            wrong.push(format!("{name} {what}"));
        }
    };
    let security = &workload.pod["securityContext"];
    want(security["runAsNonRoot"] == true, "may run as root");
    want(security["runAsUser"].as_u64().is_some_and(|user| user > 0), "does not say as whom it runs");
    want(security["seccompProfile"]["type"] == "RuntimeDefault", "may make any system call");
    want(
        workload.pod["automountServiceAccountToken"] == WITH_TOKEN.contains(&name),
        "has a token it does not need, or needs one",
    );
    want(!text(&workload.pod["serviceAccountName"]).is_empty(), "has no account of its own");
    want(workload.pod["enableServiceLinks"] == false, "gets other services' addresses as variables");
    for host in ["hostNetwork", "hostPID", "hostIPC"] {
        want(workload.pod[host].is_null(), "shares the node's namespaces");
    }
    for volume in list(&workload.pod["volumes"]) {
        let kinds: Vec<&str> = volume
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, _)| key.as_str())
            .filter(|key| *key != "name")
            .collect();
        want(kinds.iter().all(|kind| VOLUMES.contains(kind)), "mounts what is not allowed");
        let scratch = &volume["emptyDir"];
        want(scratch.is_null() || scratch["sizeLimit"].is_string(), "may fill the node's disk");
    }
}

fn container(workload: &str, container: &Value, is_live: bool, wrong: &mut Vec<String>) {
    let security = &container["securityContext"];
    let mut want = |is_so: bool, what: &str| {
        if !is_so {
            wrong.push(format!("{workload} {what}"));
        }
    };
    want(security["allowPrivilegeEscalation"] == false, "may gain privileges");
    want(security["capabilities"] == json!({"drop": ["ALL"]}), "keeps capabilities");
    want(security["readOnlyRootFilesystem"] == !is_live, "may write to its file system");
    want(security["privileged"].is_null(), "is privileged");
    let ports = || list(&container["ports"]);
    want(ports().all(|port| port["hostPort"].is_null()), "takes a port of the node");
    for resource in ["/requests/cpu", "/requests/memory", "/limits/memory"] {
        want(container["resources"].pointer(resource).is_some(), &format!("says nothing of {resource}"));
    }
}

/// MiB that all pods of a workload ask for; those of a job come and go.
fn memory_requests(workload: &Workload<'_>) -> Option<u64> {
    if workload.kind == "Job" {
        return None;
    }
    let replicas = workload.document["spec"]["replicas"].as_u64().unwrap_or(1);
    let each: u64 = workload
        .containers()
        .filter_map(|container| mebibytes(text(&container["resources"]["requests"]["memory"])))
        .sum();
    Some(replicas * each)
}

fn mebibytes(quantity: &str) -> Option<u64> {
    match quantity.strip_suffix("Gi") {
        Some(number) => Some(number.parse::<u64>().ok()? * 1024),
        None => quantity.strip_suffix("Mi")?.parse().ok(),
    }
}
