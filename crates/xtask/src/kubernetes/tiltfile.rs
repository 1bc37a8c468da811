//! The Tiltfile, evaluated with everything Tilt offers it replaced by a recorder.

use super::{
    none,
    rendering::{self, Rendering},
    workload::{list, own_image, text, workloads},
};
use crate::{
    house::House,
    images::{
        WEB,
        dockerfile::{Dockerfile, is_within},
    },
    stack::catalogue,
    steps::{Step, command},
    tools,
};
use anyhow::{Context, Result};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// How Tilt may be started, and what each comes to.
pub(super) struct Start {
    subcommand: &'static str,
    /// The C library of the machine, or nothing where there is no such one.
    library: &'static str,
    pub overlay: &'static str,
    /// The targets of the images of services, and of the page.
    targets: [&'static str; 2],
}

const LIVE: [&str; 2] = ["dev", "dev-web"];
const WHOLE: [&str; 2] = ["run", "web"];

pub(super) const STARTS: [Start; 4] = [
    Start { subcommand: "up", library: "glibc 2.36", overlay: "tilt", targets: LIVE },
    Start { subcommand: "up", library: "glibc 2.39", overlay: "local", targets: WHOLE },
    Start { subcommand: "up", library: "", overlay: "local", targets: WHOLE },
    Start { subcommand: "ci", library: "glibc 2.36", overlay: "local", targets: WHOLE },
];

/// What a platform team looks at.
const LINKS: [&str; 4] = [
    "http://127.0.0.1:8080",
    "http://127.0.0.1:8080/api/docs",
    "http://127.0.0.1:16686",
    "http://127.0.0.1:3000",
];

/// Evaluates it for every way to start Tilt; answers how many resources there are.
pub(super) fn run(
    house: &House,
    step: &Step,
    overlays: &BTreeMap<&'static str, Rendering>,
) -> Result<String> {
    let file = house.root.join("Tiltfile");
    let mut wrong = lines(&fs::read_to_string(&file)?);
    let mut count = 0;
    for start in &STARTS {
        let calls = evaluate(house, step, &file, start, &rendering::file(house, start.overlay))?;
        count = calls.named("k8s_resource").count() + calls.named("local_resource").count();
        let complaints = check(&calls, start, &overlays[start.overlay], house);
        wrong.extend(
            complaints
                .into_iter()
                .map(|what| format!("{} with {:?}: {what}", start.subcommand, start.library)),
        );
    }
    none(&wrong)?;
    Ok(format!("{count} resources"))
}

/// Every call of something that Tilt offers, in order.
pub(super) struct Calls(Vec<Value>);

impl Calls {
    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Call<'a>> {
        self.0
            .iter()
            .filter(move |call| call[0] == name)
            .map(|call| Call { words: &call[1], options: &call[2] })
    }
}

struct Call<'a> {
    words: &'a Value,
    options: &'a Value,
}

impl<'a> Call<'a> {
    fn first(&self) -> &'a str {
        text(&self.words[0])
    }
}

/// Lets Starlark run a Tiltfile.
pub(super) fn evaluate(
    house: &House,
    step: &Step,
    file: &Path,
    start: &Start,
    rendered: &Path,
) -> Result<Calls> {
    let script = house.root.join("crates/xtask/src/kubernetes/tiltfile.py");
    let mut python = command(house, tools::for_manifests(house, "python3"));
    python.arg(script).arg(file).args([start.subcommand, start.library]);
    // Whatever it deploys, it gets the same: what it asked for is looked at afterwards.
    for overlay in ["local", "tilt"] {
        python.arg(format!("k8s/overlays/{overlay}={}", rendered.display()));
    }
    Ok(Calls(serde_json::from_str(&step.read(&mut python)?).context("tiltfile.py answers no JSON")?))
}

/// What is wrong with one evaluation.
pub(super) fn check(calls: &Calls, start: &Start, rendering: &Rendering, house: &House) -> Vec<String> {
    let mut wrong = vec![];
    let deployed: Vec<&str> = calls.named("kustomize").map(|call| call.first()).collect();
    if deployed != [format!("k8s/overlays/{}", start.overlay)] {
        wrong.push(format!("{deployed:?} is deployed"));
    }
    let contexts: Vec<&str> = calls.named("allow_k8s_contexts").map(|call| call.first()).collect();
    if contexts != ["kind-vivavoce"] {
        wrong.push(format!("Tilt may deploy to {contexts:?}"));
    }
    wrong.extend(resources(calls, rendering));
    wrong.extend(images(calls, start, rendering));
    wrong.extend(paths(calls, house));
    match Dockerfile::of(house) {
        Ok(dockerfile) => wrong.extend(contexts_of(calls, &dockerfile)),
        Err(error) => wrong.push(format!("{error:#}")),
    }
    let links: BTreeSet<&str> = calls.named("link").map(|call| call.first()).collect();
    wrong.extend(
        LINKS.iter().filter(|link| !links.contains(*link)).map(|link| format!("there is no link to {link}")),
    );
    wrong
}

/// Each service is one line, so a new one is.
pub(super) fn lines(tiltfile: &str) -> Vec<String> {
    let of = |service: &str| {
        let beginning = format!("rust_service(\"{service}\"");
        tiltfile.lines().filter(|line| line.starts_with(&beginning) && line.ends_with(')')).count()
    };
    catalogue::SERVICES
        .iter()
        .filter(|service| of(service.name) != 1)
        .map(|service| format!("{} is not one line", service.name))
        .collect()
}

/// Every workload is a resource, and every resource that something waits for is there.
fn resources(calls: &Calls, rendering: &Rendering) -> Vec<String> {
    let mut wrong = vec![];
    let names = |kind| calls.named(kind).map(|call| call.first()).collect::<Vec<_>>();
    let (deployed, local) = (names("k8s_resource"), names("local_resource"));
    let all: BTreeSet<&str> = deployed.iter().chain(&local).copied().collect();
    if all.len() != deployed.len() + local.len() {
        wrong.push("two resources have one name".to_owned());
    }
    let deployed: BTreeSet<&str> = deployed.into_iter().collect();
    let workloads: BTreeSet<&str> = workloads(rendering).iter().map(|workload| workload.name).collect();
    wrong.extend(workloads.difference(&deployed).map(|name| format!("{name} is no resource")));
    wrong.extend(deployed.difference(&workloads).map(|name| format!("resource {name} is nothing that runs")));
    for call in calls.named("k8s_resource").chain(calls.named("local_resource")) {
        let missing = list(&call.options["resource_deps"]).map(text).filter(|name| !all.contains(name));
        wrong.extend(missing.map(|name| format!("{} waits for {name}, which is nothing", call.first())));
        if list(&call.options["labels"]).count() != 1 {
            wrong.push(format!("{} is in no group", call.first()));
        }
    }
    wrong
}

/// Every image of ours is built, once, and nothing else.
fn images(calls: &Calls, start: &Start, rendering: &Rendering) -> Vec<String> {
    let mut wanted = BTreeMap::new();
    for workload in workloads(rendering) {
        for name in workload.containers().filter_map(|container| own_image(text(&container["image"]))) {
            wanted.insert(format!("vivavoce/{name}"), start.targets[usize::from(name == WEB)]);
        }
    }
    let mut wrong = vec![];
    let mut built = BTreeSet::new();
    for call in calls.named("docker_build") {
        let image = call.first();
        let target = text(&call.options["target"]);
        if !built.insert(image) {
            wrong.push(format!("{image} is built twice"));
        }
        if wanted.get(image) != Some(&target) {
            wrong.push(format!("{image} is built as {target}, and wanted as {:?}", wanted.get(image)));
        }
        let updates: Vec<&str> = list(&call.options["live_update"]).map(|step| text(&step[0])).collect();
        if updates.contains(&"sync") != (start.overlay == "tilt") {
            wrong.push(format!("{image} is updated by {updates:?}"));
        }
    }
    wrong.extend(
        wanted
            .keys()
            .filter(|image| !built.contains(image.as_str()))
            .map(|image| format!("{image} is not built")),
    );
    wrong
}

/// An image is built of what it is made of: less could not be built, and a change of more would build it anew.
fn contexts_of(calls: &Calls, dockerfile: &Dockerfile) -> Vec<String> {
    let mut wrong = vec![];
    for call in calls.named("docker_build") {
        let image = call.first();
        let service = text(&call.options["build_args"]["SERVICE"]);
        let copied = dockerfile.copied(text(&call.options["target"]), service);
        let given: Vec<&str> = list(&call.options["only"]).map(text).collect();
        wrong.extend(
            copied
                .iter()
                .filter(|path| !given.iter().any(|folder| is_within(path, folder)))
                .map(|path| format!("{image} is made of {path}, and is not given it")),
        );
        wrong.extend(
            given
                .iter()
                .filter(|folder| {
                    !copied.iter().any(|path| is_within(path, folder) || is_within(folder, path))
                })
                .map(|folder| format!("{image} is given {folder}, and is not made of it")),
        );
        // Tilt builds an image anew for what it cannot put into a container: it must have been meant.
        let steps = || list(&call.options["live_update"]);
        let renewed: Vec<&str> = steps()
            .flat_map(|step| match text(&step[0]) {
                "sync" => vec![text(&step[1])],
                "fall_back_on" => list(&step[1]).map(text).collect(),
                _ => vec![],
            })
            .collect();
        if steps().next().is_some() {
            wrong.extend(
                given
                    .iter()
                    .filter(|path| !renewed.iter().any(|folder| is_within(path, folder)))
                    .map(|path| format!("{image} is built anew for every change of {path}")),
            );
        }
    }
    wrong
}

/// What a resource watches or an image is made of is there, but for what is built.
fn paths(calls: &Calls, house: &House) -> Vec<String> {
    let made = |path: &str| path.starts_with("target/") || path == "web/dist";
    calls
        .named("docker_build")
        .chain(calls.named("local_resource"))
        .flat_map(|call| list(&call.options["only"]).chain(list(&call.options["deps"])))
        .map(text)
        .filter(|path| !made(path) && !house.root.join(path).exists())
        .map(|path| format!("there is no {path}"))
        .collect()
}
