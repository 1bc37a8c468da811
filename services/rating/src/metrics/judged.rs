//! What only a judgement can say. The local provider measures and judges nothing.

use crate::finding::{Finding, Measured, Source, Subject};

const NOTHING_JUDGED: &str = "Nothing judged this session: only measurements are made here.";

const CRITERIA: [(&str, &str); 4] = [
    ("range", "How rich the words and forms were that you used."),
    ("accuracy", "How correct the words and forms were that you used."),
    ("coherence", "How well what you said held together."),
    ("interaction", "How well you took up what the coach said and kept the talk going."),
];

/// One finding for each criterion, none of them judged.
pub(super) fn findings() -> impl Iterator<Item = Finding> {
    CRITERIA.into_iter().map(|(metric, definition)| Finding {
        subject: Subject::Learner,
        metric: metric.to_owned(),
        unit: "band",
        definition,
        source: Source::Model,
        measured: Measured::Not(NOTHING_JUDGED),
    })
}
