//! The edges that network policies allow, against the call graph that the settings declare: the difference is nothing.
//!
//! The graph is read off what every pod is told: each address of a Service in its variables, its words and the files
//! it mounts, and each secret address by its name. [`super::names`] sees to it that every address the code asks for is told.

use super::{
    Code,
    rendering::Rendering,
    workload::{Given, Workload, list, text, workloads},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Learners, wherever they are.
const ANYWHERE: &str = "anywhere";
/// What is no part of the cluster.
const OUTSIDE: &str = "the outside";
const DNS: &str = "namespace kube-system";

/// Somebody may reach a port of somebody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    from: String,
    to: String,
    port: u64,
    protocol: &'static str,
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {} on {} {}", self.from, self.to, self.protocol, self.port)
    }
}

impl Edge {
    fn tcp(from: &str, to: &str, port: u64) -> Self {
        Self { from: from.to_owned(), to: to.to_owned(), port, protocol: "TCP" }
    }
}

/// Which end of an edge a policy speaks of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Ingress,
    Egress,
}

pub(super) fn check(rendering: &Rendering, _: &Code) -> Vec<String> {
    let mut wrong = vec![];
    let declared = declared(rendering, &mut wrong);
    let is_inside = |name: &str| workloads(rendering).iter().any(|workload| workload.name == name);
    for (end, word) in [(End::Ingress, "let in"), (End::Egress, "let out")] {
        let allowed = allowed(rendering, end, &mut wrong);
        let wanted: BTreeSet<_> = declared
            .iter()
            .filter(|edge| is_inside(if end == End::Ingress { &edge.to } else { &edge.from }))
            .cloned()
            .collect();
        wrong.extend(wanted.difference(&allowed).map(|edge| format!("{edge} is not {word}")));
        wrong.extend(allowed.difference(&wanted).map(|edge| format!("{edge} is {word}, and nobody calls")));
    }
    if !denies_by_default(rendering) {
        wrong.push("what no policy names is allowed".to_owned());
    }
    wrong
}

fn denies_by_default(rendering: &Rendering) -> bool {
    rendering.of_kind("NetworkPolicy").any(|policy| {
        let spec = &policy["spec"];
        spec["podSelector"].as_object().is_some_and(serde_json::Map::is_empty)
            && spec["policyTypes"] == serde_json::json!(["Ingress", "Egress"])
            && spec["ingress"].is_null()
            && spec["egress"].is_null()
    })
}

/// The call graph.
fn declared(rendering: &Rendering, wrong: &mut Vec<String>) -> BTreeSet<Edge> {
    let workloads = workloads(rendering);
    let mut edges = BTreeSet::new();
    for workload in &workloads {
        for protocol in ["TCP", "UDP"] {
            edges.insert(Edge { protocol, ..Edge::tcp(workload.name, DNS, 53) });
        }
        let mut texts: Vec<&str> = workload
            .mounted_maps()
            .filter_map(|map| rendering.resource("ConfigMap", map)?["data"].as_object())
            .flat_map(|data| data.values().map(text))
            .collect();
        for container in workload.containers() {
            texts.extend(list(&container["args"]).map(text));
            let given = workload.environment(container, rendering, wrong);
            edges.extend(told(workload, &given, rendering, &workloads, wrong));
        }
        for text in texts {
            edges.extend(mentioned(workload, text, rendering, &workloads));
            // Prometheus asks the API server which pods there are, and then the pods.
            if text.contains("role: pod") {
                edges.insert(Edge::tcp(workload.name, OUTSIDE, 6443));
                edges.extend(scraped(workload, &workloads));
            }
        }
    }
    edges.extend(from_outside(rendering, &workloads));
    // Whoever is asked by itself knows the answer; only brokers of one kind talk with each other.
    edges.retain(|edge| edge.from != edge.to || rendering.resource("StatefulSet", &edge.from).is_some());
    edges
}

/// Where the variables of a container lead.
fn told(
    workload: &Workload<'_>,
    given: &BTreeMap<String, Given>,
    rendering: &Rendering,
    workloads: &[Workload<'_>],
    wrong: &mut Vec<String>,
) -> BTreeSet<Edge> {
    let mut edges = BTreeSet::new();
    for (key, value) in given {
        let is_address = key.ends_with("_URL") || key.ends_with("_ENDPOINT");
        let found = match value.text() {
            None if key.ends_with("_DATABASE_URL") => {
                to_service("postgres", "5432", workload, rendering, workloads)
                    .or_else(|| Some(Edge::tcp(workload.name, OUTSIDE, 5432)))
            }
            None if key == "NATS_URL" => to_service("nats", "4222", workload, rendering, workloads),
            None if key == "TRACES_URL" => Some(Edge::tcp(workload.name, OUTSIDE, 443)),
            Some(text) if is_address && text.starts_with("https://") => {
                Some(Edge::tcp(workload.name, OUTSIDE, 443))
            }
            Some("openai") if given.contains_key("OPENAI_API_KEY") => {
                Some(Edge::tcp(workload.name, OUTSIDE, 443))
            }
            Some(text) => {
                let mentioned = mentioned(workload, text, rendering, workloads);
                let first = mentioned.iter().next().cloned();
                edges.extend(mentioned);
                first
            }
            None => None,
        };
        if found.is_none() && is_address {
            wrong.push(format!("nobody knows where {key} of {} leads", workload.name));
        }
        edges.extend(found);
    }
    edges
}

/// Every `<service>:<port>` in a text.
fn mentioned(
    workload: &Workload<'_>,
    text: &str,
    rendering: &Rendering,
    workloads: &[Workload<'_>],
) -> BTreeSet<Edge> {
    let is_in_a_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut edges = BTreeSet::new();
    for (place, _) in text.match_indices(':') {
        let name = text[..place].rsplit(|c| !is_in_a_name(c)).next().unwrap_or_default();
        let port = text[place + 1..].split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        edges.extend(to_service(name, port, workload, rendering, workloads));
    }
    edges
}

/// The edge to the pods behind a port of a Service, if there is one.
fn to_service(
    name: &str,
    port: &str,
    from: &Workload<'_>,
    rendering: &Rendering,
    workloads: &[Workload<'_>],
) -> Option<Edge> {
    let service = rendering.resource("Service", name)?;
    let number: u64 = port.parse().ok()?;
    let port = list(&service["spec"]["ports"]).find(|port| port["port"] == number)?;
    let selector = serde_json::json!({"matchLabels": service["spec"]["selector"]});
    let behind = workloads.iter().find(|workload| workload.is_meant_by(&selector))?;
    Some(Edge::tcp(from.name, behind.name, behind.port(&port["targetPort"])?))
}

/// The metrics of every service.
fn scraped(from: &Workload<'_>, workloads: &[Workload<'_>]) -> Vec<Edge> {
    workloads
        .iter()
        .filter(|workload| workload.labels["app.kubernetes.io/component"] == "service")
        .filter_map(|workload| Some(Edge::tcp(from.name, workload.name, workload.port(&"http".into())?)))
        .collect()
}

/// Who comes from outside: learners to the edge and to the coach's media, and the autoscaler to the broker.
fn from_outside(rendering: &Rendering, workloads: &[Workload<'_>]) -> Vec<Edge> {
    let mut edges = vec![];
    for workload in workloads {
        let learners_come = |port: &Value| workload.name == "edge" || port["protocol"] == "UDP";
        for port in workload.containers().flat_map(|container| list(&container["ports"])) {
            if let Some(number) = port["containerPort"].as_u64().filter(|_| learners_come(port)) {
                edges.push(Edge { protocol: protocol(port), ..Edge::tcp(ANYWHERE, workload.name, number) });
            }
        }
    }
    for trigger in rendering.of_kind("ScaledObject").flat_map(|scaled| list(&scaled["spec"]["triggers"])) {
        if trigger["type"] == "nats-jetstream" {
            edges.push(Edge::tcp("namespace keda", "nats", 8222));
        }
    }
    edges
}

fn protocol(port: &Value) -> &'static str {
    if port["protocol"] == "UDP" { "UDP" } else { "TCP" }
}

/// What the policies allow, as said at one end.
fn allowed(rendering: &Rendering, end: End, wrong: &mut Vec<String>) -> BTreeSet<Edge> {
    let workloads = workloads(rendering);
    let (kind, rules, others) = match end {
        End::Ingress => ("Ingress", "ingress", "from"),
        End::Egress => ("Egress", "egress", "to"),
    };
    let mut edges = BTreeSet::new();
    for policy in rendering.of_kind("NetworkPolicy") {
        let name = text(&policy["metadata"]["name"]);
        let spec = &policy["spec"];
        if !list(&spec["policyTypes"]).any(|found| found == kind) {
            continue;
        }
        let meant: Vec<_> =
            workloads.iter().filter(|workload| workload.is_meant_by(&spec["podSelector"])).collect();
        if meant.is_empty() {
            wrong.push(format!("policy {name} is about nobody"));
        }
        for rule in list(&spec[rules]) {
            let others = if rule[others].is_null() {
                vec![if end == End::Ingress { ANYWHERE } else { OUTSIDE }.to_owned()]
            } else {
                list(&rule[others]).flat_map(|peer| peers(peer, &workloads)).collect()
            };
            if others.is_empty() {
                wrong.push(format!("policy {name} has a rule about nobody"));
            }
            for port in list(&rule["ports"]) {
                let number = port["port"].as_u64().unwrap_or_default();
                let mut somebody_listens = false;
                for (own, other) in
                    meant.iter().flat_map(|own| others.iter().map(move |other| (own.name, other)))
                {
                    let (from, to) =
                        if end == End::Ingress { (other.as_str(), own) } else { (own, other.as_str()) };
                    // A port that nobody listens on is reached by nobody.
                    if workloads.iter().find(|workload| workload.name == to).is_none_or(|workload| {
                        workload.containers().flat_map(|container| list(&container["ports"])).any(|found| {
                            found["containerPort"] == number && protocol(found) == protocol(port)
                        })
                    }) {
                        somebody_listens = true;
                        edges.insert(Edge { protocol: protocol(port), ..Edge::tcp(from, to, number) });
                    }
                }
                if !somebody_listens {
                    wrong.push(format!("policy {name} names port {number}, on which nobody listens"));
                }
            }
            if rule["ports"].is_null() {
                wrong.push(format!("policy {name} allows every port"));
            }
        }
    }
    edges
}

/// Whom one side of a rule means.
fn peers(peer: &Value, workloads: &[Workload<'_>]) -> Vec<String> {
    if peer["ipBlock"].is_object() {
        return vec![OUTSIDE.to_owned()];
    }
    if let Some(namespace) = peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"].as_str()
    {
        return vec![format!("namespace {namespace}")];
    }
    workloads
        .iter()
        .filter(|workload| peer["podSelector"].is_object() && workload.is_meant_by(&peer["podSelector"]))
        .map(|workload| workload.name.to_owned())
        .collect()
}
