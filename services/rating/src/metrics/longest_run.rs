//! The longest stretch without a pause.

use super::Heard;
use crate::{
    audio::Conversation,
    finding::{Measured, Subject},
};

pub(super) const METRIC: Heard = Heard {
    metric: "longest_run",
    subject: Subject::Learner,
    unit: "s",
    definition: "The longest you spoke without a pause.",
    of,
};

fn of(heard: &Conversation) -> Measured {
    match heard.runs.iter().max_by_key(|run| run.ms()) {
        Some(run) => Measured::value(f64::from(run.ms()) / 1000.0, [*run]),
        None => Measured::Not(super::NOT_ENOUGH),
    }
}
