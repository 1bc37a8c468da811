//! How fast the learner articulates: pace without pauses.

use super::Heard;
use crate::{
    audio::Conversation,
    finding::{Measured, Subject},
};

pub(super) const METRIC: Heard = Heard {
    metric: "articulation_rate",
    subject: Subject::Learner,
    unit: "per_second",
    definition: "Syllables for each second of your speaking, pauses not included.",
    of,
};

fn of(heard: &Conversation) -> Measured {
    Measured::value(heard.syllables as f64 / heard.speaking_s(), heard.runs.clone())
}
