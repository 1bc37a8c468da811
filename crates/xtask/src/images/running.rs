//! A process of a stack, in its image instead: as a cluster runs it, but on this machine's network.

use super::tag;
use crate::stack::process::Process;

/// What is of this machine and not of the image: the image says itself where its recogniser is, and nobody tells it to die.
const OF_THE_MACHINE: [&str; 2] = ["COACH_RECOGNIZER", "KILL_POINTS"];

/// Where the page's image has what the edge serves, and where it writes.
pub mod page {
    /// The page.
    pub const PAGE: &str = "/srv/web";
    /// The page that describes the API.
    pub const DOCS: &str = "/srv/docs";
    /// What that page shows.
    pub const OPENAPI: &str = "/srv/openapi/vivavoce.json";
    /// Scratch.
    pub const RUN: &str = "/run/edge";
}

/// Takes away what was left of a container of this name, and becomes Docker's client, which passes signals on.
const BEGINS: &str = "docker rm --force \"$0\" > /dev/null 2>&1; shift; exec docker run --name \"$0\" \"$@\"";

/// The words behind `docker run` for one who may do nothing but what a pod may.
fn restricted() -> Vec<String> {
    let words = ["run", "--rm", "--read-only", "--network", "host", "--cap-drop", "ALL"];
    let more = ["--security-opt", "no-new-privileges", "--tmpfs", "/tmp:mode=1777"];
    words.into_iter().chain(more).map(str::to_owned).collect()
}

/// The same process in its image.
pub fn contained(process: Process, image: &str) -> Process {
    let mut words = restricted();
    let settings: Vec<_> =
        process.settings.into_iter().filter(|(key, _)| !OF_THE_MACHINE.contains(&key.as_str())).collect();
    // By name: a value on a command line is read by everybody on this machine.
    words.extend(settings.iter().flat_map(|(key, _)| ["--env".to_owned(), key.clone()]));
    if let Some(file) = &process.configuration {
        words.extend(["--tmpfs".to_owned(), format!("{}:uid=65532,mode=0700", page::RUN)]);
        words.extend(["--volume".to_owned(), format!("{0}:{0}:ro", file.display())]);
    }
    words.push(tag(image));
    words.extend(process.arguments);
    // Whoever kills Docker's client has not killed the container: the next one finds its name and its port taken.
    let name = format!("vivavoce-{}-{}", process.name, process.health.port());
    let begins = ["-c".to_owned(), BEGINS.to_owned(), name];
    Process { program: "sh".into(), arguments: [begins.to_vec(), words].concat(), settings, ..process }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::process::Health;
    use nix::sys::signal::Signal;

    #[test]
    fn a_contained_process_shows_no_secret_and_may_write_nowhere() {
        let process = Process {
            name: "secrets".into(),
            program: "/target/debug/secrets".into(),
            arguments: vec!["migrate".into()],
            settings: vec![
                ("COACH_KEY".into(), "knows-nobody".into()),
                ("KILL_POINTS".into(), "/here".into()),
            ],
            hidden: &[],
            user: None,
            stop: Signal::SIGTERM,
            health: Health::Accepts(1),
            configuration: None,
        };
        let contained = contained(process, "secrets");
        let line = contained.arguments.join(" ");
        assert!(line.ends_with("--env COACH_KEY vivavoce/secrets migrate"), "{line}");
        assert_eq!(contained.arguments[2..4], ["vivavoce-secrets-1", "run"]);
        assert!(
            line.contains("--read-only") && !line.contains("knows-nobody") && !line.contains("KILL_POINTS")
        );
        assert_eq!(contained.settings, [("COACH_KEY".to_owned(), "knows-nobody".to_owned())]);
    }
}
