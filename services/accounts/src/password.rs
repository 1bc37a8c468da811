//! Passwords worth having.

use crate::account::Email;
use secrecy::{ExposeSecret as _, SecretString};
use std::{collections::HashSet, sync::LazyLock};

const SHORTEST_CHARS: usize = 8;
const LONGEST_BYTES: usize = 1024;
/// A common word with no more than this around it is still the common word.
const DECORATION_CHARS: usize = 4;

/// What attackers try first, one to a line, in lower case.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("../data/common-passwords.txt").lines().filter(|line| !line.is_empty()).collect()
});

/// A password that may be set.
#[derive(Clone, Debug)]
pub struct NewPassword(SecretString);

/// Why a password may not be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short to withstand guessing.
    #[error("a password has at least 8 characters")]
    TooShort,
    /// Among the first an attacker would try.
    #[error("this password is among the first that are guessed")]
    Common,
    /// Longer than anything a person or a password manager uses.
    #[error("a password has at most 1024 bytes")]
    TooLong,
}

impl NewPassword {
    /// Holds a wanted password against what is guessed first, the account's own address included.
    pub fn parse(text: SecretString, email: &Email) -> Result<Self, PasswordError> {
        let password = text.expose_secret();
        if password.len() > LONGEST_BYTES {
            return Err(PasswordError::TooLong);
        }
        if password.chars().count() < SHORTEST_CHARS {
            return Err(PasswordError::TooShort);
        }
        if is_guessed_first(&password.to_lowercase(), email) {
            return Err(PasswordError::Common);
        }
        Ok(Self(text))
    }

    /// The password.
    pub(crate) fn secret(&self) -> &SecretString {
        &self.0
    }
}

fn is_guessed_first(password: &str, email: &Email) -> bool {
    let core = password.trim_matches(|c: char| !c.is_alphabetic());
    let decoration = password.chars().count() - core.chars().count();
    let is_known = |text: &str| COMMON.contains(text) || text == email.as_str() || text == email.local_part();
    is_known(password)
        || is_known(&without_look_alikes(password))
        || (decoration <= DECORATION_CHARS && (is_known(core) || is_known(&without_look_alikes(core))))
        || is_one_run(password)
}

/// `p@ssw0rd` is `password` to every guessing program.
fn without_look_alikes(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '@' | '4' => 'a',
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        })
        .collect()
}

/// `aaaaaaaa`, `12345678`, `hgfedcba`: each character follows from the one before in the same way.
fn is_one_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps: HashSet<i64> = codes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.len() == 1 && steps.iter().all(|step| step.abs() <= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(password: &str) -> Result<(), PasswordError> {
        let email = Email::parse("maya.lindqvist@example.org").unwrap();
        NewPassword::parse(password.into(), &email).map(|_| ())
    }

    #[test]
    fn eight_unusual_characters_are_enough() {
        for password in ["corkvine", "blå himmel", "七つの海を越えて行く", "tr0ub4dor horse"] {
            assert_eq!(judged(password), Ok(()), "{password}");
        }
    }

    #[test]
    fn seven_characters_are_too_few_however_many_bytes_they_are() {
        assert_eq!(judged("seven77"), Err(PasswordError::TooShort));
        assert_eq!(judged("七つの海を越え"), Err(PasswordError::TooShort));
    }

    #[test]
    fn a_password_may_be_a_long_sentence_but_not_a_book() {
        assert_eq!(judged(&"long enough ".repeat(85)), Ok(()));
        assert_eq!(judged(&"long enough ".repeat(86)), Err(PasswordError::TooLong));
    }

    #[test]
    fn what_is_guessed_first_is_refused_in_every_dress() {
        for password in [
            "password",
            "PASSWORD",
            "Password1!",
            "p@ssw0rd",
            "12345678",
            "qwertyuiop",
            "aaaaaaaa",
            "87654321",
            "abcdefgh",
            "iloveyou2",
            "!welcome1",
            "maya.lindqvist",
            "maya.lindqvist@example.org",
            "sunshine99",
        ] {
            assert_eq!(judged(password), Err(PasswordError::Common), "{password}");
        }
    }

    #[test]
    fn the_list_is_in_the_form_it_is_compared_in() {
        assert!(COMMON.len() > 300);
        assert!(COMMON.iter().all(|word| word.trim() == *word && word.to_lowercase() == *word));
    }

    #[test]
    fn a_password_is_not_printed_by_accident() {
        let email = Email::parse("maya@example.org").unwrap();
        let password = NewPassword::parse("corkvine".into(), &email);
        assert!(!format!("{password:?}").contains("corkvine"));
    }
}
