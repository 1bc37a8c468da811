//! Every metric there is: what it says, where it is recorded, and which values its labels may have.
//!
//! A test reads the code and finds each of these recorded just as it stands here, and nothing else. `specs/metrics.md` is
//! derived from it; rules and dashboards are compared with that page.

use serde::Serialize;

/// One metric.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Metric {
    /// Its name, with its unit.
    pub name: &'static str,
    /// How it counts.
    pub kind: Kind,
    /// The folders of the code that records it.
    pub recorded_in: &'static [&'static str],
    /// What its series are told apart by.
    pub labels: &'static [Label],
    /// What it says, in one sentence.
    pub help: &'static str,
}

/// How a metric counts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It is what it is now.
    Gauge,
    /// It counts how many were at most so large.
    Histogram(&'static [f64]),
}

/// What the series of a metric are told apart by.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub values: Values,
}

/// What a label may be: never anything that is learned from a learner.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Values {
    /// One of these.
    These(&'static [&'static str]),
    /// As many as the code has of them.
    EachOf(&'static str),
}

/// Seconds that somebody waits: fine below 100 ms, with a boundary at each of our measures.
const WAITING: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0];
/// Scores of a page that shifts: good up to a tenth, poor from a quarter on.
const SHIFTING: &[f64] = &[0.0, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0];
/// Seconds of work that nobody waits for.
const WORKING: &[f64] = &[0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];
/// Seconds of a conversation.
const TALKING: &[f64] = &[5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0];

const CONSUMER: Label =
    Label { name: "consumer", values: Values::EachOf("the consumers of the events' catalogue") };
const JOB: Label = Label { name: "kind", values: Values::EachOf("the kinds of jobs") };

const fn label(name: &'static str, values: &'static [&'static str]) -> Label {
    Label { name, values: Values::These(values) }
}

const fn counter(
    name: &'static str,
    recorded_in: &'static [&'static str],
    labels: &'static [Label],
    help: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Counter, recorded_in, labels, help }
}

const fn gauge(
    name: &'static str,
    recorded_in: &'static [&'static str],
    labels: &'static [Label],
    help: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Gauge, recorded_in, labels, help }
}

const fn histogram(
    name: &'static str,
    recorded_in: &'static [&'static str],
    buckets: &'static [f64],
    labels: &'static [Label],
    help: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Histogram(buckets), recorded_in, labels, help }
}

/// All of them, by who records them.
pub const METRICS: &[Metric] = &[
    counter(
        "telemetry_dropped_total",
        &["crates/telemetry"],
        &[label("what", &["span", "span_field", "line_field"])],
        "Spans in batches that did not arrive, and fields of spans and log lines that are not in their schema.",
    ),
    gauge(
        "service_ready",
        &["crates/http-server"],
        &[],
        "Whether the process could serve when it was asked: 1 or 0.",
    ),
    histogram(
        "http_request_seconds",
        &["crates/http-server"],
        WAITING,
        &[
            label("method", &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"]),
            Label { name: "route", values: Values::EachOf("the routes, and `unmatched`") },
            Label { name: "status", values: Values::EachOf("the status codes") },
        ],
        "How long requests took until their answer began.",
    ),
    gauge(
        "database_connections",
        &["crates/postgres"],
        &[label("state", &["used", "idle"])],
        "Open connections to the service's own database.",
    ),
    gauge("database_connections_limit", &["crates/postgres"], &[], "How many of them there may be."),
    counter("outbox_published_total", &["crates/outbox"], &[], "Events that the broker confirmed."),
    gauge(
        "outbox_lag_seconds",
        &["crates/outbox"],
        &[],
        "How long the oldest event has been waiting for the broker.",
    ),
    counter(
        "event_deliveries_total",
        &["crates/event-bus"],
        &[CONSUMER, label("verdict", &["done", "again", "never"])],
        "Deliveries that were handled.",
    ),
    histogram(
        "event_delivery_seconds",
        &["crates/event-bus"],
        WAITING,
        &[CONSUMER],
        "How long handling a delivery took.",
    ),
    gauge(
        "event_last_delivered_timestamp_seconds",
        &["crates/event-bus"],
        &[CONSUMER],
        "When the event that was delivered last had been published.",
    ),
    gauge(
        "consumer_waiting_events",
        &["crates/event-bus"],
        &[CONSUMER],
        "Events that the broker keeps for a consumer, delivered but not acknowledged ones included.",
    ),
    gauge(
        "consumer_acknowledged_sequence",
        &["crates/event-bus"],
        &[CONSUMER],
        "The place in its stream up to which a consumer has acknowledged everything.",
    ),
    counter(
        "inbox_duplicates_total",
        &["crates/inbox"],
        &[CONSUMER],
        "Deliveries whose event had its effect before.",
    ),
    counter(
        "dead_letters_total",
        &["crates/inbox"],
        &[CONSUMER],
        "Events that can never be handled as they are.",
    ),
    gauge(
        "dead_letters_waiting",
        &["crates/inbox"],
        &[CONSUMER],
        "Dead letters that nobody has sent again or dropped.",
    ),
    counter(
        "jobs_total",
        &["crates/jobs"],
        &[JOB, label("outcome", &["finished", "set_back"])],
        "Tries of jobs that came to an end.",
    ),
    histogram("job_seconds", &["crates/jobs"], WORKING, &[JOB], "How long a try of a job took."),
    gauge(
        "job_queue_age_seconds",
        &["crates/jobs"],
        &[JOB],
        "How long the oldest job that is due has been waiting for a worker.",
    ),
    counter("job_leases_lost_total", &["crates/jobs"], &[JOB], "Jobs that another worker had to go on with."),
    counter(
        "job_leases_taken_over_total",
        &["crates/jobs"],
        &[JOB],
        "Jobs that were taken over from a worker that fell silent.",
    ),
    counter(
        "accounts_password_hashes_total",
        &["services/accounts"],
        &[],
        "Passwords that were hashed, which is the dearest thing accounts does.",
    ),
    counter("sessions_started_total", &["services/sessions"], &[], "Sessions that were opened."),
    counter(
        "sessions_ended_total",
        &["services/sessions"],
        &[label(
            "reason",
            &["learner", "coach", "time_limit", "connection_lost", "microphone_lost", "interrupted"],
        )],
        "Sessions that were sealed with their transcript.",
    ),
    counter(
        "session_feedback_total",
        &["services/sessions"],
        &[label("feedback", &["good", "fair", "poor"])],
        "Learners who said how their session was.",
    ),
    gauge(
        "sessions_open",
        &["services/sessions"],
        &[],
        "Sessions that are open; every replica counts all of them.",
    ),
    histogram(
        "browser_wait_seconds",
        &["services/sessions"],
        WAITING,
        &[label(
            "measure",
            &[
                "first_sound",
                "reply",
                "reconnect",
                "playback_start",
                "largest_contentful_paint",
                "interaction_to_next_paint",
            ],
        )],
        "How long learners waited, as their pages measured it.",
    ),
    histogram(
        "browser_layout_shift_ratio",
        &["services/sessions"],
        SHIFTING,
        &[],
        "How far pages shifted by themselves.",
    ),
    histogram(
        "provider_request_seconds",
        &["services/secrets"],
        WAITING,
        &[
            label("provider", &["coach", "openai"]),
            label("operation", &["mint", "call", "hang_up"]),
            label(
                "outcome",
                &["answered", "silent", "unreachable", "failing", "busy", "refused", "garbled", "left_alone"],
            ),
        ],
        "How long the realtime provider took to answer.",
    ),
    counter("calls_opened_total", &["services/secrets"], &[], "Calls that we made for a browser."),
    counter(
        "call_hang_ups_total",
        &["services/secrets"],
        &[
            label("reason", &["time_limit", "finalized", "deleted", "signed_out", "replaced", "abandoned"]),
            label("outcome", &["hung_up", "was_over", "given_up", "set_back"]),
        ],
        "Tries to hang a call up at the provider.",
    ),
    counter(
        "call_seconds_total",
        &["services/secrets"],
        &[label("provider", &["coach", "openai"])],
        "Seconds of calls that are over: what a provider is paid for.",
    ),
    gauge(
        "circuit_open",
        &["services/secrets", "services/rating"],
        &[label("dependency", &["realtime_provider", "sessions", "upload"])],
        "Whether a dependency failed so often that it is left alone: 1 or 0.",
    ),
    counter(
        "upload_received_bytes_total",
        &["services/upload"],
        &[label("way", &["takes", "whole"])],
        "Bytes of recordings that are durable.",
    ),
    gauge(
        "upload_parts_in_flight",
        &["services/upload"],
        &[],
        "Parts of recordings on their way to storage.",
    ),
    counter("upload_parts_repeated_total", &["services/upload"], &[], "Parts that storage was sent again."),
    counter(
        "recordings_received_total",
        &["services/upload"],
        &[label("outcome", &["new", "again", "refused"])],
        "Recordings that were sent in one body.",
    ),
    counter(
        "recordings_joined_total",
        &["services/upload"],
        &[label("outcome", &["whole", "with_gaps", "with_warnings"])],
        "Recordings that were made of takes; one with gaps lacks something that was said.",
    ),
    counter(
        "recordings_processed_total",
        &["services/upload"],
        &[label("outcome", &["whole", "with_warnings"])],
        "Recordings sent in one body that were made playable.",
    ),
    histogram(
        "recording_processing_seconds",
        &["services/upload"],
        WORKING,
        &[],
        "How long making a recording playable took.",
    ),
    counter(
        "recordings_damaged_total",
        &["services/upload"],
        &[],
        "Parts of takes that storage gave back otherwise than it was given.",
    ),
    counter(
        "ratings_total",
        &["services/rating"],
        &[label("outcome", &["rated", "failed"])],
        "Ratings that came to an end.",
    ),
    histogram("rating_seconds", &["services/rating"], WORKING, &[], "How long a rating took."),
    histogram(
        "rating_decode_seconds",
        &["services/rating"],
        WORKING,
        &[],
        "How long decoding a recording took.",
    ),
    histogram(
        "dependency_request_seconds",
        &["services/rating"],
        WORKING,
        &[
            label(
                "method",
                &["SessionRegistry/GetTranscript", "Recordings/GetRecording", "Recordings/ReadRecording"],
            ),
            label("outcome", &["answered", "too_slow", "failed"]),
        ],
        "How long another service took to answer rating.",
    ),
    gauge("coach_calls", &["services/coach"], &[], "Calls that go on."),
    histogram("coach_call_seconds", &["services/coach"], TALKING, &[], "How long calls were."),
    counter(
        "coach_call_ends_total",
        &["services/coach"],
        &[label(
            "end",
            &["hung_up", "closed", "never_connected", "silent", "expired", "stopping", "dropped", "broken"],
        )],
        "Calls that ended.",
    ),
    histogram(
        "coach_first_audio_seconds",
        &["services/coach"],
        WAITING,
        &[],
        "From the answer to an offer to the coach's first sound.",
    ),
    histogram(
        "coach_reply_seconds",
        &["services/coach"],
        WAITING,
        &[],
        "From the end of a learner's turn to the reply's first sound.",
    ),
    counter("coach_responses_total", &["services/coach"], &[], "Turns of the coach."),
    counter(
        "coach_responses_cut_total",
        &["services/coach"],
        &[label("reason", &["turn_detected", "client_cancelled"])],
        "Turns of the coach that were cut short: by a learner who spoke, or by the page.",
    ),
    counter(
        "coach_transcriptions_failed_total",
        &["services/coach"],
        &[],
        "Turns of learners whose words could not be written down.",
    ),
    counter(
        "coach_recognizer_restarts_total",
        &["services/coach"],
        &[],
        "Recogniser processes that died and were started again.",
    ),
];
