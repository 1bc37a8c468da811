//! How fast takes arrive, beside what the same storage takes from its own client: `cargo xtask bench`.
//!
//! What is timed ends when every byte is in storage. The two take turns, so that whatever else the machine does is in both.
//! Behind `--` stand the stores to measure; all are when none does.

#[path = "../tests/it/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "takes are sent here, and nothing goes wrong")]
mod support;

use aws_credential_types::Credentials;
use aws_sdk_s3::{
    Client,
    config::{BehaviorVersion, Config, Region},
    types::{CompletedMultipartUpload, CompletedPart},
};
use aws_smithy_http_client::Builder;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use reqwest::Body;
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    env, fs,
    path::PathBuf,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};
use support::{
    TestApp, TestS3,
    s3::{ACCESS_KEY, BUCKET, SECRET_KEY},
    takes::Take,
};

const MIB: usize = 1024 * 1024;
/// As the service itself.
const PART: usize = 8 * MIB;
/// Parts that storage's own client has on their way at once.
const AT_ONCE: usize = 4;
/// Of the speed of storage's own client, a take must reach this much.
const BAR: f64 = 0.85;
/// Mebibytes from which on the bar holds. What is smaller is over in so few hundredths of a second that the two requests and
/// the commits of any take, some 20 ms together, are compared, and not how fast bytes arrive: it is shown.
const RATE_FROM: usize = 512;
/// Mebibytes of an upload, and how often it is made in each of the two ways.
type Load = (usize, usize);
/// The service takes no more than 2 GiB.
const EMBEDDED: &[Load] = &[(64, 9), (512, 9), (2047, 5)];
/// `SeaweedFS` keeps whatever it was given until its folder goes.
const SEAWEEDFS: &[Load] = &[(64, 9), (512, 5)];

#[tokio::main]
async fn main() -> ExitCode {
    // cargo adds an option of its own.
    let wanted: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |store: &str| wanted.is_empty() || wanted.iter().any(|word| word == store);
    let mut figures = Vec::new();
    if is_wanted("embedded") {
        let app = TestApp::start().await;
        figures.extend(measured("embedded", &app, &s3_client(&app.s3.url()), EMBEDDED).await);
    }
    if is_wanted("seaweedfs") {
        let url =
            setting("BENCH_SEAWEEDFS_URL").expect("BENCH_SEAWEEDFS_URL: run this with `cargo xtask bench`");
        let client = s3_client(&url);
        client.create_bucket().bucket(BUCKET).send().await.expect("there is room for a bucket");
        let app = TestApp::storing_at(TestS3::start().await, url).await;
        app.start_workers();
        figures.extend(measured("seaweedfs", &app, &client, SEAWEEDFS).await);
    }
    let report = serde_json::to_string_pretty(&figures).expect("JSON");
    match setting("BENCH_FOLDER") {
        Some(folder) => {
            fs::write(PathBuf::from(folder).join("uploads.json"), report).expect("figures are kept");
        }
        None => println!("{report}"),
    }
    let is_below =
        |figure: &Value| figure["bar"].as_f64().is_some_and(|bar| figure["ratio"].as_f64() < Some(bar));
    if figures.iter().any(is_below) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a bench has no Environment: these two are told by `cargo xtask bench`"
)]
fn setting(key: &str) -> Option<String> {
    env::var(key).ok()
}

/// What one upload took.
struct Took {
    seconds: f64,
    /// Seconds of a processor in this process: the client and the service, and storage where it is embedded.
    own: f64,
    /// Seconds of a processor in the whole machine, whoever used them.
    machine: f64,
}

/// Measures from its making on.
struct Watch {
    began: Instant,
    own: f64,
    machine: f64,
}

impl Watch {
    fn start() -> Self {
        Self { began: Instant::now(), own: own_cpu(), machine: machine_cpu() }
    }

    fn stop(&self) -> Took {
        Took {
            seconds: self.began.elapsed().as_secs_f64(),
            own: own_cpu() - self.own,
            machine: machine_cpu() - self.machine,
        }
    }
}

/// The kernel counts time for `/proc` in hundredths on every Linux.
const TICKS: f64 = 100.0;

fn own_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("the kernel tells");
    let fields = stat.rsplit_once(')').expect("a name").1.split_whitespace();
    ticks(fields.skip(11).take(2))
}

fn machine_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/stat").expect("the kernel tells");
    let fields: Vec<&str> = stat.lines().next().expect("a line for all").split_whitespace().skip(1).collect();
    // user, nice and system; behind idle and the wait for disks, what interrupts take.
    ticks(fields[..3].iter().chain(&fields[5..7]).copied())
}

fn ticks<'a>(fields: impl Iterator<Item = &'a str>) -> f64 {
    fields.map(|field| field.parse::<f64>().expect("a number")).sum::<f64>() / TICKS
}

async fn measured(store: &str, app: &TestApp, client: &Client, loads: &[Load]) -> Vec<Value> {
    let piece: Bytes = (0..MIB).map(|at| (at * 31 / 7) as u8).collect::<Vec<_>>().into();
    // The first of each is not counted.
    direct(client, &piece, 64).await;
    take(app, &piece, 64).await;
    let mut figures = Vec::new();
    for &(mebibytes, rounds) in loads {
        let (mut directs, mut takes, mut read_back) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            clear(app);
            directs.push(direct(client, &piece, mebibytes).await);
            clear(app);
            let (took, until_complete) = take(app, &piece, mebibytes).await;
            takes.push(took);
            read_back.push(until_complete);
        }
        let figure = compared(store, mebibytes, &directs, &takes, &read_back);
        println!("{}", in_words(&figure));
        figures.push(figure);
    }
    figures
}

/// What one left to be written to the disk would slow down the other.
fn clear(app: &TestApp) {
    app.s3.objects().into_iter().for_each(|object| fs::remove_file(object).expect("it goes"));
    assert!(Command::new("sync").status().expect("every system has it").success());
}

fn compared(store: &str, mebibytes: usize, directs: &[Took], takes: &[Took], read_back: &[f64]) -> Value {
    let gib = mebibytes as f64 / 1024.0;
    let of = |all: &[Took], figure: fn(&Took) -> f64| median(all.iter().map(figure));
    let (own, machine) = (|took: &Took| took.own, |took: &Took| took.machine);
    let idle = |took: &Took| 1.0 - took.machine / (took.seconds * processors());
    let seconds = |all: &[Took]| all.iter().map(|took| took.seconds).collect::<Vec<_>>();
    json!({
        "store": store,
        "mebibytes": mebibytes,
        "bar": (mebibytes >= RATE_FROM).then_some(BAR),
        // Of each round, and then the middle one: what slowed a round down slowed both.
        "ratio": median(directs.iter().zip(takes).map(|(direct, take)| direct.seconds / take.seconds)),
        "direct_mib_s": mebibytes as f64 / of(directs, |took| took.seconds),
        "take_mib_s": mebibytes as f64 / of(takes, |took| took.seconds),
        "direct_own_cpu_s_per_gib": of(directs, own) / gib,
        "take_own_cpu_s_per_gib": of(takes, own) / gib,
        // What the service costs beside a client that sends to storage itself.
        "service_cpu_s_per_gib": median(directs.iter().zip(takes).map(|(direct, take)| take.own - direct.own)) / gib,
        "direct_machine_cpu_s_per_gib": of(directs, machine) / gib,
        "take_machine_cpu_s_per_gib": of(takes, machine) / gib,
        "direct_idle": of(directs, idle),
        "take_idle": of(takes, idle),
        "read_back_s": median(read_back.iter().copied()),
        "direct_s": seconds(directs),
        "take_s": seconds(takes),
    })
}

fn in_words(figure: &Value) -> String {
    let number = |key: &str| figure[key].as_f64().expect("a number");
    format!(
        "{:.2} of {} on {}, {} MiB: {:.0} MiB/s, directly {:.0}; CPU {:.1} s/GiB, directly {:.1}",
        number("ratio"),
        figure["bar"].as_f64().map_or_else(|| "no bar".to_owned(), |bar| bar.to_string()),
        figure["store"].as_str().expect("a name"),
        figure["mebibytes"],
        number("take_mib_s"),
        number("direct_mib_s"),
        number("take_own_cpu_s_per_gib"),
        number("direct_own_cpu_s_per_gib"),
    )
}

/// Storage's own client, as the service has one.
fn s3_client(url: &str) -> Client {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "bench");
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(credentials)
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .force_path_style(true)
        .http_client(Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

fn processors() -> f64 {
    std::thread::available_parallelism().map_or(1.0, |count| count.get() as f64)
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// From the client straight into storage, in parts. As with a take, putting them together comes afterwards and is not timed.
async fn direct(client: &Client, piece: &Bytes, mebibytes: usize) -> Took {
    let part = Bytes::from(piece.repeat(PART / MIB));
    let watch = Watch::start();
    let upload =
        client.create_multipart_upload().bucket(BUCKET).key("direct").send().await.expect("it begins");
    let id = upload.upload_id.expect("a name");
    let bytes = mebibytes * MIB;
    let sent = stream::iter(0..bytes.div_ceil(PART)).map(|at| {
        let body = part.slice(..PART.min(bytes - at * PART));
        let (number, id) = (i32::try_from(at + 1).expect("few parts"), id.clone());
        async move {
            let put = client.upload_part().bucket(BUCKET).key("direct").upload_id(id).part_number(number);
            let put = put.body(body.into()).send().await.expect("a part is taken");
            CompletedPart::builder()
                .part_number(number)
                .set_e_tag(put.e_tag)
                .set_checksum_crc32(put.checksum_crc32)
                .build()
        }
    });
    let parts: Vec<CompletedPart> = sent.buffered(AT_ONCE).collect().await;
    let took = watch.stop();
    let whole = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = client.complete_multipart_upload().bucket(BUCKET).key("direct").upload_id(id);
    complete.multipart_upload(whole).send().await.expect("it is put together");
    took
}

/// As a take, in one request; and how many seconds passed until it was read back.
async fn take(app: &TestApp, piece: &Bytes, mebibytes: usize) -> (Took, f64) {
    let maya = app.learner_in_a_session();
    let watch = Watch::start();
    let take = maya.recorder().begins(0, Some(mebibytes * MIB)).await;
    let pieces = stream::iter(std::iter::repeat_n(piece.clone(), mebibytes)).map(Ok::<_, Infallible>);
    maya.recorder().sends(&take, 0, Body::wrap_stream(pieces)).await.is(204);
    let took = watch.stop();
    while !is_complete(app, &take).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let until_complete = watch.stop().seconds - took.seconds;
    (took, until_complete)
}

async fn is_complete(app: &TestApp, take: &Take) -> bool {
    let id: sqlx::types::Uuid = take.id().parse().expect("an id");
    let complete = sqlx::query_scalar("select state = 'complete' from take where take_id = $1").bind(id);
    complete.fetch_one(app.pool()).await.expect("a row")
}
