//! What the code says about its spans and lines.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A span as the code makes it.
#[derive(Debug)]
pub struct Span {
    pub place: String,
    /// Its name, with what is put in later left as it stands.
    pub name: String,
    pub fields: BTreeSet<String>,
}

/// Everything that some code says, by place.
#[derive(Debug, Default)]
pub struct Code {
    pub spans: Vec<Span>,
    pub lines: Vec<(String, String)>,
    pub recorded: Vec<(String, String)>,
    pub unreadable: Vec<String>,
}

/// All our code that runs in services.
pub fn everything() -> Code {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut all = Code::default();
    for room in ["crates", "services"] {
        for entry in fs::read_dir(root.join(room)).expect("the rooms are there").flatten() {
            let place = format!("{room}/{}", entry.file_name().to_string_lossy());
            let mut files = vec![];
            sources(&entry.path().join("src"), &mut files);
            for file in files {
                let text = fs::read_to_string(&file).expect("a source can be read");
                let found = read(&place, code_of(&text));
                all.spans.extend(found.spans);
                all.lines.extend(found.lines);
                all.recorded.extend(found.recorded);
                all.unreadable.extend(found.unreadable);
            }
        }
    }
    all
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
}

/// What stands before the tests of a file.
pub fn code_of(text: &str) -> &str {
    text.split_once("#[cfg(test)]\nmod tests {").map_or(text, |(code, _)| code)
}

/// What one file says.
pub fn read(place: &str, text: &str) -> Code {
    let mut code = Code::default();
    for level in ["trace", "debug", "info", "warn", "error"] {
        for rest in after(text, &format!("{level}_span!(")) {
            code.span(place, &arguments(rest));
        }
        for rest in after(text, &format!("{level}!(")) {
            code.line(place, &arguments(rest));
        }
    }
    for rest in after(text, "span_elsewhere(") {
        // Where it is made, its name is not known yet.
        if let Some(name) = arguments(rest).first().and_then(|name| quoted(name)) {
            let (place, name) = (place.to_owned(), name.to_owned());
            code.spans.push(Span { place, name, fields: BTreeSet::new() });
        }
    }
    for attribute in ["#[instrument", "#[tracing::instrument"] {
        for rest in after(text, attribute) {
            let arguments = rest.strip_prefix('(').map(arguments).unwrap_or_default();
            code.attribute(place, &arguments);
        }
    }
    for rest in after(text, "record(\"") {
        let name = rest.split('"').next().unwrap_or_default();
        if !name.starts_with("otel.") {
            code.recorded.push((place.to_owned(), name.to_owned()));
        }
    }
    code
}

/// What follows each place where something stands as a word of its own.
fn after<'a>(text: &'a str, what: &str) -> Vec<&'a str> {
    let begins = |at: usize| !text[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
    text.match_indices(what).filter(|(at, _)| begins(*at)).map(|(at, _)| &text[at + what.len()..]).collect()
}

/// The arguments up to the bracket that closes a call.
pub fn arguments(rest: &str) -> Vec<&str> {
    let (mut found, mut from, mut depth, mut quoted, mut escaped) = (vec![], 0, 0, false, false);
    for (at, letter) in rest.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth > 0 => depth -= 1,
            ')' | ']' | '}' => {
                found.push(rest[from..at].trim());
                break;
            }
            ',' if depth == 0 => {
                found.push(rest[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    found.retain(|argument| !argument.is_empty());
    found
}

/// The name of a field and what stands for its value; the name alone for one that is recorded later.
fn field(argument: &str) -> (&str, &str) {
    argument
        .split_once('=')
        .map_or((argument.trim_start_matches(['%', '?']), ""), |(name, value)| (name.trim(), value.trim()))
}

/// What stands between the first two quotes.
fn quoted(value: &str) -> Option<&str> {
    value.split('"').nth(1)
}

impl Code {
    fn span(&mut self, place: &str, arguments: &[&str]) {
        let mut name = None;
        let mut fields = BTreeSet::new();
        for argument in arguments.iter().filter(|argument| !argument.starts_with("parent:")) {
            match field(argument) {
                ("otel.name", value) => name = quoted(value),
                (own, _) if own.starts_with("otel.") => {}
                (literal, "") if literal.starts_with('"') => name = name.or(quoted(literal)),
                (own, _) => _ = fields.insert(own.to_owned()),
            }
        }
        match name {
            Some(name) => self.spans.push(Span { place: place.to_owned(), name: name.to_owned(), fields }),
            None => self.unreadable.push(format!("{place}: a span has no name: {arguments:?}")),
        }
    }

    fn attribute(&mut self, place: &str, arguments: &[&str]) {
        if !arguments.contains(&"skip_all") {
            self.unreadable
                .push(format!("{place}: a span without skip_all carries every argument: {arguments:?}"));
        }
        let mut span = vec![];
        for argument in arguments.iter().filter(|argument| **argument != "skip_all") {
            match (field(argument), argument.strip_prefix("fields(")) {
                (_, Some(fields)) => span.extend(self::arguments(fields)),
                (("name", value), _) => span.push(value),
                _ => self.unreadable.push(format!("{place}: a span has {argument}")),
            }
        }
        self.span(place, &span);
    }

    /// Fields stand before the message.
    fn line(&mut self, place: &str, arguments: &[&str]) {
        for argument in arguments.iter().take_while(|argument| !argument.starts_with('"')) {
            if let Some(fields) = argument.strip_prefix('{') {
                self.line(place, &self::arguments(fields));
            } else if !argument.starts_with("target:") {
                let (name, value) = field(argument);
                // Of a database's refusal, for one, it holds the row.
                if argument.starts_with('?') || value.starts_with('?') {
                    self.unreadable.push(format!("{place}: {argument} is printed for debugging"));
                }
                self.lines.push((place.to_owned(), name.to_owned()));
            }
        }
        // A message goes with the span it is said in, and spans hold no text.
        let message = arguments.iter().find(|argument| argument.starts_with('"'));
        let errors = ["{error", "{why", "{cause"];
        if let Some(said) = message.filter(|said| errors.iter().any(|error| said.contains(error))) {
            self.unreadable.push(format!("{place}: an error is part of the message {said}"));
        }
    }
}
