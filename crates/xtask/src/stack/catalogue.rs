//! Every process and every port of a stack. A new service is one line here.

use super::{Stack, prometheus};
use crate::ports::Transport;

/// A service under `services/`.
#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    /// Its folder, package, program, database, role and prefix of its settings.
    pub name: &'static str,
    /// Where it answers HTTP.
    pub http: u16,
    /// Where it answers gRPC, if it does.
    pub grpc: Option<u16>,
    /// Whether it has a database.
    pub database: bool,
    /// Whether it fills its database with fixtures.
    pub seeds: bool,
    /// Whether learners' browsers see it, so that it describes its HTTP face.
    pub described: bool,
    /// Whether it may run more than once.
    pub replicated: bool,
}

const PLAIN: Service = Service {
    name: "",
    http: 0,
    grpc: None,
    database: true,
    seeds: false,
    described: true,
    replicated: true,
};

/// The services, in the order in which they are built, migrated and started.
pub const SERVICES: &[Service] = &[
    Service { name: "accounts", http: ACCOUNTS, ..PLAIN },
    Service { name: "topics", http: 8102, grpc: Some(9102), seeds: true, ..PLAIN },
    Service { name: "sessions", http: 8103, grpc: Some(9103), ..PLAIN },
    Service { name: "secrets", http: 8104, ..PLAIN },
    Service { name: "upload", http: 8105, grpc: Some(9105), ..PLAIN },
    Service { name: "rating", http: 8106, grpc: Some(9106), described: false, ..PLAIN },
    Service { name: "streams", http: 8107, database: false, described: false, ..PLAIN },
    // Holds calls in memory, and each needs an address of its own: there is one.
    Service { name: "coach", http: COACH, database: false, described: false, replicated: false, ..PLAIN },
];

/// The coach's HTTP port, and the UDP port of its media.
pub const COACH: u16 = 8110;
/// Where learners sign in.
pub const ACCOUNTS: u16 = 8101;
/// The browser's way in.
pub const EDGE: u16 = 8080;
/// The browser's way in over TLS, for the local network.
pub const SECURE_EDGE: u16 = 8443;
/// The edge itself, where the browser's way in leads through the faulty network.
const EDGE_BEHIND: u16 = 8081;
/// What is added to a service's gRPC port where the edge stands for all its replicas.
const INSIDE: u16 = 10_000;
/// Where the faulty network takes orders.
pub const FAULTS: u16 = 8090;
/// The coach's media and HTTP, the databases and the object store, through the faulty network.
const FAULTY_MEDIA: u16 = 8111;
const FAULTY_PROVIDER: u16 = 8112;
const FAULTY_POSTGRES: u16 = 15431;
const FAULTY_S3: u16 = 19001;
/// The broker.
pub const NATS: u16 = 14222;
/// The broker's own health.
pub const NATS_MONITOR: u16 = 18222;
/// The databases.
pub const POSTGRES: u16 = 15432;
/// The object store.
pub const S3: u16 = 19000;
/// Where spans go.
pub const OTLP: u16 = 14317;
/// Where spans are looked at.
pub const TRACES: u16 = 16686;
/// Where metrics are looked at.
pub const PROMETHEUS: u16 = 19090;

/// A way between two parts of the stack that leads through the faulty network.
#[derive(Debug, PartialEq, Eq)]
pub struct FaultyWay {
    /// What tests call it.
    pub name: &'static str,
    /// What passes.
    pub transport: Transport,
    /// Where it begins.
    pub from: u16,
    /// Where it ends.
    pub to: u16,
}

/// Everything whose failing must not lose a learner's words.
pub const FAULTY_WAYS: &[FaultyWay] = &[
    FaultyWay { name: "edge", transport: Transport::Tcp, from: EDGE, to: EDGE_BEHIND },
    FaultyWay { name: "media", transport: Transport::Udp, from: FAULTY_MEDIA, to: COACH },
    FaultyWay { name: "provider", transport: Transport::Tcp, from: FAULTY_PROVIDER, to: COACH },
    FaultyWay { name: "postgres", transport: Transport::Tcp, from: FAULTY_POSTGRES, to: POSTGRES },
    FaultyWay { name: "s3", transport: Transport::Tcp, from: FAULTY_S3, to: S3 },
];

/// Where something is reached: through the faulty network, where the stack has one.
pub fn way_to(stack: &Stack, port: u16, transport: Transport) -> u16 {
    let way = FAULTY_WAYS.iter().find(|way| way.to == port && way.transport == transport);
    stack.port(way.filter(|_| stack.has_faults()).map_or(port, |way| way.from))
}

/// Where the edge itself listens.
pub fn edge_itself(stack: &Stack) -> u16 {
    stack.port(if stack.has_faults() { EDGE_BEHIND } else { EDGE })
}

/// Where services ask a service that answers gRPC there: at the edge, which knows every replica.
pub fn inside(stack: &Stack, grpc: u16) -> u16 {
    stack.port(INSIDE + grpc)
}

/// The bucket that recordings lie in.
pub const BUCKET: &str = "recordings";

/// A service by name.
#[cfg(test)]
pub fn service(name: &str) -> &'static Service {
    SERVICES.iter().find(|service| service.name == name).unwrap()
}

/// The services that have a database.
pub fn databases() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().filter(|service| service.database).map(|service| service.name)
}

/// How often a service runs in a stack.
pub fn replicas(service: &Service, stack: &Stack) -> u16 {
    if service.replicated { stack.replicas } else { 1 }
}

/// The name of one replica's process.
pub fn process_name(service: &Service, replica: u16) -> String {
    if replica == 0 { service.name.to_owned() } else { format!("{}-{}", service.name, replica + 1) }
}

/// Every port of a stack, with the process that takes it.
pub fn ports(stack: &Stack) -> Vec<(String, u16, Transport)> {
    let infrastructure = [
        ("postgres", POSTGRES),
        ("nats", NATS),
        ("nats", NATS_MONITOR),
        ("s3", S3),
        ("traces", OTLP),
        ("traces", TRACES),
    ];
    let mut ports: Vec<_> = infrastructure
        .into_iter()
        .map(|(name, port)| (name.to_owned(), stack.port(port), Transport::Tcp))
        .collect();
    if stack.observed {
        ports.push((prometheus::NAME.to_owned(), stack.port(PROMETHEUS), Transport::Tcp));
    }
    if stack.lan.is_some() {
        ports.push(("edge".to_owned(), stack.port(SECURE_EDGE), Transport::Tcp));
    }
    ports.push(("edge".to_owned(), edge_itself(stack), Transport::Tcp));
    if stack.has_faults() {
        ports.push(("faults".to_owned(), stack.port(FAULTS), Transport::Tcp));
        let ways = FAULTY_WAYS.iter();
        ports.extend(ways.map(|way| ("faults".to_owned(), stack.port(way.from), way.transport)));
    }
    for service in SERVICES {
        ports.extend(service.grpc.map(|port| ("edge".to_owned(), inside(stack, port), Transport::Tcp)));
        for replica in 0..replicas(service, stack) {
            for port in [Some(service.http), service.grpc].into_iter().flatten() {
                ports.push((
                    process_name(service, replica),
                    stack.replica_port(port, replica),
                    Transport::Tcp,
                ));
            }
        }
    }
    ports.push(("coach".to_owned(), stack.port(COACH), Transport::Udp));
    ports
}

#[cfg(test)]
mod tests {
    use super::{super::tests::stack, *};
    use crate::stack::Name;

    #[test]
    fn no_two_processes_want_the_same_port() {
        let stack = Stack { observed: true, ..stack(Name::Test, 2) };
        let mut wanted: Vec<_> = ports(&stack)
            .into_iter()
            .map(|(_, port, transport)| (port, transport == Transport::Udp))
            .collect();
        wanted.sort_unstable();
        let all = wanted.len();
        wanted.dedup();
        assert_eq!(wanted.len(), all);
    }

    #[test]
    fn only_the_stack_for_tests_leads_through_the_faulty_network() {
        let (local, test) = (stack(Name::Local, 1), stack(Name::Test, 1));
        assert_eq!(edge_itself(&local), 8080);
        assert_eq!((test.port(EDGE), edge_itself(&test)), (8580, 8581));
        assert_eq!(way_to(&local, COACH, Transport::Udp), 8110);
        assert_eq!(way_to(&test, COACH, Transport::Udp), 8611);
        assert_eq!(way_to(&test, COACH, Transport::Tcp), 8612);
        assert_eq!((way_to(&local, S3, Transport::Tcp), way_to(&test, S3, Transport::Tcp)), (19000, 19501));
        assert!(ports(&local).iter().all(|(process, ..)| process != "faults"));
    }

    #[test]
    fn every_service_of_the_house_is_in_the_catalogue_and_the_other_way_round() {
        let services = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
        let folders = std::fs::read_dir(services)
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name().into_string().unwrap());
        let (mut built, mut listed) =
            (folders.collect::<Vec<_>>(), SERVICES.iter().map(|service| service.name).collect::<Vec<_>>());
        built.sort_unstable();
        listed.sort_unstable();
        assert_eq!(built, listed);
    }

    #[test]
    fn the_second_replica_of_a_service_has_a_name_and_ports_of_its_own() {
        let stack = stack(Name::Local, 2);
        let sessions = service("sessions");
        assert_eq!(process_name(sessions, 1), "sessions-2");
        assert_eq!(stack.replica_port(sessions.http, 1), 8203);
        assert_eq!(replicas(service("coach"), &stack), 1);
    }
}
