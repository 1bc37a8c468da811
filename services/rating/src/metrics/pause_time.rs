//! How long the silences inside turns were together.

use super::Heard;
use crate::{
    audio::Conversation,
    finding::{Measured, Subject, seconds},
};

pub(super) const METRIC: Heard = Heard {
    metric: "pause_time",
    subject: Subject::Learner,
    unit: "s",
    definition: "How long your pauses were together.",
    of,
};

fn of(heard: &Conversation) -> Measured {
    Measured::value(seconds(&heard.pauses), heard.pauses.clone())
}
