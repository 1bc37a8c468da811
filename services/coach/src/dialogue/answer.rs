//! What can be taken from an answer without understanding it.

/// What the learner wants the coach to do, rather than to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    /// The same again.
    Repeat,
    /// The same again, and everything from now on more slowly.
    Slower,
    /// An easier way.
    Help,
    /// An easier way, with answers to choose from.
    DontKnow,
    /// Time to think.
    Wait,
    /// Another question.
    Skip,
    /// The coach heard wrong.
    NotSaid,
    /// The end.
    Stop,
}

/// A wish is short; the same words inside an answer are an answer.
const LONGEST_WISH: usize = 7;

const WISHES: [(Control, &[&str]); 8] = [
    (
        Control::NotSaid,
        &[
            "not what i said",
            "didn't say that",
            "did not say that",
            "i didn't say",
            "i did not say",
            "you misheard",
        ],
    ),
    (Control::Slower, &["slower", "more slowly", "slow down", "too fast", "not so fast"]),
    (
        Control::Repeat,
        &[
            "repeat",
            "say that again",
            "say it again",
            "again please",
            "once more",
            "pardon",
            "what did you say",
            "come again",
        ],
    ),
    (
        Control::Wait,
        &[
            "let me think",
            "let me see",
            "one moment",
            "wait a",
            "just a moment",
            "give me a moment",
            "wait please",
        ],
    ),
    (
        Control::DontKnow,
        &[
            "i don't know",
            "i do not know",
            "don't know what to say",
            "no idea",
            "i have no idea",
            "not sure what to say",
        ],
    ),
    (Control::Skip, &["skip", "next question", "another question", "different question", "next one"]),
    (
        Control::Help,
        &["help", "i don't understand", "i do not understand", "what does that mean", "what do you mean"],
    ),
    (
        Control::Stop,
        &[
            "i want to stop",
            "stop now",
            "stop please",
            "please stop",
            "let's stop",
            "goodbye",
            "good bye",
            "bye bye",
            "i am finished",
            "finish now",
            "end the lesson",
        ],
    ),
];

/// Words after which one does not simply ask the next question.
const SENSITIVE: [&str; 19] = [
    "died",
    "dead",
    "death",
    "funeral",
    "hospital",
    "ill",
    "sick",
    "cancer",
    "divorced",
    "divorce",
    "accident",
    "killed",
    "suicide",
    "war",
    "abused",
    "fired",
    "bankrupt",
    "passed away",
    "lost my job",
];

/// The wish in a text, if it is one.
pub(super) fn control(text: &str) -> Option<Control> {
    let words = words(text);
    if words.is_empty() || words.len() > LONGEST_WISH {
        return None;
    }
    if words == ["stop"] || words == ["bye"] {
        return Some(Control::Stop);
    }
    if words == ["sorry"] || words == ["what"] || words == ["again"] {
        return Some(Control::Repeat);
    }
    if words == ["wait"] {
        return Some(Control::Wait);
    }
    let line = words.join(" ");
    WISHES.iter().find(|(_, cues)| cues.iter().any(|cue| holds(&line, cue))).map(|(control, _)| *control)
}

/// Whether the text touches something one should not pass over.
pub(super) fn is_sensitive(text: &str) -> bool {
    let line = words(text).join(" ");
    SENSITIVE.iter().any(|cue| holds(&line, cue))
}

/// The words of a text, in lower case and without punctuation.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’' | '-')))
        .map(|word| word.trim_matches(['\'', '-']).replace('’', "'").to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

/// Whether `line` holds `cue` as whole words.
fn holds(line: &str, cue: &str) -> bool {
    format!(" {line} ").contains(&format!(" {cue} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_told_from_an_answer_that_holds_the_same_words() {
        assert_eq!(control("Could you repeat that, please?"), Some(Control::Repeat));
        assert_eq!(control("No, that's not what I said."), Some(Control::NotSaid));
        assert_eq!(control("I don't know"), Some(Control::DontKnow));
        assert_eq!(control("help me please"), Some(Control::Help));
        assert_eq!(control("On Saturday I wanted to help my mother in the garden"), None);
        assert_eq!(control("I stopped at the market"), None);
        assert_eq!(control(""), None);
    }

    #[test]
    fn sad_news_is_noticed_as_a_whole_word() {
        assert!(is_sensitive("My dog died last week"));
        assert!(is_sensitive("I lost my job in May"));
        assert!(!is_sensitive("I will travel"));
    }
}
