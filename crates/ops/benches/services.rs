//! How soon a service is there, what it holds while nobody asks it anything, and what it costs to be watched:
//! `cargo xtask bench`.
//!
//! What is compared takes turns, so that whatever else the machine does is in all of it.

#[path = "../tests/it/support/mod.rs"]
#[expect(dead_code, reason = "what only tests of the operator's tool need")]
mod support;

use futures::future::join_all;
use lifecycle::Lifecycle;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    trace::v1::span::SpanKind,
};
use reqwest::{Client, header::COOKIE};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    env, fs,
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use support::{Learner, Product, Running, SERVICES, Site};
use test_kit::own_address;
use tonic::{Request, Response, Status, transport::Server};

/// How often each service is started.
const STARTS: usize = 9;
/// From its start, a service is ready within this.
const READY_MS: f64 = 250.0;
/// What a service may hold that was asked nothing for so long.
const IDLE_MIB: f64 = 15.0;
const IDLE: Duration = Duration::from_secs(10);
/// Who ask at once, for how long, and how often: one turn is a tenth more or less than the next by itself.
const ASKING: usize = 16;
const TURN: Duration = Duration::from_secs(1);
const ROUNDS: usize = 61;
/// What remains of the requests a second when every one is traced, and when nobody takes the spans.
const TRACED: f64 = 0.95;
const UNHEARD: f64 = 0.99;
/// Of how many requests the span arrived.
const TOLD: f64 = 0.98;

#[tokio::main]
async fn main() -> ExitCode {
    let site = Site::start().await;
    Product::seed(&site).await;
    let product = Product::start(&site).await;
    let mut figures = vec![];
    for service in SERVICES {
        figures.push(alone(&product, service).await);
    }
    figures.extend(watched(&product).await);
    for figure in &figures {
        println!("{}", figure["words"].as_str().expect("words"));
    }
    let report = serde_json::to_string_pretty(&figures).expect("JSON");
    match env::var_os("BENCH_FOLDER").map(PathBuf::from) {
        Some(folder) => fs::write(folder.join("services.json"), report).expect("figures are kept"),
        None => println!("{report}"),
    }
    product.stop().await;
    if figures.iter().all(|figure| figure["holds"] == true) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A further replica of a service, with settings of its own, once it is ready; and how long that took.
async fn another(product: &Product, service: &str, own: &[(&str, String)]) -> (Running, f64) {
    let mut settings = product.settings.clone();
    for key in ["HTTP_ADDR", "GRPC_ADDR"] {
        settings.insert(format!("{}_{key}", service.to_uppercase()), own_address().to_string());
    }
    settings.extend(own.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    let (client, began) = (Client::new(), Instant::now());
    let running = Running::start(service, &settings);
    loop {
        let answer = client.get(running.url("/healthz/ready")).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return (running, began.elapsed().as_secs_f64() * 1000.0);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn alone(product: &Product, service: &str) -> Value {
    let mut ready = vec![];
    for _ in 0..STARTS {
        ready.push(another(product, service, &[]).await.1);
    }
    let (running, _) = another(product, service, &[]).await;
    tokio::time::sleep(IDLE).await;
    let memory = memory(running.id());
    let (within, held) = (middle(&ready), memory["VmRSS"]);
    json!({
        "words": format!("{service}: ready after {within:.0} of {READY_MS} ms, idle {held:.1} of {IDLE_MIB} MiB"),
        "holds": within <= READY_MS && held <= IDLE_MIB,
        "ready_ms": ready,
        "idle_mib": memory,
    })
}

/// What a process holds, in MiB, as Linux counts it (`proc_pid_status(5)`).
fn memory(process: u32) -> BTreeMap<String, f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let sizes = status.lines().filter_map(|line| {
        let (name, size) = line.split_once(':')?;
        let kib: f64 = size.trim().strip_suffix(" kB")?.trim().parse().ok()?;
        Some((name.to_owned(), kib / 1024.0))
    });
    sizes.filter(|(name, _)| ["VmRSS", "RssAnon", "RssFile"].contains(&name.as_str())).collect()
}

/// The same page from a service that nobody watches, one whose every request is traced, and one whose spans nobody takes.
async fn watched(product: &Product) -> Vec<Value> {
    let life = Lifecycle::new();
    let arrived = Arc::new(AtomicUsize::new(0));
    let sink = sink(&life, &arrived);
    let learner = Learner::registers(product).await;
    let mut pages = vec![];
    for traces in [String::new(), format!("http://{sink}"), format!("http://{}", own_address())] {
        let (replica, _) = another(product, "topics", &[("OTLP_ENDPOINT", traces)]).await;
        pages.push(Page { client: Client::new(), replica, answered: vec![] });
    }
    for round in 0..ROUNDS {
        // Each is the first as often as the others.
        let (later, first) = pages.split_at_mut(round % 3);
        for page in first.iter_mut().chain(later) {
            page.is_asked(learner.cookies()).await;
        }
    }
    life.stop();
    let [quiet, traced, unheard] = <[Page; 3]>::try_from(pages).ok().expect("three");
    let figure = |what: &str, page: &Page, least: f64| {
        let shares: Vec<f64> =
            page.answered.iter().zip(&quiet.answered).map(|(ours, quiet)| ours / quiet).collect();
        let (share, per_second) = (middle(&shares), middle(&page.answered) / TURN.as_secs_f64());
        json!({
            "words": format!("{what}: {share:.3} of {least} of the requests a second without ({per_second:.0})"),
            "holds": share >= least,
            "shares": shares,
        })
    };
    // What is not told costs nothing: the share above is that of a service which tells all.
    let told = arrived.load(Ordering::Relaxed) as f64 / traced.answered.iter().sum::<f64>();
    vec![
        figure("traced", &traced, TRACED),
        figure("with nobody to take its spans", &unheard, UNHEARD),
        json!({
            "words": format!("traced: {told:.3} of {TOLD} of the requests were told of"),
            "holds": told >= TOLD,
        }),
    ]
}

/// A page of a replica, and how often it was had in each turn.
struct Page {
    client: Client,
    replica: Running,
    answered: Vec<f64>,
}

impl Page {
    /// Asks for it as fast as it is answered.
    async fn is_asked(&mut self, cookies: &str) {
        let (page, began) = (self.replica.url("/api/topics"), Instant::now());
        let asking = (0..ASKING).map(|_| async {
            let mut count = 0.0;
            while began.elapsed() < TURN {
                let answer = self.client.get(&page).header(COOKIE, cookies).send().await.expect("an answer");
                assert!(answer.status().is_success(), "{}", answer.status());
                answer.bytes().await.expect("all of it");
                count += 1.0;
            }
            count
        });
        let count = join_all(asking).await.into_iter().sum();
        self.answered.push(count);
    }
}

/// Takes every span and keeps none; of how many requests there was one.
struct Sink(Arc<AtomicUsize>);

#[tonic::async_trait]
impl TraceService for Sink {
    async fn export(
        &self,
        batch: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let spans = batch.get_ref().resource_spans.iter().flat_map(|spans| &spans.scope_spans);
        let served = spans.flat_map(|spans| &spans.spans).filter(|span| span.kind() == SpanKind::Server);
        self.0.fetch_add(served.count(), Ordering::Relaxed);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

fn sink(life: &Lifecycle, arrived: &Arc<AtomicUsize>) -> SocketAddr {
    let (address, sink) = (own_address(), Sink(Arc::clone(arrived)));
    life.spawn(
        async move { Server::builder().add_service(TraceServiceServer::new(sink)).serve(address).await },
    );
    address
}

fn middle(figures: &[f64]) -> f64 {
    let mut all = figures.to_vec();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
