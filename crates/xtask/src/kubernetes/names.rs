//! Images and variables: everything that manifests name exists in the code, and everything the code needs is named.

use super::{
    Code,
    rendering::Rendering,
    workload::{Given, Workload, list, own_image, text, workloads},
};
use crate::stack::catalogue;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What a pod knows of itself, for a `$(…)` in what a service reads.
const OF_THE_POD: [&str; 1] = ["NODE_ADDRESS"];

pub(super) fn check(rendering: &Rendering, code: &Code) -> Vec<String> {
    let mut wrong = images(rendering);
    for workload in workloads(rendering) {
        wrong.extend(mounts(&workload, rendering));
    }
    for workload in workloads(rendering).iter().filter(|workload| workload.is_ours()) {
        for container in list(&workload.pod["containers"]) {
            let given = workload.environment(container, rendering, &mut wrong);
            wrong.extend(unknown_references(workload, container));
            let Some(service) = own_image(text(&container["image"])) else { continue };
            wrong.extend(unread(workload, service, &given, code));
            if workload.kind == "Deployment" && service != "web" {
                wrong.extend(missing(service, &given, code));
                wrong.extend(scratch(workload, &given));
            }
        }
    }
    wrong.extend(consumers(rendering, code));
    wrong.extend(broker_copies(rendering));
    wrong
}

/// Whether what runs is what there is: each service, its migration, its fixtures, and the page.
fn images(rendering: &Rendering) -> Vec<String> {
    let has_coach = rendering.resource("Deployment", "coach").is_some();
    let services = || catalogue::SERVICES.iter().filter(|service| service.name != "coach" || has_coach);
    let mut wanted: BTreeSet<(String, String)> = [("edge".to_owned(), "web []".to_owned())].into();
    for service in services() {
        let name = service.name;
        wanted.insert((name.to_owned(), format!("{name} []")));
        if service.database {
            wanted.insert((format!("migrate-{name}"), format!("{name} [migrate]")));
        }
        if service.seeds {
            wanted.insert((format!("seed-{name}"), format!("{name} [seed]")));
        }
    }
    wanted.insert(("apply-streams".to_owned(), "streams [apply]".to_owned()));
    let mut wrong = vec![];
    let mut found = BTreeSet::new();
    for workload in workloads(rendering) {
        for container in workload.containers() {
            let image = text(&container["image"]);
            if let Some(own) = own_image(image) {
                let words: Vec<&str> =
                    if own == "web" { vec![] } else { list(&container["args"]).map(text).collect() };
                found.insert((workload.name.to_owned(), format!("{own} [{}]", words.join(" "))));
            } else if !image
                .rsplit('/')
                .next()
                .is_some_and(|name| name.contains(':') && !name.ends_with(":latest"))
            {
                wrong.push(format!("{} runs {image}, which is another one tomorrow", workload.name));
            }
        }
    }
    let said = |(name, image): &(String, String)| format!("{name} with {image}");
    wrong.extend(wanted.difference(&found).map(|missing| format!("nothing runs {}", said(missing))));
    wrong.extend(found.difference(&wanted).map(|extra| format!("there is no {}", said(extra))));
    wrong
}

/// Variables that nobody reads.
fn unread(
    workload: &Workload<'_>,
    service: &str,
    given: &BTreeMap<String, Given>,
    code: &Code,
) -> Vec<String> {
    let texts = || given.values().filter_map(Given::text);
    given
        .keys()
        .filter(|key| !code.settings.is_read_by(key, service))
        .filter(|key| {
            let reference = format!("$({key})");
            !(OF_THE_POD.contains(&key.as_str()) && texts().any(|text| text.contains(&reference)))
        })
        .map(|key| format!("{} is told {key}, which {service} does not read", workload.name))
        .collect()
}

/// `$(…)` means a variable before it; of one behind it, or of none, it stays as it is.
fn unknown_references(workload: &Workload<'_>, container: &Value) -> Vec<String> {
    let mut known = vec![];
    let mut wrong = vec![];
    for variable in list(&container["env"]) {
        for reference in
            text(&variable["value"]).split("$(").skip(1).filter_map(|rest| rest.split(')').next())
        {
            if !known.contains(&reference) {
                wrong.push(format!("{} does not know {reference} where it is told of it", workload.name));
            }
        }
        known.push(text(&variable["name"]));
    }
    wrong
}

/// Settings that must be given: those without a default, those whose default is a place on one's own machine, and where
/// spans go.
fn missing(service: &str, given: &BTreeMap<String, Given>, code: &Code) -> Vec<String> {
    let talks_to_openai =
        given.get("REALTIME_PROVIDER").and_then(Given::text).is_some_and(|provider| provider == "openai");
    code.settings
        .read_by(service)
        .filter(|(key, default)| match *key {
            // One of the two keys, as `secrets` itself says; each provider has an address of its own.
            "COACH_KEY" if service == "secrets" => !talks_to_openai,
            "OPENAI_API_KEY" => talks_to_openai,
            "REALTIME_BASE_URL" => !talks_to_openai,
            "OTLP_ENDPOINT" => true,
            key if key.ends_with("_SCRATCH") => true,
            _ => default.is_none_or(|default| default.contains("127.0.0.1")),
        })
        // Follows from the origin.
        .filter(|(key, _)| *key != "COACH_ORIGINS" && !given.contains_key(*key))
        .map(|(key, _)| format!("{service} is not told {key}"))
        .collect()
}

/// Folders to write to must be there to write to.
fn scratch(workload: &Workload<'_>, given: &BTreeMap<String, Given>) -> Vec<String> {
    let emptied: BTreeSet<&str> = list(&workload.pod["volumes"])
        .filter(|volume| volume["emptyDir"].is_object())
        .map(|volume| text(&volume["name"]))
        .collect();
    let writable: BTreeSet<&str> = workload
        .containers()
        .flat_map(|container| list(&container["volumeMounts"]))
        .filter(|mount| emptied.contains(text(&mount["name"])))
        .map(|mount| text(&mount["mountPath"]))
        .collect();
    given
        .iter()
        .filter(|(key, _)| key.ends_with("_SCRATCH"))
        .filter(|(_, value)| !value.text().is_some_and(|folder| writable.contains(folder)))
        .map(|(key, _)| format!("{} cannot write to its {key}", workload.name))
        .collect()
}

/// What is mounted is a volume, and what a volume is made of is there.
fn mounts(workload: &Workload<'_>, rendering: &Rendering) -> Vec<String> {
    let volumes = || list(&workload.pod["volumes"]);
    let claims = list(&workload.document["spec"]["volumeClaimTemplates"]);
    let known: BTreeSet<&str> = volumes()
        .map(|volume| text(&volume["name"]))
        .chain(claims.map(|claim| text(&claim["metadata"]["name"])))
        .collect();
    let unknown = workload
        .containers()
        .flat_map(|container| list(&container["volumeMounts"]))
        .map(|mount| text(&mount["name"]))
        .filter(|name| !known.contains(name));
    let secrets = volumes()
        .filter_map(|volume| volume["secret"]["secretName"].as_str())
        .filter(|name| !rendering.secrets.contains_key(*name));
    let maps = workload.mounted_maps().filter(|name| rendering.resource("ConfigMap", name).is_none());
    unknown
        .chain(secrets)
        .chain(maps)
        .map(|name| format!("{} mounts {name}, which is not there", workload.name))
        .collect()
}

/// Who is scaled by what waits at the broker looks at every consumer of its own, and at no other.
fn consumers(rendering: &Rendering, code: &Code) -> Vec<String> {
    let mut wrong = vec![];
    for scaled in rendering.of_kind("ScaledObject") {
        let service = text(&scaled["spec"]["scaleTargetRef"]["name"]);
        let looked_at: BTreeSet<&str> = list(&scaled["spec"]["triggers"])
            .filter(|trigger| trigger["type"] == "nats-jetstream")
            .map(|trigger| text(&trigger["metadata"]["consumer"]))
            .collect();
        // `NAME = "rating-audio-stored" hears "audio.stored";`
        let there: BTreeSet<&str> = code.sources["crates/events/src/catalogue.rs"]
            .lines()
            .filter_map(|line| line.split_once(" hears ")?.0.split('"').nth(1))
            .filter(|consumer| consumer.strip_prefix(service).is_some_and(|rest| rest.starts_with('-')))
            .collect();
        wrong.extend(
            list(&scaled["spec"]["triggers"])
                .filter_map(|trigger| trigger["metadata"]["natsServerMonitoringEndpoint"].as_str())
                .filter(|endpoint| !is_a_port_of_a_service(endpoint, rendering))
                .map(|endpoint| format!("{service} is scaled by {endpoint}, which is nothing")),
        );
        if looked_at != there {
            wrong.push(format!("{service} is scaled by {looked_at:?}, and hears by {there:?}"));
        }
    }
    wrong
}

/// Reads `nats.vivavoce.svc:8222`.
fn is_a_port_of_a_service(endpoint: &str, rendering: &Rendering) -> bool {
    let Some((host, port)) = endpoint.split_once(':') else { return false };
    let service = rendering.resource("Service", host.split('.').next().unwrap_or_default());
    service.is_some_and(|service| {
        list(&service["spec"]["ports"]).any(|found| found["port"].as_u64() == port.parse().ok())
    })
}

/// A stream cannot be kept on more brokers than there are.
fn broker_copies(rendering: &Rendering) -> Option<String> {
    let copies = rendering.of_kind("ConfigMap").find_map(|map| map["data"]["NATS_REPLICAS"].as_str())?;
    let brokers = &rendering.resource("StatefulSet", "nats")?["spec"]["replicas"];
    (copies.parse().ok() != brokers.as_u64())
        .then(|| format!("a stream is kept on {copies} brokers, and there are {brokers}"))
}
