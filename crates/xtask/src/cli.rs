//! What a person may type.

use crate::{
    house::{House, Profile},
    lan,
    stack::{Name, Stack},
};
use anyhow::{Context, Result, bail};

/// Shown for `help`, and beside a mistake.
pub const USAGE: &str = "\
cargo xtask <command>

  up [--detach] [--reset] [--release] [--open]   bring the whole product up on this machine
     [--https]                                   for a phone in the same network, over TLS
     [--observe]                                 with Prometheus, our rules and alerts
     [--images]                                  services and edge in their images, which `images` has built
  down                                           stop it
  status                                         what runs, and how it is
  logs [name] [-f]                               the end of the logs; -f follows them
  stop <name> [--kill] | start <name>            take one process away, and give it back
  ops <command>                                  the operator's tool over what runs; `ops help` says what it can
  test [stage ...] [--filter <expression>]       everything a change must pass
                                                 stages: lint derived manifests observability
                                                         web rust browser
                                                 only when asked for: images
  chaos [what ...] [--seed <n>] [--count <n>]    the long runs in which everything fails, chosen at random
                                                 what: interruptions drain faults alerts uploads
                                                       kills orders bugs storage
  bench [what ...]                               the timed runs, each beside what it is measured against
  screens [--filter <expression>]                every screen of the product in pictures
  derive [what ...]                              rewrite derived files: proto openapi web sqlx settings
                                                 metrics traces kubernetes
  images [name ...] [--platform <p>] [-- <words>] build the images, and write down what is in them
                                                 words: what docker build is told besides
  kind secrets | demo                            what Tilt asks for: this clone's passwords, the demo learner

Of up, down, status, logs, stop, start and ops there is a second stack for tests: --stack test [--replicas 2].";

/// A command with its options.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Bring the stack up.
    Up(Up),
    /// What a detached `up` runs.
    Supervise(Up),
    /// Stop it.
    Down(Up),
    /// What runs.
    Status(Up),
    /// What it says.
    Logs { stack: Up, name: Option<String>, follow: bool },
    /// Take one process away.
    Stop { stack: Up, name: String, kill: bool },
    /// Give it back.
    Start { stack: Up, name: String },
    /// Operate it.
    Ops { stack: Up, words: Vec<String> },
    /// Check a change.
    Test { stages: Vec<String>, filter: Option<String> },
    /// Let everything fail.
    Chaos { parts: Vec<String>, seed: Option<u64>, count: Option<u32> },
    /// Measure.
    Bench { parts: Vec<String> },
    /// Look at every screen.
    Screens { filter: Option<String> },
    /// Build the images.
    Images { names: Vec<String>, platform: Option<String>, words: Vec<String> },
    /// Serve Tilt.
    Kind { word: String },
    /// Rewrite derived files.
    Derive { what: Vec<String> },
    /// Say what there is.
    Help,
}

/// Which stack, and how to start it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Up {
    /// Come back when it is healthy.
    pub detach: bool,
    /// Begin without data.
    pub reset: bool,
    /// Build for speed.
    pub release: bool,
    /// Open a browser.
    pub open: bool,
    /// Be there for the whole local network, over TLS.
    pub https: bool,
    /// Collect its metrics.
    pub observe: bool,
    /// Run what is in the images.
    pub images: bool,
    /// Which stack.
    pub name: Name,
    /// How many of each replicated service.
    pub replicas: u16,
}

impl Default for Up {
    /// What is brought up where nothing is said.
    fn default() -> Self {
        Self {
            detach: false,
            reset: false,
            release: false,
            open: false,
            https: false,
            observe: false,
            images: false,
            name: Name::Local,
            replicas: 1,
        }
    }
}

impl Up {
    /// The stack meant.
    pub fn stack(self, house: &House) -> Result<Stack> {
        let profile = match (self.release, self.images) {
            (true, true) => bail!("the images have a build of their own: --images or --release"),
            (true, false) => Profile::Release,
            (false, true) => Profile::Image,
            (false, false) => Profile::Dev,
        };
        let lan = if self.https { Some(lan::address()?) } else { None };
        Ok(Stack {
            house: house.clone(),
            name: self.name,
            profile,
            replicas: self.replicas,
            lan,
            observed: self.observe,
        })
    }
}

/// Reads a command line, without the program's name.
pub fn parse(words: &[String]) -> Result<Command> {
    let mut up = Up::default();
    let (mut follow, mut kill, mut filter, mut plain) = (false, false, None, vec![]);
    let (mut seed, mut count) = (None, None);
    let mut platform = None;
    let (command, rest) = match words.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", words),
    };
    if command == "ops" {
        return operate(rest);
    }
    // What comes behind `--` is for somebody else.
    let (rest, words) = match rest.iter().position(|word| command == "images" && word == "--") {
        Some(position) => (&rest[..position], rest[position + 1..].to_vec()),
        None => (rest, vec![]),
    };
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        let known = match (command, word.as_str()) {
            ("up" | "supervise", "--detach") => Some(&mut up.detach),
            ("up" | "supervise", "--reset") => Some(&mut up.reset),
            ("up" | "supervise", "--release") => Some(&mut up.release),
            ("up" | "supervise", "--open") => Some(&mut up.open),
            ("up" | "supervise", "--https") => Some(&mut up.https),
            ("up" | "supervise", "--observe") => Some(&mut up.observe),
            ("up" | "supervise", "--images") => Some(&mut up.images),
            ("logs", "-f" | "--follow") => Some(&mut follow),
            ("stop", "--kill") => Some(&mut kill),
            _ => None,
        };
        if let Some(option) = known {
            *option = true;
            continue;
        }
        let mut value = || rest.next().with_context(|| format!("{word} wants a value"));
        match (command, word.as_str()) {
            ("up" | "supervise" | "down" | "status" | "logs" | "stop" | "start", "--stack") => {
                up.name = Name::parse(value()?)?;
            }
            ("up" | "supervise", "--replicas") => {
                up.replicas = value()?
                    .parse()
                    .ok()
                    .filter(|count| (1..=2).contains(count))
                    .context("one or two replicas")?;
            }
            ("chaos", "--seed") => seed = Some(value()?.parse().context("a seed is a number")?),
            ("chaos", "--count") => count = Some(value()?.parse().context("a count is a number")?),
            ("images", "--platform") => platform = Some(value()?.clone()),
            ("test" | "screens", "--filter") => filter = Some(value()?.clone()),
            (
                "logs" | "stop" | "start" | "test" | "chaos" | "bench" | "derive" | "kind" | "images",
                plain_word,
            ) if !plain_word.starts_with('-') => {
                plain.push(word.clone());
            }
            _ => bail!("`{command}` does not know {word}\n\n{USAGE}"),
        }
    }
    let name = plain.first().cloned();
    Ok(match command {
        "up" => Command::Up(up),
        "supervise" => Command::Supervise(up),
        "down" => Command::Down(up),
        "status" => Command::Status(up),
        "logs" => Command::Logs { stack: up, name, follow },
        "stop" => Command::Stop { stack: up, name: name.context("stop what?")?, kill },
        "start" => Command::Start { stack: up, name: name.context("start what?")? },
        "test" => Command::Test { stages: plain, filter },
        "chaos" => Command::Chaos { parts: plain, seed, count },
        "bench" => Command::Bench { parts: plain },
        "screens" => Command::Screens { filter },
        "images" => Command::Images { names: plain, platform, words },
        "kind" => Command::Kind { word: name.context("kind what?")? },
        "derive" => Command::Derive { what: plain },
        "help" | "--help" | "-h" => Command::Help,
        other => bail!("there is no `{other}`\n\n{USAGE}"),
    })
}

/// What follows is for the operator's tool to understand.
fn operate(words: &[String]) -> Result<Command> {
    let mut stack = Up::default();
    let words = match words {
        [option, name, words @ ..] if option == "--stack" => {
            stack.name = Name::parse(name)?;
            words
        }
        words => words,
    };
    Ok(Command::Ops { stack, words: words.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_understood_in_any_order() {
        let line = "up --stack test --detach --replicas 2 --observe";
        let Ok(Command::Up(up)) = read(line) else { panic!("not up") };
        assert!(up.detach && up.observe && !up.reset);
        assert_eq!((up.name, up.replicas), (Name::Test, 2));
        assert_eq!(
            read("test rust --filter outbox").unwrap(),
            Command::Test { stages: vec!["rust".into()], filter: Some("outbox".into()) }
        );
        assert_eq!(
            read("chaos kills uploads --seed 7 --count 1000").unwrap(),
            Command::Chaos {
                parts: vec!["kills".into(), "uploads".into()],
                seed: Some(7),
                count: Some(1000)
            }
        );
        assert_eq!(
            read("images rating --platform linux/arm64 -- --network host").unwrap(),
            Command::Images {
                names: vec!["rating".into()],
                platform: Some("linux/arm64".into()),
                words: vec!["--network".into(), "host".into()]
            }
        );
        assert_eq!(read("screens --filter room").unwrap(), Command::Screens { filter: Some("room".into()) });
    }

    #[test]
    fn the_operators_words_are_passed_on_as_they_are() {
        let Ok(Command::Ops { stack, words }) = read("ops --stack test outbox republish --since 1h") else {
            panic!("not ops")
        };
        assert_eq!((stack.name, words.join(" ").as_str()), (Name::Test, "outbox republish --since 1h"));
        let Ok(Command::Ops { stack, words }) = read("ops help") else { panic!("not ops") };
        assert_eq!((stack.name, words.join(" ").as_str()), (Name::Local, "help"));
    }

    #[test]
    fn a_mistake_is_named() {
        assert!(read("up --dettach").unwrap_err().to_string().contains("--dettach"));
        assert!(read("down now").is_err());
        assert!(read("up --replicas 9").is_err());
        assert!(read("fly").is_err());
    }
}
