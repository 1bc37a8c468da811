//! `SeaweedFS`: an object store stricter than the embedded one, as one process on data that nobody keeps.

use crate::{
    house::House,
    stack::process::{Health, Process},
    tools,
};
use nix::sys::signal::Signal;
use std::path::Path;

/// Where it speaks S3; the seven ports behind this one are its parts' own.
pub const PORT: u16 = 15440;
/// The keys that the upload service's tests send.
const KEYS: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "test-access"), ("AWS_SECRET_ACCESS_KEY", "test-secret")];

/// The process that keeps its data in a folder.
pub fn process(house: &House, folder: &Path) -> Process {
    let of_parts = [
        ("s3.port", 0),
        ("s3.port.grpc", 1),
        ("master.port", 2),
        ("master.port.grpc", 3),
        ("volume.port", 4),
        ("volume.port.grpc", 5),
        ("filer.port", 6),
        ("filer.port.grpc", 7),
    ];
    let ports = of_parts.map(|(option, behind)| format!("-{option}={}", PORT + behind));
    let options = [
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-s3",
        // Otherwise it opens two more ports, for what nobody asks of it here.
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        // A bucket takes several volumes, and with the usual eight it soon answers 500; nothing is reserved for them.
        "-volume.max=200",
        // It would report to its makers.
        "-master.telemetry=false",
    ];
    let arguments = ["server".to_owned(), data_option(folder)];
    Process {
        name: "seaweedfs".to_owned(),
        program: tools::seaweedfs(house),
        arguments: arguments.into_iter().chain(ports).chain(options.map(str::to_owned)).collect(),
        settings: KEYS.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec(),
        hidden: &[],
        user: None,
        // Asked to end in order it takes half a minute, for data that are thrown away.
        stop: Signal::SIGKILL,
        health: Health::Answers(PORT, "/healthz"),
        configuration: None,
    }
}

/// The argument by which the process on a folder is known.
pub fn data_option(folder: &Path) -> String {
    format!("-dir={}", folder.display())
}
