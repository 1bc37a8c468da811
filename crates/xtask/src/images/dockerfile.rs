//! The Dockerfile, held against the clone: what it copies is there, and what must be built from it can be.

use crate::{house::House, stack::catalogue};
use anyhow::{Context, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The user that images run as, and that pods ask for.
pub const USER: &str = "65532:65532";

/// Debian's name in the images, and its C library as the Tiltfile writes it.
const DEBIAN: (&str, &str) = ("bookworm", "[2, 36]");

/// Made outside before an image is built of it.
const MADE: [&str; 2] = ["target/debug/", "web/dist"];

/// What can be built, and whether it has nothing but its program.
pub const TARGETS: [(&str, bool); 4] = [("run", true), ("dev", false), ("web", true), ("dev-web", false)];

/// One `FROM` with what follows.
#[derive(Debug)]
struct Stage {
    name: String,
    base: String,
    /// What is done, and with what.
    instructions: Vec<(String, String)>,
}

impl Stage {
    fn all<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a str> {
        self.instructions.iter().filter(move |(found, _)| found == keyword).map(|(_, rest)| rest.as_str())
    }

    /// What is copied: from which stage, or from the clone.
    fn copies(&self) -> impl Iterator<Item = (Option<&str>, Vec<&str>)> {
        self.all("COPY").map(|rest| {
            let words = || rest.split_whitespace();
            let mut paths: Vec<&str> = words().filter(|word| !word.starts_with("--")).collect();
            paths.pop();
            (words().find_map(|word| word.strip_prefix("--from=")), paths)
        })
    }
}

/// A Dockerfile as it is read.
#[derive(Debug)]
pub struct Dockerfile {
    /// Arguments before the first stage, with their defaults.
    arguments: BTreeMap<String, String>,
    stages: Vec<Stage>,
}

impl Dockerfile {
    /// Reads the clone's own.
    pub fn of(house: &House) -> Result<Self> {
        Ok(Self::parse(&fs::read_to_string(house.root.join("Dockerfile")).context("there is no Dockerfile")?))
    }

    fn parse(text: &str) -> Self {
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
        let joined = lines.join("\n").replace("\\\n", " ");
        let mut file = Self { arguments: BTreeMap::new(), stages: vec![] };
        for (keyword, rest) in joined.lines().filter_map(|line| line.trim().split_once(' ')) {
            let rest = rest.trim();
            if keyword == "FROM" {
                let words: Vec<&str> =
                    rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
                file.stages.push(Stage {
                    name: (*words.get(2).unwrap_or(&"")).to_owned(),
                    base: (*words.first().unwrap_or(&"")).to_owned(),
                    instructions: vec![],
                });
            } else if let Some(stage) = file.stages.last_mut() {
                stage.instructions.push((keyword.to_owned(), rest.to_owned()));
            } else if let Some((name, default)) = rest.split_once('=') {
                file.arguments.insert(name.to_owned(), default.to_owned());
            }
        }
        file
    }

    fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// A stage with all that it is made of.
    fn made_of(&self, target: &str) -> Vec<&Stage> {
        let mut found: Vec<&Stage> = self.stage(target).into_iter().collect();
        let mut next = 0;
        while let Some(stage) = found.get(next).copied() {
            let named = stage.copies().filter_map(|(from, _)| from).chain([stage.base.as_str()]);
            for other in named.filter_map(|name| self.stage(name)) {
                if !found.iter().any(|known| known.name == other.name) {
                    found.push(other);
                }
            }
            next += 1;
        }
        found
    }

    /// Everything of the clone that an image is made of.
    pub fn copied(&self, target: &str, service: &str) -> BTreeSet<String> {
        let of_the_clone = |stage: &&Stage| {
            let copies = stage.copies().filter(|(from, _)| from.is_none());
            copies.flat_map(|(_, paths)| paths).map(|path| of_service(path, service)).collect::<Vec<_>>()
        };
        self.made_of(target).iter().flat_map(of_the_clone).collect()
    }
}

fn of_service(path: &str, service: &str) -> String {
    path.replace("${SERVICE}", service)
}

/// Whether a path is, or lies in, another.
pub fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || folder.ends_with('/'))
}

/// Whether Docker is given a path: the last line that means it decides.
fn is_given(ignored: &str, path: &str) -> bool {
    let mut given = true;
    for line in ignored.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (wanted, pattern) = line.strip_prefix('!').map_or((false, line), |pattern| (true, pattern));
        if pattern == "*" || is_within(path, pattern) {
            given = wanted;
        }
    }
    given
}

/// What is wrong with the clone's own.
pub fn run(house: &House) -> Result<Vec<String>> {
    let text =
        |path: &str| fs::read_to_string(house.root.join(path)).with_context(|| format!("cannot read {path}"));
    let file = Dockerfile::of(house)?;
    let mut wrong = check(&file, &text(".dockerignore")?, &house.root);
    wrong.extend(versions(&file, &text("rust-toolchain.toml")?, &text("Tiltfile")?));
    Ok(wrong)
}

/// What is wrong with a Dockerfile in a clone.
fn check(file: &Dockerfile, ignored: &str, root: &Path) -> Vec<String> {
    let mut wrong = vec![];
    for (target, is_bare) in TARGETS {
        match file.stage(target) {
            Some(stage) => wrong.extend(target_of(file, stage, is_bare)),
            None => wrong.push(format!("there is no target {target}")),
        }
    }
    for (position, stage) in file.stages.iter().enumerate() {
        wrong.extend(names(file, stage, position));
    }
    let services = catalogue::SERVICES.iter().map(|service| service.name);
    for (target, service) in services.flat_map(|service| TARGETS.map(|(target, _)| (target, service))) {
        for path in file.copied(target, service) {
            let is_there = MADE.iter().any(|made| is_within(&path, made)) || root.join(&path).exists();
            if !is_there {
                wrong.push(format!("{target} copies {path}, which is not there"));
            } else if !is_given(ignored, &path) {
                wrong.push(format!("{target} copies {path}, which .dockerignore keeps from it"));
            }
        }
    }
    wrong.extend(services_of(file, root));
    wrong.sort();
    wrong.dedup();
    wrong
}

/// What one starts must be somebody harmless, and begin with its program.
fn target_of(file: &Dockerfile, stage: &Stage, is_bare: bool) -> Vec<String> {
    let name = &stage.name;
    let mut wrong = vec![];
    if stage.all("USER").last() != Some(USER) {
        wrong.push(format!("{name} does not run as {USER}"));
    }
    if !stage.all("ENTRYPOINT").last().is_some_and(|entry| entry.starts_with('[')) {
        wrong.push(format!("{name} does not begin with its program"));
    }
    if (stage.base == "scratch") != is_bare {
        wrong.push(format!("{name} stands on {}", stage.base));
    }
    // What one gets from `file.made_of` includes the target itself.
    let takes_service = file.made_of(name).iter().any(|stage| stage.all("ARG").any(|arg| arg == "SERVICE"));
    if takes_service == name.ends_with("web") {
        wrong.push(format!("{name} and the argument SERVICE do not belong together"));
    }
    if name.ends_with("web") && stage.all("STOPSIGNAL").last() != Some("SIGQUIT") {
        wrong.push(format!("{name} breaks off what it passes on"));
    }
    wrong
}

/// What a stage names was said before.
fn names(file: &Dockerfile, stage: &Stage, position: usize) -> Vec<String> {
    let mut wrong = vec![];
    let is_before = |name: &str| file.stages[..position].iter().any(|earlier| earlier.name == name);
    if let Some(argument) = stage.base.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        match file.arguments.get(argument) {
            Some(image) if image.contains(':') && !image.ends_with(":latest") => {}
            Some(image) => wrong.push(format!("{argument} is {image}, which is another one tomorrow")),
            None => wrong.push(format!("{} stands on {argument}, which is nothing", stage.name)),
        }
    } else if stage.base != "scratch" && !is_before(&stage.base) {
        wrong.push(format!("{} stands on {}, which is nothing", stage.name, stage.base));
    }
    for from in stage.copies().filter_map(|(from, _)| from).filter(|from| !is_before(from)) {
        wrong.push(format!("{} copies from {from}, which is nothing", stage.name));
    }
    let mut declared: BTreeSet<&str> = BTreeSet::new();
    for (keyword, rest) in &stage.instructions {
        if keyword == "ARG" {
            declared.insert(rest.split('=').next().unwrap_or(rest));
        }
        let used = ["SERVICE", "TARGETARCH", "BUILDARCH"].into_iter();
        for argument in
            used.filter(|name| rest.contains(&format!("${name}")) || rest.contains(&format!("${{{name}}}")))
        {
            if !declared.contains(argument) {
                wrong.push(format!("{} does not know {argument} where it uses it", stage.name));
            }
        }
    }
    wrong
}

/// Every service has a folder, whose program has its name, and what is made for one is made for a service.
fn services_of(file: &Dockerfile, root: &Path) -> Vec<String> {
    let mut wrong = vec![];
    for service in catalogue::SERVICES.iter().map(|service| service.name) {
        let manifest =
            fs::read_to_string(root.join(format!("services/{service}/Cargo.toml"))).unwrap_or_default();
        if !manifest.lines().any(|line| line == format!("name = \"{service}\"")) {
            wrong.push(format!("services/{service} has no program {service}"));
        }
    }
    for choice in file
        .stages
        .iter()
        .flat_map(|stage| stage.all("RUN"))
        .filter(|run| run.contains("case \"$SERVICE\" in"))
    {
        // `case "$SERVICE" in upload) … ;; rating) … ;; esac`
        let arms = choice.split("case \"$SERVICE\" in").nth(1).and_then(|rest| rest.split("esac").next());
        for arm in arms.unwrap_or_default().split(";;").filter_map(|arm| arm.split_once(')')) {
            let name = arm.0.trim();
            if !catalogue::SERVICES.iter().any(|service| service.name == name) {
                wrong.push(format!("there is no service {name} to make an image for"));
            }
        }
    }
    wrong
}

/// What stands in two files stands in both.
fn versions(file: &Dockerfile, toolchain: &str, tiltfile: &str) -> Vec<String> {
    let mut wrong = vec![];
    let compiler = toolchain.split('"').nth(1).unwrap_or_default();
    let (debian, library) = DEBIAN;
    let wanted = format!("rust:{compiler}-slim-{debian}");
    if file.arguments.get("RUST") != Some(&wanted) {
        wrong.push(format!("the compiler is {:?}, not {wanted}", file.arguments.get("RUST")));
    }
    if !file.arguments.values().all(|image| image.contains(debian)) {
        wrong.push(format!("not everything stands on {debian}"));
    }
    if !tiltfile.contains(&format!("<= {library}")) {
        wrong.push(format!("the Tiltfile does not know that {debian} has the C library {library}"));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
    }

    fn own(path: &str) -> String {
        fs::read_to_string(root().join(path)).unwrap()
    }

    fn complaints(dockerfile: &str, ignored: &str) -> Vec<String> {
        let file = Dockerfile::parse(dockerfile);
        let mut wrong = check(&file, ignored, &root());
        wrong.extend(versions(&file, &own("rust-toolchain.toml"), &own("Tiltfile")));
        wrong
    }

    #[test]
    fn a_dockerfile_that_cannot_be_built_or_makes_another_image_is_found() {
        let (file, ignored) = (own("Dockerfile"), own(".dockerignore"));
        assert_eq!(complaints(&file, &ignored), [""; 0]);
        for (from, to, expected) in [
            ("FROM scratch AS run", "FROM tools AS run", "run stands on tools"),
            ("FROM tools AS dev\n", "FROM tools AS develop\n", "there is no target dev"),
            ("FROM tools AS dev\n", "FROM tool AS dev\n", "dev stands on tool, which is nothing"),
            (
                "USER 65532:65532\nENTRYPOINT [\"/app",
                "USER 0\nENTRYPOINT [\"/app",
                "run does not run as 65532:65532",
            ),
            (
                "ENTRYPOINT [\"/app/service\"]",
                "ENTRYPOINT /app/service",
                "run does not begin with its program",
            ),
            ("STOPSIGNAL SIGQUIT\n", "", "web breaks off what it passes on"),
            (
                "COPY migrations migrations",
                "COPY migration migration",
                "run copies migration, which is not there",
            ),
            (
                "COPY images/assemble.sh",
                "COPY k8s/README.md",
                "run copies k8s/README.md, which .dockerignore keeps",
            ),
            ("COPY --from=programs", "COPY --from=program", "parts copies from program, which is nothing"),
            ("ARG SERVICE\n", "", "parts does not know SERVICE where it uses it"),
            ("ARG TARGETARCH\n", "", "toolchain does not know TARGETARCH"),
            ("rating) set", "ratings) set", "there is no service ratings"),
            ("rust:1.95.0", "rust:1.96.0", "the compiler is Some(\"rust:1.96.0"),
            ("debian:bookworm-slim", "debian:trixie-slim", "not everything stands on bookworm"),
            ("debian:bookworm-slim", "debian", "DEBIAN is debian, which is another one tomorrow"),
        ] {
            assert!(file.contains(from), "{from}");
            let found = complaints(&file.replace(from, to), &ignored);
            assert!(found.iter().any(|complaint| complaint.contains(expected)), "{expected}: {found:#?}");
        }
    }

    #[test]
    fn what_is_kept_from_docker_is_found() {
        let (file, ignored) = (own("Dockerfile"), own(".dockerignore"));
        for (line, expected) in [
            ("!target/debug/rating\n", "dev copies target/debug/rating"),
            ("!web\n", "web copies web/package.json"),
            ("!crates\n", "run copies crates, which"),
        ] {
            assert!(ignored.contains(line), "{line}");
            let found = complaints(&file, &ignored.replace(line, ""));
            assert!(found.iter().any(|complaint| complaint.contains(expected)), "{expected}: {found:#?}");
        }
        assert!(!is_given(&ignored, ".local/secrets.env") && !is_given(&ignored, "web/node_modules/x"));
    }

    #[test]
    fn an_image_is_made_of_what_the_stages_before_it_copy() {
        let file = Dockerfile::parse(&own("Dockerfile"));
        assert!(file.copied("run", "rating").contains("migrations"));
        let dev = ["crates/xtask/tools.txt", "services/coach/recognizer/recognize.py", "target/debug/rating"];
        assert_eq!(file.copied("dev", "rating"), BTreeSet::from(dev.map(str::to_owned)));
        assert!(!file.copied("web", "").contains("crates"));
    }
}
