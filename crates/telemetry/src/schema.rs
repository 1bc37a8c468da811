//! What spans are called, and every field that a span or a log line may carry.
//!
//! A test reads the code and finds each of these used just as it stands here, and nothing else. What libraries add of
//! their own is taken away where spans and lines leave the process. `specs/traces.md` is derived from it; the browser
//! tests compare every span of the trace backend with that page.

use serde::Serialize;

/// A value that a span or a log line carries.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Field {
    /// Its name: the thing first, then what of it, with its unit.
    pub name: &'static str,
    /// What it may be.
    pub value: Value,
    /// Where it may stand.
    pub carrier: Carrier,
    /// What OpenTelemetry's semantic conventions call it, if they know it.
    pub convention: Option<&'static str>,
    /// What it says, in one sentence.
    pub help: &'static str,
}

/// What a field may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// An identifier that we minted.
    Id,
    /// One of a few words that stand in the code or in the settings.
    Word,
    /// A number.
    Number,
    /// Yes, or it is not there.
    Flag,
    /// What an error says of itself and of its causes. On lines only.
    Text,
}

/// Where a field may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Carrier {
    /// On spans, and on log lines too.
    Spans,
    /// On log lines only.
    Lines,
}

/// Spans that are named alike.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Family {
    /// Their name; what differs stands in angle brackets.
    pub form: &'static str,
    /// The fields that one of them may carry.
    pub fields: &'static [&'static str],
    /// What they show, in one sentence.
    pub help: &'static str,
}

impl Family {
    /// Whether a span of this name is one of them.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let Some((head, rest)) = self.form.split_once('<') else { return name == self.form };
        let tail = rest.rsplit_once('>').map_or("", |(_, tail)| tail);
        name.len() > head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
    }
}

/// All of it, as it is written down.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Schema {
    families: &'static [Family],
    fields: &'static [Field],
}

/// All of it.
pub const SCHEMA: Schema = Schema { families: FAMILIES, fields: FIELDS };

/// The field of a name.
#[must_use]
pub fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

const fn on_spans(name: &'static str, value: Value, help: &'static str) -> Field {
    Field { name, value, carrier: Carrier::Spans, convention: None, help }
}

const fn on_lines(name: &'static str, value: Value, help: &'static str) -> Field {
    Field { name, value, carrier: Carrier::Lines, convention: None, help }
}

const fn known_as(convention: &'static str, field: Field) -> Field {
    Field { convention: Some(convention), ..field }
}

/// All span names.
pub const FAMILIES: &[Family] = &[
    Family {
        form: "practice.<happening>",
        fields: &["session.id"],
        help: "What begins a practice, the root of its trace, and what ends one that was abandoned.",
    },
    Family {
        form: "browser.<wait>",
        fields: &[],
        help: "What a learner waited for, as their page measured it.",
    },
    Family {
        form: "http.<method> <route>",
        fields: &["http.request.method", "http.response.status_code", "http.route"],
        help: "A request, until its answer begins.",
    },
    Family {
        form: "op.<service>.<verb>",
        fields: &[
            "call.id",
            "learner.id",
            "login.id",
            "medium.id",
            "mint.id",
            "rating.reason",
            "session.id",
            "take.id",
            "topic.id",
            "tracks",
        ],
        help: "What a service does, whoever asked for it.",
    },
    Family {
        form: "grpc.<Service>/<Method>",
        fields: &["session.id", "topic.id"],
        help: "A question to another service, once where it is asked and once where it is answered.",
    },
    Family {
        form: "db.<table>.<verb>",
        fields: &["bytes", "event.id", "medium.id", "session.id", "take.id", "topic.id"],
        help: "A statement in the service's own database.",
    },
    Family {
        form: "event.<subject> publish",
        fields: &["event.id"],
        help: "An event on its way from the outbox to the broker; below what caused it.",
    },
    Family {
        form: "event.<subject> process",
        fields: &[
            "consumer.name",
            "event.attempt",
            "event.duplicate",
            "event.id",
            "event.replayed",
            "event.verdict",
        ],
        help: "One delivery of an event to one consumer; below the publishing, and linked to it.",
    },
    Family {
        form: "job.<kind>",
        fields: &["job.attempt", "job.kind", "job.outcome"],
        help: "One try of a job; below what asked for it.",
    },
    Family {
        form: "provider.<operation>",
        fields: &["provider"],
        help: "A question to the realtime provider.",
    },
    Family {
        form: "s3.<operation>",
        fields: &["bytes", "part", "parts"],
        help: "A question to the storage of recordings.",
    },
];

/// All fields, by what they are about.
pub const FIELDS: &[Field] = &[
    known_as(
        "http.request.method",
        on_spans(
            "http.request.method",
            Value::Word,
            "The method of a request; `other` for one that nobody uses.",
        ),
    ),
    known_as(
        "http.route",
        on_spans("http.route", Value::Word, "The route of a request, with its parameters' names."),
    ),
    known_as(
        "http.response.status_code",
        on_spans("http.response.status_code", Value::Number, "The status of the answer."),
    ),
    on_spans("session.id", Value::Id, "A practice. Not what the conventions call a session."),
    known_as(
        "user.id",
        on_spans(
            "learner.id",
            Value::Id,
            "Who practises: an id that only `accounts` can turn into a person.",
        ),
    ),
    on_spans("login.id", Value::Id, "One sign-in on one browser."),
    on_spans("topic.id", Value::Id, "What is practised."),
    on_spans("mint.id", Value::Id, "One attempt to open a call."),
    on_spans("call.id", Value::Id, "A call, as the coach knows it."),
    on_spans("medium.id", Value::Id, "A recording."),
    on_spans("take.id", Value::Id, "One run of a recorder."),
    known_as("messaging.message.id", on_spans("event.id", Value::Id, "An event.")),
    on_spans(
        "event.attempt",
        Value::Number,
        "How often an event was delivered to a consumer, this time included.",
    ),
    on_spans("event.duplicate", Value::Flag, "Whether an event had its effect before."),
    on_spans("event.replayed", Value::Flag, "Whether an operator sent an event again."),
    on_spans("event.verdict", Value::Word, "What became of a delivery: `done`, `again` or `never`."),
    known_as(
        "messaging.consumer.group.name",
        on_spans("consumer.name", Value::Word, "Who hears: a name of the events' catalogue."),
    ),
    on_spans("job.kind", Value::Word, "What kind of work a job is."),
    on_spans("job.attempt", Value::Number, "How often a job was tried, this time included."),
    on_spans("job.outcome", Value::Word, "What a try of a job came to: `finished` or `set_back`."),
    on_spans("rating.reason", Value::Word, "Why there is no rating."),
    known_as(
        "gen_ai.provider.name",
        on_spans("provider", Value::Word, "Who answers calls: `coach` or `openai`."),
    ),
    on_spans("bytes", Value::Number, "How much was written."),
    known_as("aws.s3.part_number", on_spans("part", Value::Number, "Which part of an object was written.")),
    on_spans("parts", Value::Number, "Of how many parts an object was made."),
    on_spans("tracks", Value::Number, "Of how many takes a recording was made."),
    known_as(
        "messaging.destination.name",
        on_lines("event.subject", Value::Word, "Where an event was published."),
    ),
    on_lines("audit.event", Value::Word, "What was done to a session, or was not."),
    on_lines("audit.outcome", Value::Word, "Whether it was `done`, `refused` or `failed`."),
    on_lines("job.reason", Value::Word, "Why a job is not finished."),
    on_lines("rating.revision", Value::Number, "Which rating of a session it is."),
    on_lines("rating.recording_revision", Value::Number, "Which recording was rated; 0 for none."),
    on_lines("medium.bytes", Value::Number, "The size of a recording."),
    on_lines("take.piece", Value::Number, "Which part of a take."),
    on_lines("exchange", Value::Word, "Whether the browser or we make the call: `direct` or `relay`."),
    on_lines("call.end", Value::Word, "How a call ended."),
    on_lines("call.reason", Value::Word, "Why a call is hung up."),
    on_lines("call.seconds", Value::Number, "How long a call was."),
    on_lines("call.length_s", Value::Number, "How long a call may be."),
    on_lines("call.max_duration_s", Value::Number, "How long a call may be at most."),
    on_lines("utterances.lost", Value::Number, "Turns whose words were lost with the recogniser."),
    on_lines("ready", Value::Flag, "Whether the recogniser can be asked."),
    on_lines("stream.name", Value::Word, "A stream of the events' catalogue."),
    on_lines("streams.made", Value::Word, "Streams and consumers that were made."),
    on_lines("events", Value::Number, "Events that are said again."),
    on_lines("tasks.left", Value::Number, "Tasks that did not end in time."),
    known_as("service.name", on_lines("service.name", Value::Word, "Which process it is.")),
    on_lines("http.address", Value::Word, "Where we listen for HTTP."),
    on_lines("grpc.address", Value::Word, "Where we listen for gRPC."),
    on_lines("media.address", Value::Word, "Where we listen for the sound of calls."),
    on_lines("panic.place", Value::Word, "Where in the code something panicked."),
    known_as(
        "exception.message",
        on_lines("error", Value::Text, "What went wrong, with the whole chain of causes."),
    ),
];
