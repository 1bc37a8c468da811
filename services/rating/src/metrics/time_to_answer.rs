//! How long the learner takes to begin after the coach has ended.

use super::Heard;
use crate::{
    audio::Conversation,
    finding::{Measured, Subject},
};

pub(super) const METRIC: Heard = Heard {
    metric: "time_to_answer",
    subject: Subject::Learner,
    unit: "ms",
    definition: "How long it took from the end of the coach's words to the beginning of yours: half of your answers were quicker, half slower.",
    of,
};

fn of(heard: &Conversation) -> Measured {
    let mut waits: Vec<u32> = heard.answers.iter().map(|answer| answer.ms()).collect();
    waits.sort_unstable();
    let median = match (waits.len(), waits.len() / 2) {
        (0, _) => return Measured::Not("No answer followed the coach's words."),
        (count, half) if count % 2 == 0 => f64::midpoint(f64::from(waits[half - 1]), f64::from(waits[half])),
        (_, half) => f64::from(waits[half]),
    };
    Measured::value(median, heard.answers.clone())
}
