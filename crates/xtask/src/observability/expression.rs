//! What an expression of Prometheus names.

/// A series that an expression reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selector {
    pub name: String,
    /// The labels it chooses by.
    pub labels: Vec<String>,
}

/// Followed by labels in brackets.
const GROUPING: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
/// Between two expressions, or beside a number.
const WORDS: [&str; 7] = ["and", "or", "unless", "bool", "offset", "inf", "nan"];

/// Everything that an expression reads.
pub(super) fn selectors(expression: &str) -> Vec<Selector> {
    let mut found = vec![];
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '"' => after(&rest[1..], '"'),
            '[' => after(rest, ']'),
            '0'..='9' => {
                rest.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '.')
            }
            'a'..='z' | 'A'..='Z' | '_' | ':' => {
                let (name, behind) = word(rest);
                let next = behind.trim_start();
                if GROUPING.contains(&name) {
                    after(next, ')')
                } else if WORDS.contains(&name) || next.starts_with('(') || GROUPING.contains(&word(next).0) {
                    behind
                } else {
                    let (labels, behind) = matchers(next);
                    found.push(Selector { name: name.to_owned(), labels });
                    behind
                }
            }
            _ => &rest[first.len_utf8()..],
        };
    }
    found
}

/// Reads `{a="x", b!~"y"}`, if it stands there.
fn matchers(text: &str) -> (Vec<String>, &str) {
    let Some(mut rest) = text.strip_prefix('{') else { return (vec![], text) };
    let mut labels = vec![];
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        let (label, behind) = word(rest);
        if label.is_empty() {
            return (labels, after(rest, '}'));
        }
        labels.push(label.to_owned());
        rest = after(after(behind, '"'), '"');
    }
}

fn word(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_' || letter == ':'));
    text.split_at(end.unwrap_or(text.len()))
}

/// What stands behind the next such letter.
fn after(text: &str, letter: char) -> &str {
    text.split_once(letter).map_or("", |(_, behind)| behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_names_what_it_reads() {
        let names = |expression: &str| {
            selectors(expression).into_iter().map(|selector| selector.name).collect::<Vec<_>>()
        };
        assert_eq!(names("sum by (le, route) (rate(a_seconds_bucket[5m]))"), ["a_seconds_bucket"]);
        assert_eq!(
            names("max by (x) (a) / on (x) group_left (y) b > bool 0.5 and c offset 5m < 1e3"),
            ["a", "b", "c"]
        );
        assert_eq!(names("a:b:rate5m or 0 * up{job=\"sum\"} or vector(0)"), ["a:b:rate5m", "up"]);
        assert_eq!(names("1 - (sum(rate(a{x!~\"5..\", y=\"{id}\"}[5m])) or vector(0)) / b"), ["a", "b"]);
        assert_eq!(
            selectors("rate(a{x!~\"5..\", y = \"b, c{}\"}[5m])"),
            [Selector { name: "a".to_owned(), labels: vec!["x".to_owned(), "y".to_owned()] }]
        );
    }
}
