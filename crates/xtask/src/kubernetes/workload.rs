//! What runs: the pods of a rendering, and what each of their containers is told.

use super::rendering::Rendering;
use serde_json::Value;
use std::collections::BTreeMap;

/// A deployment, stateful set or job.
#[derive(Clone, Copy, Debug)]
pub(super) struct Workload<'a> {
    /// Its kind.
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
    /// All of it.
    pub document: &'a Value,
    /// What its pods are.
    pub pod: &'a Value,
    /// How its pods are labelled.
    pub labels: &'a Value,
}

/// What a variable holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// This.
    Text(String),
    /// What the cluster keeps secret, or knows of the pod.
    Elsewhere,
}

impl Given {
    /// What is written down, if it is.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Elsewhere => None,
        }
    }
}

/// Everything that has pods.
pub(super) fn workloads(rendering: &Rendering) -> Vec<Workload<'_>> {
    rendering
        .documents
        .iter()
        .filter_map(|document| {
            let kind = document["kind"].as_str()?;
            let template = document.pointer("/spec/template")?;
            ["Deployment", "StatefulSet", "Job", "DaemonSet"].contains(&kind).then_some(Workload {
                kind,
                name: document["metadata"]["name"].as_str()?,
                document,
                pod: &template["spec"],
                labels: &template["metadata"]["labels"],
            })
        })
        .collect()
}

/// The list at a place, or none.
pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The text at a place, or none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The name of an image of ours, wherever it is kept.
pub(super) fn own_image(image: &str) -> Option<&str> {
    let (registry, name) = image.rsplit_once('/')?;
    (registry == "vivavoce" || registry.ends_with("vivavoce.example"))
        .then(|| name.split(':').next().unwrap_or(name))
}

impl<'a> Workload<'a> {
    /// Its containers, those that run first included.
    pub(super) fn containers(&self) -> impl Iterator<Item = &'a Value> {
        list(&self.pod["initContainers"]).chain(list(&self.pod["containers"]))
    }

    /// Whether a selector means its pods.
    pub(super) fn is_meant_by(&self, selector: &Value) -> bool {
        let label = |key: &str| self.labels[key].as_str();
        let exactly = selector["matchLabels"].as_object().into_iter().flatten();
        let expressions = list(&selector["matchExpressions"]);
        exactly.into_iter().all(|(key, value)| label(key) == value.as_str())
            && expressions.into_iter().all(|expression| {
                let found = label(text(&expression["key"]));
                match text(&expression["operator"]) {
                    "In" => found.is_some_and(|found| list(&expression["values"]).any(|one| one == found)),
                    _ => false,
                }
            })
    }

    /// The number of a port of its pods, which may be given by name.
    pub(super) fn port(&self, port: &Value) -> Option<u64> {
        port.as_u64().or_else(|| {
            self.containers()
                .flat_map(|container| list(&container["ports"]))
                .find(|found| found["name"] == *port)?["containerPort"]
                .as_u64()
        })
    }

    /// Every variable a container gets; complaints are about what is not there.
    pub(super) fn environment(
        &self,
        container: &Value,
        rendering: &Rendering,
        complaints: &mut Vec<String>,
    ) -> BTreeMap<String, Given> {
        let mut given = BTreeMap::new();
        for source in list(&container["envFrom"]) {
            let map = text(&source["configMapRef"]["name"]);
            let secret = text(&source["secretRef"]["name"]);
            if let Some(map) = rendering.resource("ConfigMap", map) {
                for (key, value) in map["data"].as_object().into_iter().flatten() {
                    given.insert(key.clone(), Given::Text(text(value).to_owned()));
                }
            } else if let Some(keys) = rendering.secrets.get(secret) {
                given.extend(keys.iter().map(|key| (key.clone(), Given::Elsewhere)));
            } else {
                complaints.push(format!("{} is told by {map}{secret}, which is not there", self.name));
            }
        }
        for variable in list(&container["env"]) {
            let name = text(&variable["name"]).to_owned();
            let reference = &variable["valueFrom"]["secretKeyRef"];
            let (secret, key) = (text(&reference["name"]), text(&reference["key"]));
            if reference.is_object() && !rendering.secrets.get(secret).is_some_and(|keys| keys.contains(key))
            {
                complaints.push(format!("{} is told {key} by {secret}, which has none", self.name));
            }
            let value = variable["value"].as_str().map(str::to_owned);
            given.insert(name, value.map_or(Given::Elsewhere, Given::Text));
        }
        given
    }

    /// Whether it runs an image of ours.
    pub(super) fn is_ours(&self) -> bool {
        self.containers().any(|container| own_image(text(&container["image"])).is_some())
    }

    /// The config maps it mounts.
    pub(super) fn mounted_maps(&self) -> impl Iterator<Item = &'a str> {
        list(&self.pod["volumes"]).filter_map(|volume| volume["configMap"]["name"].as_str())
    }
}
