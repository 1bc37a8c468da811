//! Each check, shown what is really rendered with one mistake planted in it.

use super::*;
use crate::steps::Step;
use serde_json::{Value, json};
use std::{
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

fn house() -> House {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    House { local: root.join(".local"), target: root.join("target"), root }
}

/// Lets a test do what a stage does, in a folder of its own.
fn with_step<T>(work: impl FnOnce(&House, &Step, &Path) -> Result<T>) -> Result<T> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let place = std::env::temp_dir().join(format!("xtask-kubernetes-{}-{count}", std::process::id()));
    let steps = Steps::new(&place);
    let outcome = steps.run("a test", |step| Ok((work(&house(), step, &place)?, String::new())));
    fs::remove_dir_all(place).unwrap();
    outcome
}

fn overlay(name: &'static str) -> Rendering {
    with_step(|house, step, place| rendering::overlay(house, step, name, &place.join("rendered.yaml")))
        .unwrap()
}

impl Rendering {
    /// The same with one resource changed.
    fn with(&self, kind: &str, name: &str, change: impl FnOnce(&mut Value)) -> Self {
        let mut other = self.clone();
        let found = other
            .documents
            .iter_mut()
            .find(|document| {
                let found = document["metadata"]["name"].as_str().unwrap();
                // A generated config map has a hash behind its name.
                document["kind"] == kind
                    && (found == name || kind == "ConfigMap" && found.rsplit_once('-').unwrap().0 == name)
            })
            .unwrap_or_else(|| panic!("there is no {kind} {name}"));
        change(found);
        other
    }

    /// The same with one value set.
    fn set(&self, kind: &str, name: &str, place: &str, value: &Value) -> Self {
        self.with(kind, name, |document| {
            let (parent, key) = place.rsplit_once('/').unwrap();
            let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("there is no {place}"));
            match parent.as_array_mut() {
                Some(list) => list[key.parse::<usize>().unwrap()] = value.clone(),
                None => parent[&key.replace("~1", "/")] = value.clone(),
            }
        })
    }

    fn without(&self, kind: &str, name: &str) -> Self {
        let mut other = self.clone();
        other.documents.retain(|document| document["kind"] != kind || document["metadata"]["name"] != name);
        assert_eq!(other.documents.len() + 1, self.documents.len(), "{kind} {name}");
        other
    }
}

/// A check is silent about what is rendered, and names each planted mistake.
fn finds(check: Check, rendering: &Rendering, mistakes: &[(Rendering, &str)]) {
    let code = Code::read(&house()).unwrap();
    assert_eq!(check(rendering, &code), [""; 0], "{} as it is", rendering.name);
    for (mistaken, expected) in mistakes {
        let found = check(mistaken, &code);
        assert!(found.iter().any(|complaint| complaint.contains(expected)), "{expected}: {found:#?}");
    }
}

const CONTAINER: &str = "/spec/template/spec/containers/0";
const POD: &str = "/spec/template/spec";

#[test]
fn a_pod_that_is_not_restricted_is_found() {
    let local = overlay("local");
    let set = |kind, name, place: String, value| local.set(kind, name, &place, &value);
    let deployment = |name, place, value| set("Deployment", name, format!("{CONTAINER}{place}"), value);
    finds(
        restricted::check,
        &local,
        &[
            (
                deployment("upload", "/securityContext/readOnlyRootFilesystem", json!(false)),
                "upload may write",
            ),
            (deployment("topics", "/securityContext/capabilities", json!({})), "topics keeps capabilities"),
            (deployment("rating", "/resources/limits", json!({})), "rating says nothing of /limits/memory"),
            (deployment("jaeger", "/securityContext", Value::Null), "jaeger may gain privileges"),
            (
                set("StatefulSet", "nats", format!("{POD}/securityContext/runAsUser"), json!(0)),
                "nats does not say as whom it runs",
            ),
            (
                set("Job", "migrate-topics", format!("{POD}/securityContext/runAsNonRoot"), Value::Null),
                "migrate-topics may run as root",
            ),
            (
                set("Deployment", "coach", format!("{POD}/automountServiceAccountToken"), json!(true)),
                "coach has a token",
            ),
            (
                set("Deployment", "rating", format!("{POD}/volumes/0/emptyDir"), json!({})),
                "rating may fill the node's disk",
            ),
            (
                set("Deployment", "rating", format!("{POD}/volumes/0"), json!({"name": "s", "hostPath": {}})),
                "rating mounts what is not allowed",
            ),
            (deployment("coach", "/resources/requests/memory", json!("2Gi")), "and a laptop gives 3072"),
            (
                set(
                    "Namespace",
                    "vivavoce",
                    "/metadata/labels/pod-security.kubernetes.io~1enforce".to_owned(),
                    json!("baseline"),
                ),
                "does not enforce",
            ),
        ],
    );
}

#[test]
fn a_name_that_the_code_does_not_know_or_misses_is_found() {
    let (local, production) = (overlay("local"), overlay("production"));
    let image = |value: &str| local.set("Deployment", "rating", &format!("{CONTAINER}/image"), &json!(value));
    let data = |name, key: &str, value| {
        local.with("ConfigMap", name, |map| match value {
            Some(value) => map["data"][key] = json!(value),
            None => drop(map["data"].as_object_mut().unwrap().remove(key)),
        })
    };
    finds(
        names::check,
        &local,
        &[
            (image("vivavoce/ratings"), "there is no rating with ratings []"),
            (image("ffmpeg:latest"), "nothing runs rating with rating []"),
            (
                local.set("StatefulSet", "nats", &format!("{CONTAINER}/image"), &json!("nats")),
                "nats runs nats, which is another one tomorrow",
            ),
            (local.without("Job", "migrate-secrets"), "nothing runs migrate-secrets with secrets [migrate]"),
            (local.without("Job", "seed-topics"), "nothing runs seed-topics"),
            (
                local.set(
                    "StatefulSet",
                    "nats",
                    &format!("{POD}/volumes/1/secret/secretName"),
                    &json!("broker"),
                ),
                "nats mounts broker, which is not there",
            ),
            (
                local.set("Deployment", "edge", &format!("{POD}/volumes/0/configMap/name"), &json!("edges")),
                "edge mounts edges, which is not there",
            ),
            (
                local.set(
                    "Deployment",
                    "rating",
                    &format!("{CONTAINER}/volumeMounts/0/name"),
                    &json!("disk"),
                ),
                "rating mounts disk, which is not there",
            ),
            (
                data("sessions", "TOPIC_GRPC_URL", Some("http://topics:9102")),
                "told TOPIC_GRPC_URL, which sessions",
            ),
            (data("sessions", "TOPICS_GRPC_URL", None), "sessions is not told TOPICS_GRPC_URL"),
            (data("secrets", "REALTIME_BASE_URL", None), "secrets is not told REALTIME_BASE_URL"),
            (
                data("upload", "UPLOAD_SCRATCH", Some("/var/scratch")),
                "upload cannot write to its UPLOAD_SCRATCH",
            ),
            (data("nats", "NATS_REPLICAS", Some("3")), "kept on 3 brokers, and there are 1"),
            (
                local.with("Deployment", "accounts", |deployment| {
                    let sources = deployment.pointer_mut(&format!("{CONTAINER}/envFrom")).unwrap();
                    sources
                        .as_array_mut()
                        .unwrap()
                        .retain(|source| source["secretRef"]["name"] != "accounts");
                }),
                "accounts is not told ACCOUNTS_SIGNING_KEY",
            ),
            (
                local.set(
                    "Job",
                    "migrate-topics",
                    &format!("{CONTAINER}/env/0/valueFrom/secretKeyRef/key"),
                    &json!("TOPICS_URL"),
                ),
                "migrate-topics is told TOPICS_URL by topics, which has none",
            ),
        ],
    );
    let swapped = local.with("Deployment", "coach", |deployment| {
        let variables = deployment.pointer_mut(&format!("{CONTAINER}/env")).unwrap();
        variables.as_array_mut().unwrap().reverse();
    });
    finds(names::check, &local, &[(swapped, "coach does not know NODE_ADDRESS")]);
    let mut fewer = production.clone();
    fewer.secrets.get_mut("secrets").unwrap().remove("OPENAI_API_KEY");
    finds(
        names::check,
        &production,
        &[
            (fewer, "secrets is not told OPENAI_API_KEY"),
            (
                production.set(
                    "ScaledObject",
                    "rating",
                    "/spec/triggers/0/metadata/consumer",
                    &json!("rating-all"),
                ),
                "rating is scaled by {",
            ),
            (
                production.set(
                    "ScaledObject",
                    "rating",
                    "/spec/triggers/0/metadata/natsServerMonitoringEndpoint",
                    &json!("nats-peers.vivavoce.svc:4222"),
                ),
                "rating is scaled by nats-peers.vivavoce.svc:4222, which is nothing",
            ),
        ],
    );
}

#[test]
fn a_port_or_probe_that_the_code_does_not_have_is_found() {
    let local = overlay("local");
    let container =
        |place: &str, value| local.set("Deployment", "topics", &format!("{CONTAINER}{place}"), &value);
    finds(
        ports::check,
        &local,
        &[
            (container("/ports/0/containerPort", json!(8103)), "topics has http on Some(8103)"),
            (container("/ports/1/name", json!("rpc")), "topics has grpc on None"),
            (
                local.set("ConfigMap", "topics", "/data/TOPICS_GRPC_ADDR", &json!("0.0.0.0:9103")),
                "topics is told TOPICS_GRPC_ADDR",
            ),
            (container("/livenessProbe/httpGet/path", json!("/healthz/alive")), "topics asks /healthz/alive"),
            (
                container("/livenessProbe/httpGet/path", json!("/healthz/ready")),
                "livenessProbe of topics asks",
            ),
            (container("/readinessProbe/httpGet/port", json!("health")), "which it does not have"),
            (container("/startupProbe", Value::Null), "topics has no startupProbe"),
            (
                local.set("Service", "topics", "/spec/ports/1/targetPort", &json!("rpc")),
                "service topics leads to port",
            ),
            (
                local.set("Service", "topics", "/spec/selector/app.kubernetes.io~1name", &json!("topic")),
                "service topics does not mean one workload",
            ),
        ],
    );
}

#[test]
fn a_pod_that_leaves_or_comes_roughly_is_found() {
    let production = overlay("production");
    let pod = |place: &str, value| production.set("Deployment", "sessions", &format!("{POD}{place}"), &value);
    finds(
        life::check,
        &production,
        &[
            (
                pod("/terminationGracePeriodSeconds", json!(12)),
                "sessions is killed after 12 s, and may need 20",
            ),
            (pod("/containers/0/lifecycle", Value::Null), "sessions stops while it is still sent requests"),
            (pod("/topologySpreadConstraints", json!([])), "all replicas of sessions may be on one node"),
            (
                production.set("Deployment", "sessions", "/spec/strategy", &json!({"type": "Recreate"})),
                "sessions is away while it is replaced",
            ),
            (
                production.set("Deployment", "sessions", "/spec/replicas", &json!(2)),
                "sessions is scaled, and its deployment says how many",
            ),
            (
                production.set(
                    "PodDisruptionBudget",
                    "nats",
                    "/spec/selector/matchLabels/app.kubernetes.io~1name",
                    &json!("broker"),
                ),
                "PodDisruptionBudget nats does not mean one workload",
            ),
            (
                production.set("HorizontalPodAutoscaler", "edge", "/spec/scaleTargetRef/name", &json!("web")),
                "HorizontalPodAutoscaler edge does not mean one workload",
            ),
        ],
    );
    let local = overlay("local");
    finds(
        life::check,
        &local,
        &[(
            local.set("Deployment", "coach", "/spec/strategy", &json!({"type": "RollingUpdate"})),
            "there are two of coach for a while",
        )],
    );
}

#[test]
fn an_edge_too_many_and_an_edge_too_few_are_found() {
    let (local, production) = (overlay("local"), overlay("production"));
    let policy = |name, place: &str, value| local.set("NetworkPolicy", name, place, &value);
    finds(
        edges::check,
        &local,
        &[
            (
                policy("sessions", "/spec/egress/0/ports/0/port", json!(9103)),
                "policy sessions names port 9103",
            ),
            (
                policy("topics", "/spec/ingress/1/ports/0/port", json!(8102)),
                "sessions to topics on TCP 9102 is not let in",
            ),
            (local.without("NetworkPolicy", "deny-by-default"), "what no policy names is allowed"),
            (
                local.without("NetworkPolicy", "dns"),
                "accounts to namespace kube-system on UDP 53 is not let out",
            ),
            (
                local.without("NetworkPolicy", "to-postgres"),
                "migrate-rating to postgres on TCP 5432 is not let out",
            ),
            (local.without("NetworkPolicy", "coach"), "anywhere to coach on UDP 8110 is not let in"),
            (
                local.with("NetworkPolicy", "rating", |policy| {
                    let rules = policy.pointer_mut("/spec/egress").unwrap().as_array_mut().unwrap();
                    rules.push(json!({
                        "to": [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "object-store"}}}],
                        "ports": [{"port": 8333}],
                    }));
                }),
                "rating to object-store on TCP 8333 is let out, and nobody calls",
            ),
            (
                local.with("NetworkPolicy", "topics", |policy| {
                    policy.pointer_mut("/spec/ingress/1").unwrap().as_object_mut().unwrap().remove("from");
                }),
                "anywhere to topics on TCP 9102 is let in, and nobody calls",
            ),
            (
                local.with("NetworkPolicy", "topics", |policy| {
                    policy.pointer_mut("/spec/ingress/1").unwrap().as_object_mut().unwrap().remove("ports");
                }),
                "policy topics allows every port",
            ),
            (
                local.set("ConfigMap", "rating", "/data/SESSIONS_GRPC_URL", &json!("http://session:9103")),
                "nobody knows where SESSIONS_GRPC_URL of rating leads",
            ),
            // A call that is new in the code is told where it goes, and then it needs an edge.
            (
                local.set("ConfigMap", "rating", "/data/TOPICS_GRPC_URL", &json!("http://topics:9102")),
                "rating to topics on TCP 9102 is not let out",
            ),
        ],
    );
    finds(
        edges::check,
        &production,
        &[
            (
                production.without("NetworkPolicy", "secrets-to-openai"),
                "secrets to the outside on TCP 443 is not let out",
            ),
            (production.without("NetworkPolicy", "nats-peers"), "nats to nats on TCP 6222 is not let"),
            (
                production.without("NetworkPolicy", "nats-to-keda"),
                "namespace keda to nats on TCP 8222 is not let in",
            ),
            (
                production.set("ConfigMap", "secrets", "/data/REALTIME_PROVIDER", &json!("coach")),
                "secrets to the outside on TCP 443 is let out, and nobody calls",
            ),
        ],
    );
}

#[test]
fn a_call_that_would_not_reach_the_coach_in_kind_is_found() {
    let local = overlay("local");
    let kind = with_step(|house, step, _| rendering::kind(house, step)).unwrap();
    assert_eq!(reachable::check(&kind, &local), [""; 0]);
    let mapping = |place: &str, value: Value| {
        let mut other = kind.clone();
        *other.pointer_mut(&format!("/nodes/0/extraPortMappings{place}")).unwrap() = value;
        reachable::check(&other, &local)
    };
    let rendered = |kind_of, name, place: &str, value: Value| {
        reachable::check(&kind, &local.set(kind_of, name, place, &value))
    };
    let advertised = format!("{CONTAINER}/env/1/value");
    for (found, expected) in [
        (mapping("/1/protocol", json!("TCP")), "kind does not map UDP 30110"),
        (mapping("/1/hostPort", json!(30111)), "is reached at"),
        (mapping("/1/listenAddress", json!("0.0.0.0")), "is reached at"),
        (mapping("/0/hostPort", json!(8081)), "the page is at http://127.0.0.1:8081"),
        (mapping("/0/containerPort", json!(30081)), "kind maps TCP 30081 to nothing"),
        (
            rendered("Service", "coach-media", "/spec/ports/0/nodePort", json!(30112)),
            "kind does not map UDP 30112",
        ),
        (rendered("Service", "coach-media", "/spec/type", json!("ClusterIP")), "has no port of the node"),
        (
            rendered("ConfigMap", "coach", "/data/COACH_UDP_BIND", json!("0.0.0.0:8111")),
            "the coach listens on Some(8111)",
        ),
        (
            rendered("Deployment", "coach", &advertised, json!("$(NODE_ADDRESS):30110")),
            "the coach advertises",
        ),
        (
            rendered(
                "Deployment",
                "coach",
                &format!("{CONTAINER}/env/0/valueFrom/fieldRef/fieldPath"),
                json!("status.podIP"),
            ),
            "NODE_ADDRESS is not the node's address",
        ),
    ] {
        assert!(found.iter().any(|complaint| complaint.contains(expected)), "{expected}: {found:#?}");
    }
}

#[test]
fn a_document_that_does_not_fit_its_schema_is_refused() {
    let broken = |text: &str| {
        let refused = with_step(|house, step, place| {
            let file = place.join("broken.yaml");
            fs::write(&file, text)?;
            rendering::validated(house, step, &[file])
        });
        format!("{:#}", refused.unwrap_err())
    };
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: ";
    assert!(broken(&format!("{service}{{prots: []}}")).contains("'prots' was unexpected"));
    assert!(broken(&format!("{service}{{ports: [{{port: http}}]}}")).contains("spec.ports.0.port"));
    let secret = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a}\nspec: ";
    let custom = broken(&format!("{secret}{{secretStoreRef: {{name: s, kind: Secret}}, data: []}}"));
    assert!(custom.contains("ExternalSecret a: spec."), "{custom}");
    assert!(broken("apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\n").contains("Widget a"));
}

#[test]
fn a_tiltfile_that_starts_something_else_is_found() {
    let text = fs::read_to_string(house().root.join("Tiltfile")).unwrap();
    assert_eq!(tiltfile::lines(&text), [""; 0]);
    assert_eq!(tiltfile::lines(&text.replace("rust_service(\"rating\")", "")), ["rating is not one line"]);
    let overlays = BTreeMap::from(["local", "tilt"].map(|name| (name, overlay(name))));
    let complaints = |from: &str, to: &str, start: usize| {
        assert!(text.contains(from), "{from}");
        let start = &tiltfile::STARTS[start];
        let calls = with_step(|house, step, place| {
            let file = place.join("Tiltfile");
            fs::write(&file, text.replace(from, to))?;
            tiltfile::evaluate(house, step, &file, start, &file)
        })
        .unwrap();
        tiltfile::check(&calls, start, &overlays[start.overlay], &house())
    };
    assert_eq!(complaints("groups", "groups", 0), [""; 0]);
    for (from, to, expected) in [
        ("rust_service(\"rating\")\n", "\n", "rating is no resource"),
        ("platform(\"jaeger\"", "platform(\"prometheus\"", "two resources have one name"),
        (
            "needs = [\"object-store\"]",
            "needs = [\"minio\"]",
            "make-bucket waits for minio, which is nothing",
        ),
        ("vivavoce/web", "vivavoce/page", "vivavoce/web is not built"),
        ("target = \"dev\"", "target = \"run\"", "vivavoce/accounts is built as run"),
        ("\"migrations\", \"Cargo.lock\"", "\"migration\", \"Cargo.lock\"", "there is no migration"),
        (
            "only = [program]",
            "only = [program, \"migrations\"]",
            "vivavoce/accounts is built anew for every change of migrations",
        ),
        ("\"edge/docs\", ", "", "vivavoce/web is made of edge/docs, and is not given it"),
        ("\"web/dist\", ", "\"k8s\", \"web/dist\", ", "vivavoce/web is given k8s, and is not made of it"),
        ("8080/api/docs", "8080/docs", "there is no link to http://127.0.0.1:8080/api/docs"),
        ("overlays/tilt\"", "overlays/local\"", "is deployed"),
        ("kind-vivavoce", "production", "Tilt may deploy to"),
    ] {
        let found = complaints(from, to, 0);
        assert!(found.iter().any(|complaint| complaint.contains(expected)), "{expected}: {found:#?}");
    }
    let in_a_pipeline = complaints("config.tilt_subcommand != \"ci\" and ", "", 3);
    assert!(
        in_a_pipeline.iter().any(|complaint| complaint.contains("k8s/overlays/tilt")),
        "{in_a_pipeline:#?}"
    );
}

#[test]
fn the_overlay_for_tilt_is_the_local_one_but_for_who_may_write_and_what_is_renewed() {
    let (local, mut tilt) = (overlay("local"), overlay("tilt"));
    for document in tilt.documents.iter_mut().filter(|document| document["kind"] == "Deployment") {
        let container = document.pointer_mut(CONTAINER).unwrap();
        if container["image"].as_str().unwrap().starts_with("vivavoce/") {
            container["securityContext"]["readOnlyRootFilesystem"] = json!(true);
            if container["image"] != "vivavoce/web" {
                container.as_object_mut().unwrap().remove("command").unwrap();
            }
        }
    }
    assert_eq!(local.documents, tilt.documents);
}

#[test]
fn secrets_of_this_clone_are_the_ones_that_pods_ask_for() {
    let local = overlay("local");
    let asked: Vec<String> = workload::workloads(&local)
        .iter()
        .flat_map(|workload| {
            let volumes =
                workload::list(&workload.pod["volumes"]).map(|volume| &volume["secret"]["secretName"]);
            let sources = workload
                .containers()
                .flat_map(|container| workload::list(&container["envFrom"]))
                .map(|source| &source["secretRef"]["name"]);
            volumes.chain(sources).filter_map(|name| Some(name.as_str()?.to_owned())).collect::<Vec<_>>()
        })
        .collect();
    for name in local.secrets.keys() {
        assert!(asked.contains(name), "nobody asks for {name}");
    }
    assert!(asked.iter().all(|name| local.secrets.contains_key(name)), "{asked:?}");
    let manifests = secrets::manifests(&crate::secrets::Secrets::of(&[("NATS_PASSWORD", "np")]));
    // pragma: allowlist nextline secret
    assert!(manifests.contains("nats://vivavoce:np@nats:4222"));
}
