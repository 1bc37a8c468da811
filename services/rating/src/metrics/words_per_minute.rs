//! How many words a minute of a turn holds.

use super::Said;
use crate::{
    finding::{Measured, seconds},
    transcript::Transcript,
};

pub(super) const METRIC: Said = Said {
    metric: "words_per_minute",
    unit: "per_minute",
    definition: "Words for each minute of your turns, pauses included.",
    of,
};

fn of(said: &Transcript) -> Measured {
    let turns = said.learner_spans();
    let time = seconds(&turns);
    if time < 2.0 {
        return Measured::Not(super::NOT_ENOUGH);
    }
    Measured::value(60.0 * said.learner_words().len() as f64 / time, turns)
}
