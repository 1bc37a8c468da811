//! Ports: where a service listens, what its container and its Service say of it, and what its probes ask.

use super::{
    Code,
    rendering::Rendering,
    workload::{Given, Workload, list, own_image, text, workloads},
};
use crate::stack::catalogue::{self, Service};

pub(super) fn check(rendering: &Rendering, code: &Code) -> Vec<String> {
    let mut wrong = vec![];
    let workloads = workloads(rendering);
    for workload in &workloads {
        for container in workload.containers() {
            for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
                wrong.extend(self::probe(workload, container, probe, code));
            }
            let own = own_image(text(&container["image"]));
            let service = catalogue::SERVICES.iter().find(|service| own == Some(service.name));
            if let Some(service) = service.filter(|_| workload.kind == "Deployment") {
                let given = workload.environment(container, rendering, &mut wrong);
                wrong.extend(listens(workload, service, |key| given.get(key).and_then(Given::text)));
            }
        }
    }
    for service in rendering.of_kind("Service") {
        wrong.extend(leads_somewhere(service, &workloads));
    }
    wrong
}

fn listens<'a>(
    workload: &Workload<'_>,
    service: &Service,
    given: impl Fn(&str) -> Option<&'a str>,
) -> Vec<String> {
    let prefix = service.name.to_uppercase();
    let faces = [("http", "HTTP_ADDR", Some(service.http)), ("grpc", "GRPC_ADDR", service.grpc)];
    let mut wrong = vec![];
    for (name, key, wanted) in faces {
        let declared = workload.port(&name.into());
        if declared != wanted.map(u64::from) {
            wrong.push(format!(
                "{} has {name} on {declared:?}, and the catalogue on {wanted:?}",
                service.name
            ));
        }
        let told = given(&format!("{prefix}_{key}"));
        if told != wanted.map(|port| format!("0.0.0.0:{port}")).as_deref() {
            wrong.push(format!("{} is told {prefix}_{key} {told:?}", service.name));
        }
    }
    wrong
}

/// A service of ours is asked what its HTTP face answers; others are asked where they have a port.
fn probe(workload: &Workload<'_>, container: &serde_json::Value, name: &str, code: &Code) -> Option<String> {
    let probe = &container[name];
    let service = own_image(text(&container["image"])).filter(|_| workload.kind == "Deployment");
    let missing = probe.is_null() && workload.kind != "Job" && (service.is_some() || name != "startupProbe");
    if missing {
        return Some(format!("{} has no {name}", workload.name));
    }
    let asked =
        ["httpGet", "tcpSocket"].into_iter().map(|way| &probe[way]["port"]).find(|port| !port.is_null())?;
    if workload.port(asked).is_none() {
        return Some(format!("{name} of {} asks port {asked}, which it does not have", workload.name));
    }
    let path = text(&probe["httpGet"]["path"]);
    let answered = if service? == "web" {
        path == "/"
    } else {
        let meant = if name == "readinessProbe" { "/healthz/ready" } else { "/healthz/live" };
        let routes = &code.sources["crates/http-server/src/lib.rs"];
        path == meant && routes.contains(&format!(".route(\"{path}\""))
    };
    (!answered).then(|| format!("{name} of {} asks {path}", workload.name))
}

fn leads_somewhere(service: &serde_json::Value, workloads: &[Workload<'_>]) -> Vec<String> {
    let name = text(&service["metadata"]["name"]);
    let selector = serde_json::json!({"matchLabels": service["spec"]["selector"]});
    let mut behind = workloads.iter().filter(|workload| workload.is_meant_by(&selector));
    let (Some(only), None) = (behind.next(), behind.next()) else {
        return vec![format!("service {name} does not mean one workload")];
    };
    list(&service["spec"]["ports"])
        .filter(|port| only.port(&port["targetPort"]).is_none())
        .map(|port| {
            format!("service {name} leads to port {}, which {} does not have", port["targetPort"], only.name)
        })
        .collect()
}
