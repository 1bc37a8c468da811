//! Whether a browser on the machine reaches what runs in kind: the page, and the coach's media over UDP.

use super::{
    rendering::Rendering,
    workload::{Given, Workload, list, text, workloads},
};
use serde_json::Value;

/// A port of the machine that kind maps to one of the node.
struct Way<'a> {
    address: &'a str,
    host: u64,
    node: u64,
    protocol: &'a str,
}

pub(super) fn check(kind: &Value, local: &Rendering) -> Vec<String> {
    let mut wrong = vec![];
    let ways: Vec<Way<'_>> = list(&kind["nodes"])
        .flat_map(|node| list(&node["extraPortMappings"]))
        .map(|way| Way {
            address: text(&way["listenAddress"]),
            host: way["hostPort"].as_u64().unwrap_or_default(),
            node: way["containerPort"].as_u64().unwrap_or_default(),
            protocol: text(&way["protocol"]),
        })
        .collect();
    let workloads = workloads(local);
    let coach = workloads.iter().find(|workload| workload.name == "coach");
    match (coach, node_port(local, "coach-media", "UDP")) {
        (Some(coach), Some((port, target))) => wrong.extend(media(coach, local, &ways, port, target)),
        _ => wrong.push("the coach's media has no port of the node".to_owned()),
    }
    match node_port(local, "edge", "TCP") {
        Some((port, _)) => wrong.extend(page(local, &ways, port)),
        None => wrong.push("the edge has no port of the node".to_owned()),
    }
    for way in &ways {
        let is_used = ["TCP", "UDP"].into_iter().any(|protocol| {
            way.protocol == protocol
                && ["edge", "coach-media"]
                    .iter()
                    .any(|name| node_port(local, name, protocol).is_some_and(|(port, _)| port == way.node))
        });
        if !is_used {
            wrong.push(format!("kind maps {} {} to nothing", way.protocol, way.node));
        }
    }
    wrong
}

/// The node's port of a Service, and which port of the pod it leads to.
fn node_port<'a>(local: &'a Rendering, name: &str, protocol: &str) -> Option<(u64, &'a Value)> {
    let service = local.resource("Service", name).filter(|service| service["spec"]["type"] == "NodePort")?;
    let port = list(&service["spec"]["ports"])
        .find(|port| port["protocol"].as_str().unwrap_or("TCP") == protocol)?;
    Some((port["nodePort"].as_u64()?, &port["targetPort"]))
}

fn media(
    coach: &Workload<'_>,
    local: &Rendering,
    ways: &[Way<'_>],
    port: u64,
    target: &Value,
) -> Vec<String> {
    let mut wrong = vec![];
    let Some(container) = coach.containers().next() else { return wrong };
    let given = coach.environment(container, local, &mut wrong);
    let told = |key: &str| given.get(key).and_then(Given::text).unwrap_or_default();
    let bound = told("COACH_UDP_BIND").rsplit(':').next().and_then(|port| port.parse().ok());
    if bound.is_none() || bound != coach.port(target) {
        wrong.push(format!(
            "media comes to {:?} of the pod, and the coach listens on {bound:?}",
            coach.port(target)
        ));
    }
    let Some(way) = ways.iter().find(|way| way.node == port && way.protocol == "UDP") else {
        wrong.push(format!("kind does not map UDP {port}, where the coach's media comes in"));
        return wrong;
    };
    let mut advertised: Vec<&str> = told("COACH_ADVERTISE").split(',').collect();
    advertised.sort_unstable();
    let mut wanted = [format!("{}:{}", way.address, way.host), format!("$(NODE_ADDRESS):{port}")];
    wanted.sort_unstable();
    if advertised != wanted {
        wrong.push(format!("the coach advertises {advertised:?}, and is reached at {wanted:?}"));
    }
    let address = list(&container["env"]).find(|variable| variable["name"] == "NODE_ADDRESS");
    if address.map(|variable| &variable["valueFrom"]["fieldRef"]["fieldPath"])
        != Some(&Value::from("status.hostIP"))
    {
        wrong.push("NODE_ADDRESS is not the node's address".to_owned());
    }
    wrong
}

fn page(local: &Rendering, ways: &[Way<'_>], port: u64) -> Vec<String> {
    let Some(way) = ways.iter().find(|way| way.node == port && way.protocol == "TCP") else {
        return vec![format!("kind does not map TCP {port}, where the page is")];
    };
    let origin = local.of_kind("ConfigMap").find_map(|map| map["data"]["PUBLIC_ORIGIN"].as_str());
    let wanted = format!("http://{}:{}", way.address, way.host);
    let mut wrong = vec![];
    if origin != Some(&wanted) {
        wrong.push(format!("the origin is {origin:?}, and the page is at {wanted}"));
    }
    wrong
}
