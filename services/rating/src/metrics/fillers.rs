//! How often the learner fills a silence. Reported, never held against anybody: fillers do not tell levels apart.

use super::Said;
use crate::{
    finding::{Finding, Measured, Source, Span, Subject},
    transcript::{Transcript, words},
};

pub(super) const METRIC: Said = Said {
    metric: "fillers",
    unit: "count",
    definition: "How often you filled a silence with a sound such as \"um\". Everybody does.",
    of,
};

/// The English filler particles.
pub(super) const FILLERS: [&str; 7] = ["uh", "um", "er", "erm", "hm", "hmm", "mm"];

fn of(said: &Transcript) -> Measured {
    let per_word: Vec<(usize, Vec<Span>)> =
        FILLERS.into_iter().map(|filler| occurrences(said, filler)).collect();
    let mut evidence: Vec<Span> = per_word.iter().flat_map(|(_, spans)| spans.clone()).collect();
    evidence.sort_unstable_by_key(|span| (span.start_ms, span.end_ms));
    evidence.dedup();
    Measured::value(per_word.iter().map(|(count, _)| count).sum::<usize>() as f64, evidence)
}

/// One finding for each filler that was said.
pub(super) fn by_word(said: &Transcript) -> Vec<Finding> {
    FILLERS
        .into_iter()
        .map(|filler| (filler, occurrences(said, filler)))
        .filter(|(_, (count, _))| *count > 0)
        .map(|(filler, (count, evidence))| Finding {
            subject: Subject::Learner,
            metric: format!("fillers_{filler}"),
            unit: "count",
            definition: "How often you said this filler.",
            source: Source::Words,
            measured: Measured::value(count as f64, evidence),
        })
        .collect()
}

/// How often, and in which turns.
fn occurrences(said: &Transcript, filler: &str) -> (usize, Vec<Span>) {
    let (mut count, mut evidence) = (0, Vec::new());
    for (span, text) in said.learner_texts() {
        let here = words(text).filter(|word| word == filler).count();
        if here > 0 {
            count += here;
            evidence.push(span);
        }
    }
    (count, evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Turn;

    #[test]
    fn fillers_are_counted_by_word_and_only_the_learners() {
        let turn = |speaker_is_learner, start_ms, text: &str| Turn {
            is_learner: speaker_is_learner,
            span: Span { start_ms, end_ms: start_ms + 1000 },
            text: Some(text.to_owned()),
        };
        let said = Transcript {
            verbatim: true,
            turns: vec![
                turn(true, 0, "Um, I think, um, er yes."),
                turn(false, 1000, "Um."),
                turn(true, 2000, "My umbrella."),
            ],
            ..Transcript::default()
        };
        let counts: Vec<_> =
            by_word(&said).into_iter().map(|finding| (finding.metric, finding.measured)).collect();
        let first = vec![Span { start_ms: 0, end_ms: 1000 }];
        assert_eq!(
            counts,
            [
                ("fillers_um".to_owned(), Measured::value(2.0, first.clone())),
                ("fillers_er".to_owned(), Measured::value(1.0, first.clone())),
            ]
        );
        assert_eq!(of(&said), Measured::value(3.0, first));
    }
}
