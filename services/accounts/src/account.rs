//! An account and the values it is made of, each parsed once so that it cannot be wrong afterwards.

use crate::practice::Practice;
use clock::Timestamp;
use ids::LearnerId;
use std::fmt;
use unicode_segmentation::UnicodeSegmentation as _;

/// The longest address a mail server must accept (RFC 5321).
const EMAIL_BYTES: usize = 254;
const LOCAL_PART_BYTES: usize = 64;
const LABEL_BYTES: usize = 63;
const NAME_GRAPHEMES: usize = 80;
/// One grapheme may be made of any number of marks; a name may not.
const NAME_BYTES: usize = 2048;

/// Who signs in. The learner who practises has the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The learner.
    pub id: LearnerId,
    /// The address they sign in with.
    pub email: Email,
    /// What they are called on screen.
    pub display_name: DisplayName,
    /// What else they may do: everybody may practise.
    pub roles: Vec<String>,
    /// When they registered.
    pub created_at: Timestamp,
    /// How they like to practise.
    pub practice: Practice,
}

/// An e-mail address in the form it is compared in. It does not print itself into logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// The text is not an e-mail address we can send to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an e-mail address")]
pub struct NotAnEmail;

impl Email {
    /// Reads an address, in lower case. Letters outside ASCII are refused: two addresses that look alike must be alike.
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        let text = text.trim_matches(' ');
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnEmail)?;
        let right = text.len() <= EMAIL_BYTES && is_local_part(local) && is_domain(domain);
        if right { Ok(Self(text.to_ascii_lowercase())) } else { Err(NotAnEmail) }
    }

    /// An address this service has stored before.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

fn is_local_part(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    text.len() <= LOCAL_PART_BYTES
        && text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(allowed))
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL_BYTES).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.contains('.') && text.split('.').all(is_label)
}

/// What a learner is called on screen.
#[derive(Clone, PartialEq, Eq)]
pub struct DisplayName(String);

/// The text cannot be shown as a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 80 visible characters")]
pub struct NotAName;

impl DisplayName {
    /// Reads a name, without the space around it.
    pub fn parse(text: &str) -> Result<Self, NotAName> {
        let text = text.trim();
        let right = text.len() <= NAME_BYTES
            && text.chars().any(is_visible)
            && !text.chars().any(|c| c.is_control() || turns_the_line(c))
            && text.graphemes(true).count() <= NAME_GRAPHEMES;
        if right { Ok(Self(text.to_owned())) } else { Err(NotAName) }
    }

    /// A name this service has stored before.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DisplayName(…)")
    }
}

/// Overrides and isolates change the direction of everything after them, on a page that is not theirs.
fn turns_the_line(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

fn is_visible(c: char) -> bool {
    let hidden = matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{115F}' | '\u{3164}');
    !c.is_whitespace() && !c.is_control() && !hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_compared_in_lower_case() {
        assert_eq!(
            Email::parse(" Maya.Lind+voce@Example.ORG ").unwrap().as_str(),
            "maya.lind+voce@example.org"
        );
    }

    #[test]
    fn what_no_mail_server_would_accept_is_not_an_address() {
        let long = format!("{}@example.org", "a".repeat(65));
        let longer = format!("a@{}.org", vec!["a".repeat(60); 5].join("."));
        for text in [
            "",
            "maya",
            "@example.org",
            "maya@",
            "maya@example",
            "maya@@example.org",
            "a b@example.org",
            ".maya@example.org",
            "ma..ya@example.org",
            "maya@-example.org",
            "maya@example..org",
            "maya@example.org\r\nBcc: all@example.org",
            "maya\u{0}@example.org",
            &long,
            &longer,
        ] {
            assert_eq!(Email::parse(text), Err(NotAnEmail), "{text:?}");
        }
    }

    #[test]
    fn a_look_alike_of_an_address_is_refused() {
        assert_eq!(Email::parse("m\u{430}ya@example.org"), Err(NotAnEmail));
    }

    #[test]
    fn a_name_counts_as_a_reader_counts() {
        let family = "👨‍👩‍👧‍👦";
        assert!(DisplayName::parse(&family.repeat(80)).is_ok());
        assert_eq!(DisplayName::parse(&family.repeat(81)), Err(NotAName));
        assert_eq!(DisplayName::parse(&format!("a{}", "\u{301}".repeat(5_000))), Err(NotAName));
        assert_eq!(DisplayName::parse(" Søren Ångström ").unwrap().as_str(), "Søren Ångström");
        assert!(DisplayName::parse("مريم").is_ok());
    }

    #[test]
    fn a_name_nobody_can_see_or_that_turns_the_line_is_refused() {
        for text in ["", "   ", "\u{200B}\u{200B}", "Ma\u{202E}ya", "Ma\nya", "Ma\u{0}ya", "Ma\u{2066}ya"] {
            assert_eq!(DisplayName::parse(text), Err(NotAName), "{text:?}");
        }
    }

    #[test]
    fn neither_an_address_nor_a_name_is_printed_by_accident() {
        let printed = format!("{:?} {:?}", Email::parse("maya@example.org"), DisplayName::parse("Maya"));
        assert!(!printed.to_lowercase().contains("maya"), "{printed}");
    }
}
