//! Every process of a stack, with all it is started with.

use super::{
    Stack, catalogue, certificate,
    database::Postgres,
    edge,
    process::{Health, Process},
    prometheus,
    settings::{self, Provider, Settings},
};
use crate::{
    house::{self, Profile},
    images,
    ports::Transport,
    secrets::Secrets,
    tools,
};
use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use std::{fs, path::PathBuf, process::Command};

/// What is started, in three rounds.
#[derive(Debug)]
pub struct Plan {
    /// What services stand on.
    pub infrastructure: Vec<Process>,
    /// The product.
    pub services: Vec<Process>,
    /// The way in.
    pub edge: Process,
}

/// What no process but one is given; that one gets it by its settings.
const PRIVATE: &[&str] = &["OPENAI_API_KEY"];

impl Plan {
    /// Writes the configuration files and says what to start.
    pub fn of(stack: &Stack, secrets: &Secrets, provider: &Provider) -> Result<Self> {
        fs::create_dir_all(stack.data()).context("cannot make the data folder")?;
        let mut infrastructure =
            vec![Postgres::of(stack)?.process(), nats(stack, secrets)?, s3(stack, secrets), traces(stack)];
        if stack.has_faults() {
            infrastructure.push(faults(stack));
        }
        if stack.observed {
            infrastructure.push(prometheus::process(stack)?);
        }
        let services = catalogue::SERVICES
            .iter()
            .flat_map(|service| {
                (0..catalogue::replicas(service, stack)).map(move |replica| (service, replica))
            })
            .map(|(service, replica)| {
                let settings = settings::of_service(stack, secrets, provider, service, replica);
                let process = Process {
                    name: catalogue::process_name(service, replica),
                    health: Health::Answers(stack.replica_port(service.http, replica), "/healthz/ready"),
                    ..plain(stack.house.binary(stack.profile, service.name), settings)
                };
                built(stack, process, service.name)
            })
            .collect();
        let configuration = edge::configure(stack)?;
        let edge = Process {
            name: "edge".to_owned(),
            arguments: vec![
                "-e".to_owned(),
                "stderr".to_owned(),
                "-c".to_owned(),
                configuration.to_string_lossy().into_owned(),
                "-g".to_owned(),
                "daemon off;".to_owned(),
            ],
            // Over TLS this port answers with the certificate, and with the way to the other.
            health: match stack.lan {
                None => Health::Answers(catalogue::edge_itself(stack), "/"),
                Some(_) => Health::Answers(stack.port(catalogue::EDGE), certificate::PATH),
            },
            configuration: Some(configuration),
            ..plain(edge::nginx()?, vec![])
        };
        let edge = built(stack, edge, images::WEB);
        Ok(Self { infrastructure, services, edge })
    }

    /// A service that does what a word says, and ends.
    pub fn word(stack: &Stack, service: &catalogue::Service, settings: Settings, word: &str) -> Command {
        let program = stack.house.binary(stack.profile, service.name);
        let process = Process { arguments: vec![word.to_owned()], ..plain(program, settings) };
        built(stack, process, service.name).command()
    }

    /// All processes in the order of their start.
    pub fn all(&self) -> impl Iterator<Item = &Process> {
        self.infrastructure.iter().chain(&self.services).chain([&self.edge])
    }

    /// Changes when anything would be started differently.
    pub fn fingerprint(&self) -> u64 {
        let bytes: Vec<u8> = self.all().flat_map(|process| process.fingerprint().to_be_bytes()).collect();
        house::fingerprint(&bytes)
    }
}

/// A process as the stack has it built.
fn built(stack: &Stack, process: Process, image: &str) -> Process {
    if stack.profile == Profile::Image { images::contained(process, image) } else { process }
}

pub(super) fn plain(program: PathBuf, settings: Settings) -> Process {
    Process {
        name: String::new(),
        program,
        arguments: vec![],
        settings,
        hidden: PRIVATE,
        user: None,
        stop: Signal::SIGTERM,
        health: Health::Accepts(0),
        configuration: None,
    }
}

fn nats(stack: &Stack, secrets: &Secrets) -> Result<Process> {
    let configuration = stack.run().join("nats.conf");
    let store = stack.data().join("nats");
    let text = format!(
        "server_name: vivavoce\n\
         listen: \"127.0.0.1:{}\"\n\
         http: \"127.0.0.1:{}\"\n\
         jetstream {{\n  store_dir: \"{}\"\n  sync_interval: always\n  max_file_store: 10GB\n}}\n\
         authorization {{ user: vivavoce, password: \"{}\" }}\n",
        stack.port(catalogue::NATS),
        stack.port(catalogue::NATS_MONITOR),
        store.display(),
        secrets.get("NATS_PASSWORD"),
    );
    house::write_whole(&configuration, text.as_bytes(), 0o600)?;
    Ok(Process {
        name: "nats".to_owned(),
        arguments: vec!["--config".to_owned(), configuration.to_string_lossy().into_owned()],
        health: Health::Answers(stack.port(catalogue::NATS_MONITOR), "/healthz"),
        configuration: Some(configuration),
        ..plain(tools::nats_server(&stack.house)?, vec![])
    })
}

/// The object store of a stack.
pub fn s3(stack: &Stack, secrets: &Secrets) -> Process {
    let port = stack.port(catalogue::S3);
    let settings = vec![
        ("LOCAL_S3_HTTP_ADDR".to_owned(), format!("127.0.0.1:{port}")),
        ("LOCAL_S3_FOLDER".to_owned(), stack.data().join("s3").to_string_lossy().into_owned()),
        ("S3_BUCKET".to_owned(), catalogue::BUCKET.to_owned()),
        ("S3_ACCESS_KEY".to_owned(), secrets.get("S3_ACCESS_KEY").to_owned()),
        ("S3_SECRET_KEY".to_owned(), secrets.get("S3_SECRET_KEY").to_owned()),
    ];
    Process {
        name: "s3".to_owned(),
        health: Health::Accepts(port),
        ..plain(stack.house.binary(stack.profile, "local-s3"), settings)
    }
}

/// The network that fails on request.
fn faults(stack: &Stack) -> Process {
    let here = |port| format!("127.0.0.1:{}", stack.port(port));
    let line = |way: &catalogue::FaultyWay| {
        let transport = if way.transport == Transport::Tcp { "tcp" } else { "udp" };
        format!("{} {transport} {} {}", way.name, here(way.from), here(way.to))
    };
    let settings = vec![
        ("FAULT_PROXY_CONTROL_ADDR".to_owned(), here(catalogue::FAULTS)),
        (
            "FAULT_PROXY_ROUTES".to_owned(),
            catalogue::FAULTY_WAYS.iter().map(line).collect::<Vec<_>>().join("\n"),
        ),
    ];
    Process {
        name: "faults".to_owned(),
        health: Health::Answers(stack.port(catalogue::FAULTS), "/healthz"),
        ..plain(stack.house.binary(stack.profile, "fault-proxy"), settings)
    }
}

fn traces(stack: &Stack) -> Process {
    let settings = vec![
        ("LOCAL_TRACES_OTLP_ADDR".to_owned(), format!("127.0.0.1:{}", stack.port(catalogue::OTLP))),
        ("LOCAL_TRACES_HTTP_ADDR".to_owned(), format!("127.0.0.1:{}", stack.port(catalogue::TRACES))),
    ];
    Process {
        name: "traces".to_owned(),
        health: Health::Accepts(stack.port(catalogue::TRACES)),
        ..plain(stack.house.binary(stack.profile, "local-traces"), settings)
    }
}
