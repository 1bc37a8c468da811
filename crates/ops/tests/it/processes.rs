//! What services make of how they are started, of the little they are given, and of keys that change under them.

use crate::support::{Learner, Product, Running, SERVICES, Site};
use reqwest::StatusCode;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    future::pending,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};
use test_kit::{OTHER_KEY, SIGNING_KEY, eventually};
use tokio::{net::TcpStream, task::JoinSet, time::timeout};

#[derive(Deserialize)]
struct Setting {
    key: String,
    default: Option<String>,
}

/// No setting can be this, unless it can be anything.
const ODD: &str = "canary 4a1f";

async fn asked_for(service: &str) -> Vec<Setting> {
    let output = Running::program(service).arg("settings").output().await.expect("the program starts");
    serde_json::from_slice(&output.stdout).expect("a list of settings")
}

/// Starts a service that should end at once; what it said.
async fn refused(service: &str, settings: &BTreeMap<String, String>) -> String {
    let mut command = Running::program(service);
    command.env_clear().envs(settings).kill_on_drop(true);
    let ended = timeout(Duration::from_secs(20), command.output()).await;
    let ended =
        ended.unwrap_or_else(|_| panic!("{service} goes on with {settings:?}")).expect("the program starts");
    assert!(!ended.status.success(), "{service} {ended:?}");
    String::from_utf8([ended.stdout, ended.stderr].concat()).expect("it speaks in text")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_odd_at_the_start_is_named_and_its_value_is_not() {
    let site = Site::start().await;
    let (settings, _scratch) = Product::settings(&site);
    for service in SERVICES {
        for Setting { key, default } in asked_for(service).await {
            let mut odd = settings.clone();
            if default.is_none() {
                odd.remove(&key);
                let ended = refused(service, &odd).await;
                assert!(ended.contains(&key), "{service} without {key}: {ended}");
            }
            let has_a_form = ["_URL", "_ADDR", "_KEY", "_ENDPOINT"].iter().any(|end| key.ends_with(end))
                || default.is_some_and(|default| default.parse::<u64>().is_ok());
            if has_a_form && !ANYTHING.contains(&key.as_str()) {
                odd.insert(key.clone(), ODD.to_owned());
                let ended = refused(service, &odd).await;
                assert!(ended.contains(&key), "{service} with an odd {key}: {ended}");
                assert!(!ended.contains(ODD), "{service} shows {key}: {ended}");
            }
        }
    }
}

/// Secrets that have no form that we could hold them against.
const ANYTHING: [&str; 5] =
    ["COACH_KEY", "OPENAI_API_KEY", "S3_ACCESS_KEY", "S3_SECRET_KEY", "SECRETS_PSEUDONYM_KEY"];

/// More clients than a service may have files.
const CLIENTS: usize = 500;
const FILES: usize = 128;

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_runs_out_of_files_serves_again_when_clients_leave() {
    let site = Site::start().await;
    let (settings, _scratch) = Product::settings(&site);
    let running = Running::start_within("topics", &settings, &format!("--nofile={FILES}"));
    running.ready().await;
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let address = running.address().to_owned();
        clients.spawn(async move {
            // The kernel takes as many as it has room for; the others wait to be connected.
            let connected = TcpStream::connect(address).await;
            pending::<()>().await;
            drop(connected);
        });
    }
    let files = || std::fs::read_dir(format!("/proc/{}/fd", running.id())).expect("it runs").count();
    eventually("no file is left", async || (files() >= FILES).then_some(())).await;
    clients.shutdown().await;
    running.ready().await;
}

/// What `upload` may have of its own: heap, stacks, room for parts. Files, its program among them, are not counted.
const DATA: &str = "--data=67108864";

#[tokio::test(flavor = "multi_thread")]
async fn a_take_of_nearly_two_gib_is_received_in_64_mib() {
    let site = Site::start().await;
    Product::seed(&site).await;
    let mut product = Product::start(&site).await;
    product.restarts_within("upload", DATA).await;
    let maya = Learner::registers(&product).await;
    let answer = maya.sends_a_take("large", 2047).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(answer.headers()["upload-offset"], (2047_u64 << 20).to_string());
    product.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_change_while_learners_ask_and_nobody_is_refused() {
    let site = Site::start().await;
    Product::seed(&site).await;
    let mut product = Product::start(&site).await;
    let before = Learner::registers(&product).await.cookies().to_owned();
    let pages = [product.url("topics", "/api/topics"), product.url("sessions", "/api/sessions")];
    let (over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let asks = async |cookies: &str| {
        for page in &pages {
            let request = reqwest::Client::new().get(page).header(reqwest::header::COOKIE, cookies);
            assert_eq!(request.send().await.unwrap().status(), StatusCode::OK, "{page}");
            answered.fetch_add(1, Ordering::Relaxed);
        }
    };
    // Whoever was never asked yet knows no key at all.
    asks(&before).await;
    let load = async {
        while !over.load(Ordering::Relaxed) {
            asks(&before).await;
        }
    };
    let rotation = async {
        product.restarts("accounts", "ACCOUNTS_SIGNING_KEY", &format!("{OTHER_KEY}{SIGNING_KEY}")).await;
        let after = Learner::signs_in(&product).await.cookies().to_owned();
        asks(&after).await;
        asks(&before).await;
        over.store(true, Ordering::Relaxed);
    };
    tokio::join!(load, rotation);
    assert!(answered.load(Ordering::Relaxed) > 4, "somebody asked meanwhile");
    product.stop().await;
}

/// How wrong clocks are while somebody practises. Who is asked believes a login that is up to half a minute ahead.
const CLOCKS: [[(&str, &str); 4]; 2] = [
    [("rating", "+10m"), ("secrets", "-10m"), ("upload", "-20s"), ("sessions", "+20s")],
    [("rating", "-50m"), ("secrets", "+10m"), ("upload", "+20s"), ("sessions", "-20s")],
];

#[tokio::test(flavor = "multi_thread")]
async fn services_that_do_not_agree_on_the_time_do_everything_once() {
    let site = Site::start().await;
    Product::seed(&site).await;
    let mut product = Product::start(&site).await;
    Learner::registers(&product).await;
    for (practice, clocks) in CLOCKS.into_iter().enumerate() {
        for (service, offset) in clocks {
            product.restarts_at(service, offset).await;
        }
        let maya = Learner::signs_in(&product).await;
        let session = maya.practises(&format!("clocks-{practice}"), 1).await;
        let ended = format!(
            "select count(*) from outbox
             where subject = 'session.finalized' and encode(payload, 'escape') like '%{session}%'"
        );
        let rated = format!("select count(*) from rating where session_id = '{session}'");
        for (service, rows) in [("sessions", ended), ("rating", rated)] {
            let rows = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(rows));
            assert_eq!(rows.fetch_one(site.pool(service)).await.unwrap(), 1, "{service} {clocks:?}");
        }
    }
    product.stop().await;
}
