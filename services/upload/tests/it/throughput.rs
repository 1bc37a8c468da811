//! How fast takes arrive, beside what the same storage takes from its own client.

use crate::{
    sending_takes::state,
    support::{TestApp, s3_client},
};
use aws_sdk_s3::{
    Client,
    types::{CompletedMultipartUpload, CompletedPart},
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use reqwest::Body;
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

const MIB: usize = 1024 * 1024;
/// As the service itself.
const PART: usize = 8 * MIB;
/// Parts the client has on their way at once.
const AT_ONCE: usize = 4;
const ROUNDS: usize = 5;
/// A part of the speed of storage's own client that a take must reach.
const BAR: f64 = 0.85;

/// What one upload took.
struct Took {
    seconds: f64,
    cpu: f64,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it is timed: `cargo xtask bench`"]
async fn uploads_beside_what_storage_takes() {
    let app = TestApp::start().await;
    let client = s3_client(&app.s3);
    let piece: Bytes = (0..MIB).map(|at| (at * 31 / 7) as u8).collect::<Vec<_>>().into();
    // The first of each is not counted.
    direct(&client, &piece, 64).await;
    take(&app, &piece, 64).await;
    let mut figures = Vec::new();
    for mebibytes in [64, 2047] {
        let (mut beside, mut takes, mut sealed) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            beside.push(direct(&client, &piece, mebibytes).await);
            let (took, until_sealed) = take(&app, &piece, mebibytes).await;
            takes.push(took);
            sealed.push(until_sealed);
            app.s3.objects().into_iter().for_each(|object| fs::remove_file(object).expect("it goes"));
        }
        figures.push(compared(mebibytes, &beside, &takes, &sealed));
    }
    let report = serde_json::to_string_pretty(&figures).expect("JSON");
    if let Some(folder) = std::env::var_os("BENCH_FOLDER") {
        fs::write(PathBuf::from(folder).join("uploads.json"), &report).expect("the figures are kept");
    }
    println!("{report}");
    for figure in &figures {
        let ratio = figure["ratio"].as_f64().expect("a number");
        println!("bar {BAR}: {ratio:.2} at {} MiB", figure["mebibytes"]);
        assert!(ratio >= BAR, "{figure}");
    }
}

fn compared(mebibytes: usize, beside: &[Took], takes: &[Took], sealed: &[f64]) -> Value {
    let gib = mebibytes as f64 / 1024.0;
    let seconds = |all: &[Took]| median(all.iter().map(|took| took.seconds));
    let cpu = |all: &[Took]| median(all.iter().map(|took| took.cpu)) / gib;
    json!({
        "mebibytes": mebibytes,
        "rounds": ROUNDS,
        "direct_mib_s": mebibytes as f64 / seconds(beside),
        "take_mib_s": mebibytes as f64 / seconds(takes),
        "ratio": seconds(beside) / seconds(takes),
        // Client, service and storage together: what the service costs is the difference.
        "direct_cpu_s_per_gib": cpu(beside),
        "take_cpu_s_per_gib": cpu(takes),
        "read_back_s": median(sealed.iter().copied()),
    })
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Seconds of a processor that this process has used.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("the kernel tells");
    let fields: Vec<&str> = stat.rsplit_once(')').expect("a name").1.split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) / 100.0
}

/// From the client straight into storage, in parts.
async fn direct(client: &Client, piece: &Bytes, mebibytes: usize) -> Took {
    let (began, used) = (Instant::now(), cpu());
    let upload =
        client.create_multipart_upload().bucket("recordings").key("direct").send().await.expect("it begins");
    let id = upload.upload_id.expect("a name");
    let part = Bytes::from(piece.repeat(PART / MIB));
    let bytes = mebibytes * MIB;
    let sent = stream::iter(0..bytes.div_ceil(PART)).map(|at| {
        let body = part.slice(..PART.min(bytes - at * PART));
        let (number, id) = (i32::try_from(at + 1).expect("few parts"), id.clone());
        async move {
            let put =
                client.upload_part().bucket("recordings").key("direct").upload_id(id).part_number(number);
            let put = put.body(body.into()).send().await.expect("a part is taken");
            CompletedPart::builder().part_number(number).set_e_tag(put.e_tag).build()
        }
    });
    let parts: Vec<CompletedPart> = sent.buffered(AT_ONCE).collect().await;
    let whole = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = client.complete_multipart_upload().bucket("recordings").key("direct").upload_id(id);
    complete.multipart_upload(whole).send().await.expect("it is put together");
    Took { seconds: began.elapsed().as_secs_f64(), cpu: cpu() - used }
}

/// As a take, in one request; and how long it took until it was read back.
async fn take(app: &TestApp, piece: &Bytes, mebibytes: usize) -> (Took, f64) {
    let maya = app.learner_in_a_session();
    let (began, used) = (Instant::now(), cpu());
    let take = maya.recorder().begins(0, Some(mebibytes * MIB)).await;
    let pieces = stream::iter(std::iter::repeat_n(piece.clone(), mebibytes)).map(Ok::<_, Infallible>);
    maya.recorder().sends(&take, 0, Body::wrap_stream(pieces)).await.is(204);
    let took = Took { seconds: began.elapsed().as_secs_f64(), cpu: cpu() - used };
    // A read of 2 GiB takes longer than a test usually waits.
    while state(app, &take).await != "complete" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let until_sealed = began.elapsed().as_secs_f64() - took.seconds;
    (took, until_sealed)
}
