//! The settings each process of a stack is started with.

use super::{
    Name, Stack,
    catalogue::{self, Service},
};
use crate::{house, ports::Transport, secrets::Secrets};
use std::{net::Ipv4Addr, path::PathBuf};

/// A process's environment, besides what it inherits.
pub type Settings = Vec<(String, String)>;

/// Who answers the learner's call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// The local coach.
    Coach,
    /// `OpenAI`, with the user's key.
    OpenAi(String),
}

impl Provider {
    /// Chosen by whether the user gave a key.
    pub fn chosen() -> Self {
        match house::variable("OPENAI_API_KEY").and_then(|key| key.into_string().ok()) {
            Some(key) => Self::OpenAi(key),
            None => Self::Coach,
        }
    }
}

/// What one replica of a service is told.
pub fn of_service(
    stack: &Stack,
    secrets: &Secrets,
    provider: &Provider,
    service: &Service,
    replica: u16,
) -> Settings {
    let prefix = service.name.to_uppercase();
    let here = |port| format!("127.0.0.1:{port}");
    let grpc = |service: u16| format!("http://{}", here(catalogue::inside(stack, service)));
    let mut settings = vec![
        (format!("{prefix}_HTTP_ADDR"), here(stack.replica_port(service.http, replica))),
        ("PUBLIC_ORIGIN".to_owned(), stack.origin()),
        ("OTLP_ENDPOINT".to_owned(), format!("http://{}", here(stack.port(catalogue::OTLP)))),
        ("NATS_URL".to_owned(), nats_url(stack, secrets)),
        (
            "JWKS_URL".to_owned(),
            format!("http://{}/.well-known/jwks.json", here(stack.port(catalogue::ACCOUNTS))),
        ),
        ("TOPICS_GRPC_URL".to_owned(), grpc(9102)),
        ("SESSIONS_GRPC_URL".to_owned(), grpc(9103)),
        ("UPLOAD_GRPC_URL".to_owned(), grpc(9105)),
        ("RATING_GRPC_URL".to_owned(), grpc(9106)),
    ];
    let mut set = |key: &str, value: String| settings.push((key.to_owned(), value));
    if let Some(port) = service.grpc {
        set(&format!("{prefix}_GRPC_ADDR"), here(stack.replica_port(port, replica)));
    }
    if stack.has_faults() {
        set("KILL_POINTS", kill_points(stack).join(service.name).to_string_lossy().into_owned());
    }
    if service.database {
        let postgres = catalogue::way_to(stack, catalogue::POSTGRES, Transport::Tcp);
        set(&format!("{prefix}_DATABASE_URL"), database_url(secrets, service.name, postgres));
    }
    match service.name {
        "accounts" => set("ACCOUNTS_SIGNING_KEY", secrets.get("ACCOUNTS_SIGNING_KEY").to_owned()),
        "secrets" => {
            set("COACH_KEY", secrets.get("COACH_KEY").to_owned());
            match provider {
                Provider::Coach => {
                    set("REALTIME_PROVIDER", "coach".to_owned());
                    let coach = catalogue::way_to(stack, catalogue::COACH, Transport::Tcp);
                    set("REALTIME_BASE_URL", format!("http://{}", here(coach)));
                }
                Provider::OpenAi(key) => {
                    set("REALTIME_PROVIDER", "openai".to_owned());
                    set("OPENAI_API_KEY", key.clone());
                }
            }
        }
        "upload" => {
            let s3 = catalogue::way_to(stack, catalogue::S3, Transport::Tcp);
            settings.extend(object_store(secrets, s3));
        }
        // A test waits for a rating to be given up.
        "rating" if stack.name == Name::Test => set("RATING_FIRST_RETRY_MS", "200".to_owned()),
        "coach" => {
            let address = stack.lan.unwrap_or(Ipv4Addr::LOCALHOST);
            let media = |port| format!("{address}:{port}");
            set("COACH_KEY", secrets.get("COACH_KEY").to_owned());
            set("COACH_UDP_BIND", media(stack.port(catalogue::COACH)));
            set("COACH_ADVERTISE", media(catalogue::way_to(stack, catalogue::COACH, Transport::Udp)));
            set("COACH_RECOGNIZER", recognizer(stack));
        }
        _ => {}
    }
    settings
}

/// What the operator's tool is told: how each service reaches what is its own, and never through the faulty network.
pub fn of_operator(stack: &Stack, secrets: &Secrets) -> Settings {
    let mut settings: Settings = catalogue::databases()
        .map(|service| {
            let url = database_url(secrets, service, stack.port(catalogue::POSTGRES));
            (format!("{}_DATABASE_URL", service.to_uppercase()), url)
        })
        .collect();
    settings.extend(object_store(secrets, stack.port(catalogue::S3)));
    settings.push(("NATS_URL".to_owned(), nats_url(stack, secrets)));
    settings.push(("TRACES_URL".to_owned(), format!("http://127.0.0.1:{}", stack.port(catalogue::TRACES))));
    settings
}

/// How the bucket is reached.
fn object_store(secrets: &Secrets, port: u16) -> Settings {
    [
        ("S3_ENDPOINT", format!("http://127.0.0.1:{port}")),
        ("S3_REGION", "us-east-1".to_owned()),
        ("S3_BUCKET", catalogue::BUCKET.to_owned()),
        ("S3_ACCESS_KEY", secrets.get("S3_ACCESS_KEY").to_owned()),
        ("S3_SECRET_KEY", secrets.get("S3_SECRET_KEY").to_owned()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}

/// Where a test says at which point a service dies; a folder for each.
pub fn kill_points(stack: &Stack) -> PathBuf {
    stack.run().join("kill-points")
}

/// The command line of the process that writes down what the learner says.
pub fn recognizer(stack: &Stack) -> String {
    let script = stack.house.root.join("services/coach/recognizer/recognize.py");
    format!("{} {}", stack.house.python().display(), script.display())
}

/// How a service reaches its own database.
fn database_url(secrets: &Secrets, service: &str, port: u16) -> String {
    let password = secrets.database_password(service);
    format!("postgres://{service}:{password}@127.0.0.1:{port}/{service}")
}

/// How a service reaches the broker.
pub fn nats_url(stack: &Stack, secrets: &Secrets) -> String {
    format!("nats://vivavoce:{}@127.0.0.1:{}", secrets.get("NATS_PASSWORD"), stack.port(catalogue::NATS))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::stack, *};
    use crate::stack::Name;

    fn settings(service: &str, provider: &Provider, replica: u16) -> Settings {
        let secrets =
            Secrets::of(&[("COACH_KEY", "ck"), ("NATS_PASSWORD", "np"), ("TOPICS_DATABASE_PASSWORD", "tp")]);
        of_service(&stack(Name::Local, 2), &secrets, provider, catalogue::service(service), replica)
    }

    fn value<'a>(settings: &'a Settings, key: &str) -> Option<&'a str> {
        settings.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    #[test]
    fn a_second_replica_differs_in_its_addresses_only() {
        let (first, second) =
            (settings("topics", &Provider::Coach, 0), settings("topics", &Provider::Coach, 1));
        assert_eq!(value(&first, "TOPICS_HTTP_ADDR"), Some("127.0.0.1:8102"));
        assert_eq!(value(&second, "TOPICS_HTTP_ADDR"), Some("127.0.0.1:8202"));
        assert_eq!(value(&second, "TOPICS_GRPC_ADDR"), Some("127.0.0.1:9202"));
        assert_eq!(
            value(&second, "TOPICS_DATABASE_URL"),
            // pragma: allowlist nextline secret
            Some("postgres://topics:tp@127.0.0.1:15432/topics")
        );
        assert_eq!(first.iter().zip(&second).filter(|(one, two)| one != two).count(), 2);
    }

    #[test]
    fn only_services_of_the_stack_for_tests_can_be_told_to_die() {
        let secrets = Secrets::of(&[("NATS_PASSWORD", "np"), ("SESSIONS_DATABASE_PASSWORD", "sp")]);
        let told = |name| {
            let service = catalogue::service("sessions");
            let settings = of_service(&stack(name, 2), &secrets, &Provider::Coach, service, 0);
            value(&settings, "KILL_POINTS").map(str::to_owned)
        };
        assert_eq!(told(Name::Local), None);
        assert_eq!(told(Name::Test).as_deref(), Some("/clone/.local/test/run/kill-points/sessions"));
    }

    #[test]
    fn the_provider_key_reaches_one_service_only() {
        let provider = Provider::OpenAi("sk-test".to_owned());
        for service in catalogue::SERVICES {
            let settings = settings(service.name, &provider, 0);
            let has_key = settings.iter().any(|(_, value)| value.contains("sk-test"));
            assert_eq!(has_key, service.name == "secrets", "{}", service.name);
        }
        let secrets = settings("secrets", &provider, 0);
        assert_eq!(value(&secrets, "REALTIME_PROVIDER"), Some("openai"));
        assert_eq!(value(&secrets, "REALTIME_BASE_URL"), None);
    }

    #[test]
    fn the_operator_reaches_everything_without_detours() {
        let secrets = Secrets::of(&[("NATS_PASSWORD", "np"), ("TOPICS_DATABASE_PASSWORD", "tp")]);
        let told = of_operator(&stack(Name::Test, 2), &secrets);
        let databases = told.iter().filter(|(key, _)| key.ends_with("_DATABASE_URL")).count();
        assert_eq!(databases, catalogue::databases().count());
        // pragma: allowlist nextline secret
        assert_eq!(value(&told, "TOPICS_DATABASE_URL"), Some("postgres://topics:tp@127.0.0.1:15932/topics"));
        assert_eq!(value(&told, "S3_ENDPOINT"), Some("http://127.0.0.1:19500"));
        assert_eq!(value(&told, "TRACES_URL"), Some("http://127.0.0.1:17186"));
    }

    #[test]
    fn each_service_is_told_its_own_database_only() {
        for service in catalogue::SERVICES {
            let settings = settings(service.name, &Provider::Coach, 0);
            let urls = settings.iter().filter(|(key, _)| key.ends_with("_DATABASE_URL")).count();
            assert_eq!(urls, usize::from(service.database), "{}", service.name);
        }
    }
}
