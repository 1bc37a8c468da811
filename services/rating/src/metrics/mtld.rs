//! Lexical diversity: the Measure of Textual Lexical Diversity (Philip `McCarthy` and Scott Jarvis, 2010).
//!
//! Tokens are lower-cased words without fillers, not lemmatised. A factor closes when types / tokens of the running
//! segment is at or below 0.72; what remains at the end counts as the share (1 − TTR) / (1 − 0.72) of a factor.
//! Words / factors, forwards and backwards, averaged. Without any repetition there is no factor and no value, rather
//! than an infinite one.

use super::{Said, fillers::FILLERS};
use crate::{finding::Measured, transcript::Transcript};
use std::collections::BTreeSet;

pub(super) const METRIC: Said = Said {
    metric: "mtld",
    unit: "index",
    definition: "How varied your words were: the average number of words before they begin to repeat (MTLD).",
    of,
};

const THRESHOLD: f64 = 0.72;
/// Below this the number depends on chance more than on the learner.
const ENOUGH_WORDS: usize = 50;

fn of(said: &Transcript) -> Measured {
    let mut words = said.learner_words();
    words.retain(|word| !FILLERS.contains(&word.as_str()));
    if words.len() < ENOUGH_WORDS {
        return Measured::Not("Fewer than 50 words: too few to say how varied they were.");
    }
    match mtld(&words) {
        Some(value) => Measured::value(value, said.learner_spans()),
        None => Measured::Not("No word was repeated, so this has no value."),
    }
}

fn mtld(words: &[String]) -> Option<f64> {
    let forwards = factors(words.iter());
    let backwards = factors(words.iter().rev());
    if forwards == 0.0 || backwards == 0.0 {
        return None;
    }
    let count = words.len() as f64;
    Some(f64::midpoint(count / forwards, count / backwards))
}

fn factors<'a>(words: impl Iterator<Item = &'a String>) -> f64 {
    let (mut factors, mut types, mut tokens) = (0.0, BTreeSet::new(), 0.0);
    for word in words {
        types.insert(word);
        tokens += 1.0;
        if types.len() as f64 / tokens <= THRESHOLD {
            factors += 1.0;
            types.clear();
            tokens = 0.0;
        }
    }
    if tokens > 0.0 {
        factors += (1.0 - types.len() as f64 / tokens) / (1.0 - THRESHOLD);
    }
    factors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn words_that_never_repeat_have_no_value() {
        assert_eq!(mtld(&words("every word here differs")), None);
        assert_eq!(mtld(&[]), None);
    }

    #[test]
    fn one_word_over_and_over_has_the_lowest_value() {
        // Two tokens of one type reach 0.5: a factor for every two words.
        assert_eq!(mtld(&words("no no no no no no")), Some(2.0));
    }

    #[test]
    fn a_ratio_of_exactly_the_threshold_closes_a_factor() {
        // 18 types in 25 tokens are 0.72.
        let mut text: Vec<String> = (0..18).map(|at| format!("w{at}")).collect();
        text.extend((0..7).map(|at| format!("w{at}")));
        assert!((factors(text.iter()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_remains_counts_as_part_of_a_factor() {
        // 4 types in 5 tokens: (1 − 0.8) / 0.28 of a factor, either way.
        let expected = 5.0 / (0.2 / 0.28);
        assert!((mtld(&words("a b c d a")).unwrap() - expected).abs() < 1e-9);
    }
}
