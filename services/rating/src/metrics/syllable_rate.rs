//! How much is said in a second of a turn, pauses included.

use super::Heard;
use crate::{
    audio::Conversation,
    finding::{Measured, Subject},
};

pub(super) const METRIC: Heard = Heard {
    metric: "syllable_rate",
    subject: Subject::Learner,
    unit: "per_second",
    definition: "Syllables for each second of your turns, pauses included. They are counted by ear: peaks of loudness that have a pitch.",
    of,
};

fn of(heard: &Conversation) -> Measured {
    Measured::value(heard.syllables as f64 / heard.turn_s(), heard.runs.clone())
}
