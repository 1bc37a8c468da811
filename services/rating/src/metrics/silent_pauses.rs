//! How often the learner fell silent inside a turn.

use super::Heard;
use crate::{
    audio::Conversation,
    finding::{Measured, Subject},
};

pub(super) const METRIC: Heard = Heard {
    metric: "silent_pauses",
    subject: Subject::Learner,
    unit: "count",
    definition: "How often you were silent for a quarter of a second or more while it was your turn.",
    of,
};

fn of(heard: &Conversation) -> Measured {
    Measured::value(heard.pauses.len() as f64, heard.pauses.clone())
}
