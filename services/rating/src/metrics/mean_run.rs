//! How much is said between two pauses.

use super::Heard;
use crate::{
    audio::Conversation,
    finding::{Measured, Subject},
};

pub(super) const METRIC: Heard = Heard {
    metric: "mean_run",
    subject: Subject::Learner,
    unit: "s",
    definition: "How long you spoke on average from one pause to the next.",
    of,
};

fn of(heard: &Conversation) -> Measured {
    Measured::value(heard.speaking_s() / heard.runs.len() as f64, heard.runs.clone())
}
