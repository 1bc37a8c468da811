//! The schema of spans and log lines and the code that makes them say the same.

mod source;

use source::{Code, Span, arguments, code_of, read};
use std::collections::BTreeSet;
use telemetry::schema::{Carrier, FAMILIES, FIELDS, Family, Field, Value};

/// What is wrong with the code beside the schema, and with the schema beside the code.
fn complaints(families: &[Family], fields: &[Field], code: &Code) -> Vec<String> {
    let mut wrong = code.unreadable.clone();
    for Span { place, name, fields: carried } in &code.spans {
        let Some(family) = families.iter().find(|family| family.has(name)) else {
            wrong.push(format!("{place}: no span is called {name}"));
            continue;
        };
        for field in carried.iter().filter(|field| !family.fields.contains(&field.as_str())) {
            wrong.push(format!("{place}: {} does not carry {field}", family.form));
        }
    }
    for (place, name) in code.lines.iter().chain(&code.recorded) {
        if !fields.iter().any(|field| field.name == name) {
            wrong.push(format!("{place}: no line or span carries {name}"));
        }
    }
    for family in families {
        let of_family: Vec<_> = code.spans.iter().filter(|span| family.has(&span.name)).collect();
        if of_family.is_empty() {
            wrong.push(format!("nothing is called {}", family.form));
        }
        for name in family.fields {
            if !of_family.iter().any(|span| span.fields.contains(*name)) {
                wrong.push(format!("{} never carries {name}", family.form));
            }
            if !fields.iter().any(|field| field.name == *name && field.carrier == Carrier::Spans) {
                wrong.push(format!("{} carries {name}, which is no field of spans", family.form));
            }
        }
    }
    for field in fields {
        let used = match field.carrier {
            Carrier::Spans => families.iter().any(|family| family.fields.contains(&field.name)),
            Carrier::Lines => code.lines.iter().any(|(_, name)| name == field.name),
        };
        if !used {
            wrong.push(format!("nothing carries {}", field.name));
        }
    }
    wrong
}

#[test]
fn what_spans_and_lines_carry_is_what_the_schema_says() {
    let code = source::everything();
    assert!(code.spans.len() > 150 && code.lines.len() > 80, "the code was read");
    let wrong = complaints(FAMILIES, FIELDS, &code);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Words that a name does not have when it can only hold what is ours.
const PERSONAL: &[&str] = &[
    "address",
    "agent",
    "answer",
    "audio",
    "authorization",
    "birth",
    "body",
    "client",
    "content",
    "cookie",
    "credential",
    "display",
    "email",
    "file",
    "hash",
    "header",
    "host",
    "ice",
    "instructions",
    "ip",
    "key",
    "language",
    "lesson",
    "location",
    "mail",
    "message",
    "name",
    "native",
    "offer",
    "owner",
    "password",
    "path",
    "payload",
    "peer",
    "person",
    "phone",
    "port",
    "prompt",
    "query",
    "quote",
    "sdp",
    "secret",
    "sentence",
    "signature",
    "speech",
    "subject",
    "text",
    "title",
    "token",
    "topics",
    "transcript",
    "turn",
    "turns",
    "url",
    "uri",
    "user",
    "utterance",
    "value",
    "voice",
    "word",
    "words",
];

/// Names that have one of them and hold only what is ours: what a thing of the code is called, and where we listen.
const OURS: &[&str] = &[
    "consumer.name",
    "event.subject",
    "grpc.address",
    "http.address",
    "media.address",
    "service.name",
    "stream.name",
];

fn may_hold_personal_data(name: &str) -> bool {
    !OURS.contains(&name) && name.split(['.', '_', '-']).any(|word| PERSONAL.contains(&word))
}

#[test]
fn no_name_could_hold_what_is_a_persons() {
    for name in FIELDS.iter().map(|field| field.name) {
        assert!(!may_hold_personal_data(name), "{name}");
    }
    for name in [
        "transcript",
        "turn.text",
        "learner.email",
        "url.full",
        "url.query",
        "client.address",
        "user_agent",
        "token",
    ] {
        assert!(may_hold_personal_data(name), "{name}");
    }
    let of_spans = |field: &&Field| field.carrier == Carrier::Spans;
    assert!(FIELDS.iter().filter(of_spans).all(|field| field.value != Value::Text), "a span holds no text");
}

#[test]
fn the_schema_can_be_read() {
    let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte));
    for Field { name, help, .. } in FIELDS {
        assert!(plain(name) && help.ends_with('.'), "{name}");
    }
    let names: BTreeSet<_> = FIELDS.iter().map(|field| field.name).collect();
    assert_eq!(names.len(), FIELDS.len());
    for family in FAMILIES {
        assert!(family.help.ends_with('.') && family.fields.is_sorted(), "{}", family.form);
    }
    let families = |name: &str| FAMILIES.iter().filter(|family| family.has(name)).count();
    for name in
        ["practice.start", "http.GET /api/topics", "event.audio.stored publish", "event.audio.stored process"]
    {
        assert_eq!(families(name), 1, "{name}");
    }
    for name in ["practice", "http.", "event.audio.stored", "SELECT", "planted"] {
        assert_eq!(families(name), 0, "{name}");
    }
}

/// A check that finds nothing has shown nothing: these plant what it is for.
#[test]
fn what_is_carried_otherwise_is_found() {
    let found = |text: &str| {
        let mut wrong = complaints(FAMILIES, FIELDS, &read("here", text));
        wrong.retain(|said| said.starts_with("here"));
        wrong
    };
    for fine in [
        r#"#[instrument(name = "db.take.begin", skip_all, fields(take.id = %take.id))]"#,
        r#"#[tracing::instrument(name = "op.sessions.start", skip_all, fields(session.id))]"#,
        r#"tracing::info_span!(parent: None, "job", otel.name = format!("job.{}", W::KIND), job.kind = W::KIND)"#,
        r#"tracing::warn!(error = %problem::chain(&error), session.id = %id, "Session {id}, {}: {reason}", a.b, reason = c);"#,
        r#"Span::current().record("session.id", id.to_string());"#,
    ] {
        assert_eq!(found(fine), [""; 0], "{fine}");
    }
    for (odd, expected) in [
        (r#"info_span!("db.take.begin", note = 1)"#, "does not carry note"),
        (r#"info_span!("take")"#, "no span is called take"),
        (r#"telemetry::span_elsewhere(format!("page.{name}"), place)"#, "no span is called page.{name}"),
        ("info_span!(NAME)", "has no name"),
        (r#"#[instrument(name = "db.take.begin")]"#, "skip_all"),
        (r#"#[instrument(name = "db.take.begin", skip_all, err)]"#, "err"),
        ("#[instrument]", "skip_all"),
        (r#"tracing::info!(transcript = turns, "Said")"#, "carries transcript"),
        (r#"warn!(%email, "Who")"#, "carries email"),
        (r#"info!(target: AUDIT, { whose.name = name }, "{name}")"#, "carries whose.name"),
        (r#"debug!(token, "What")"#, "carries token"),
        (r#"warn!(error = ?error, "It failed")"#, "printed for debugging"),
        (r#"warn!(session.id = %id, "It failed: {error}")"#, "part of the message"),
        (r#"span.record("url.full", url)"#, "carries url.full"),
    ] {
        assert!(found(odd).iter().any(|said| said.contains(expected)), "{expected}: {:?}", found(odd));
    }
    let nothing = complaints(FAMILIES, FIELDS, &read("here", ""));
    for said in
        ["nothing is called job.<kind>", "job.<kind> never carries job.attempt", "nothing carries tasks.left"]
    {
        assert!(nothing.contains(&said.to_owned()), "{said}");
    }
}

#[test]
fn arguments_are_told_apart() {
    assert_eq!(
        arguments(r#""a, b)", f(x, [y, z]), c = "\"," ) rest"#),
        [r#""a, b)""#, "f(x, [y, z])", r#"c = "\",""#]
    );
    assert_eq!(code_of("a(); #[cfg(test)]\nmod tests { b(); }"), "a(); ");
}
