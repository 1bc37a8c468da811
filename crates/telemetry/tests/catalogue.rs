//! The catalogue of metrics and the code that records them say the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use telemetry::catalogue::{Kind, METRICS, Metric, Values};

/// One place in the code that records a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Recorded {
    name: String,
    kind: &'static str,
    folder: String,
    /// Each label, with its value where that stands there as it is.
    labels: BTreeMap<String, Option<String>>,
}

fn kind_of(metric: &Metric) -> &'static str {
    match metric.kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram(_) => "histogram",
    }
}

/// Everything that the code of a folder records, and complaints about what cannot be read.
fn recorded(folder: &str, source: &str) -> (Vec<Recorded>, Vec<String>) {
    let (mut found, mut wrong) = (vec![], vec![]);
    for kind in ["counter", "gauge", "histogram"] {
        let call = format!("metrics::{kind}!(");
        for (at, _) in source.match_indices(&call) {
            let arguments = arguments(&source[at + call.len()..]);
            let mut words = arguments.split(',').map(str::trim).filter(|word| !word.is_empty());
            let Some(name) = words.next().and_then(quoted) else {
                wrong.push(format!("{folder}: {call}{arguments}) names no metric"));
                continue;
            };
            let labels = words
                .filter_map(|word| word.split_once("=>"))
                .filter_map(|(label, value)| Some((quoted(label.trim())?, quoted(value.trim()))))
                .collect();
            found.push(Recorded { name, kind, folder: folder.to_owned(), labels });
        }
    }
    (found, wrong)
}

/// What stands before the bracket that closes a call.
fn arguments(rest: &str) -> &str {
    let mut depth = 0;
    let end = rest.find(|letter| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        depth < 0
    });
    &rest[..end.expect("a call is closed")]
}

fn quoted(word: &str) -> Option<String> {
    Some(word.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// What is wrong with the code beside a catalogue, and with the catalogue beside the code.
fn complaints(catalogue: &[Metric], code: &[Recorded]) -> Vec<String> {
    let mut wrong = vec![];
    for Recorded { name, kind, folder, labels } in code {
        let Some(metric) = catalogue.iter().find(|metric| metric.name == name) else {
            wrong.push(format!("{folder} records {name}, which is not in the catalogue"));
            continue;
        };
        if kind_of(metric) != *kind {
            wrong.push(format!("{folder} records {name} as {kind}"));
        }
        let known: BTreeSet<&str> = metric.labels.iter().map(|label| label.name).collect();
        let used: BTreeSet<&str> = labels.keys().map(String::as_str).collect();
        if used != known {
            wrong.push(format!("{folder} records {name} with {used:?}"));
        }
        for label in metric.labels {
            if let (Values::These(values), Some(Some(value))) = (label.values, labels.get(label.name))
                && !values.contains(&value.as_str())
            {
                wrong.push(format!("{folder} records {name} with {} {value}", label.name));
            }
        }
        if !metric.recorded_in.contains(&folder.as_str()) {
            wrong.push(format!("{folder} records {name}, and the catalogue does not say so"));
        }
    }
    for metric in catalogue {
        for folder in metric.recorded_in {
            if !code.iter().any(|place| place.name == metric.name && place.folder == *folder) {
                wrong.push(format!("{folder} does not record {}", metric.name));
            }
        }
    }
    wrong
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of ours can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
}

/// What all our code records. Where this crate describes, it names none.
fn code() -> Vec<Recorded> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (mut found, mut wrong) = (vec![], vec![]);
    for room in ["crates", "services"] {
        for entry in fs::read_dir(root.join(room)).expect("the rooms are there").flatten() {
            let folder = format!("{room}/{}", entry.file_name().to_string_lossy());
            let mut files = vec![];
            if entry.path().join("src").is_dir() {
                sources(&entry.path().join("src"), &mut files);
            }
            files.retain(|file| !file.ends_with("telemetry/src/lib.rs"));
            for file in files {
                let (more, unreadable) =
                    recorded(&folder, &fs::read_to_string(file).expect("a source can be read"));
                found.extend(more);
                wrong.extend(unreadable);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    found
}

#[test]
fn what_the_code_records_is_what_the_catalogue_says() {
    let wrong = complaints(METRICS, &code());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A check that finds nothing has shown nothing: these plant what it is for.
#[test]
fn a_metric_that_is_recorded_otherwise_is_found() {
    let found = |source: &str| {
        let mut wrong = complaints(METRICS, &recorded("services/rating", source).0);
        wrong.retain(|said| said.starts_with("services/rating records"));
        wrong
    };
    for fine in [
        r#"metrics::counter!("ratings_total", "outcome" => "failed").increment(1);"#,
        r#"metrics::counter!("ratings_total", "outcome" => outcome(a, "b")).increment(1);"#,
    ] {
        assert_eq!(found(fine), [""; 0]);
    }
    for (source, expected) in [
        (r#"metrics::counter!("ratings").increment(1);"#, "ratings, which is not in the catalogue"),
        (r#"metrics::gauge!("ratings_total", "outcome" => "rated").set(1);"#, "ratings_total as gauge"),
        (r#"metrics::counter!("ratings_total").increment(1);"#, "ratings_total with {}"),
        (r#"metrics::counter!("ratings_total", "learner" => id)"#, r#"ratings_total with {"learner"}"#),
        (r#"metrics::counter!("ratings_total", "outcome" => "odd")"#, "ratings_total with outcome odd"),
        (r#"metrics::gauge!("sessions_open").set(1);"#, "sessions_open, and the catalogue does not say so"),
    ] {
        assert!(found(source).iter().any(|said| said.contains(expected)), "{expected}: {:?}", found(source));
    }
    assert!(complaints(METRICS, &[]).contains(&"services/rating does not record ratings_total".to_owned()));
    assert_eq!(recorded("services/rating", "metrics::counter!(NAME).increment(1);").1.len(), 1);
}

#[test]
fn names_follow_the_conventions_of_prometheus() {
    let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    for metric in METRICS {
        let name = metric.name;
        assert_eq!(name.ends_with("_total"), metric.kind == Kind::Counter, "{name}");
        let has_unit = ["_seconds", "_ratio"].iter().any(|unit| name.ends_with(unit));
        assert!(has_unit || !matches!(metric.kind, Kind::Histogram(_)), "{name}");
        assert!(plain(name) && metric.labels.iter().all(|label| plain(label.name)), "{name}");
        assert!(metric.help.ends_with('.'), "{name}");
        // Whoever collects says which process it was.
        let reserved = ["service", "instance", "job"];
        assert!(metric.labels.iter().all(|label| !reserved.contains(&label.name)), "{name}");
    }
    let names: BTreeSet<_> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(names.len(), METRICS.len());
}

#[test]
fn what_a_measure_is_read_from_has_a_boundary_there() {
    for name in ["http_request_seconds", "browser_wait_seconds", "coach_reply_seconds"] {
        let metric = METRICS.iter().find(|metric| metric.name == name).expect("it is there");
        let Kind::Histogram(buckets) = metric.kind else { panic!("{name} is no histogram") };
        assert!(buckets.contains(&3.0) && buckets.is_sorted(), "{name}");
    }
}
