//! How long a pause usually is.

use super::Heard;
use crate::{
    audio::Conversation,
    finding::{Measured, Subject, seconds},
};

pub(super) const METRIC: Heard = Heard {
    metric: "mean_pause",
    subject: Subject::Learner,
    unit: "ms",
    definition: "How long one of your pauses was on average.",
    of,
};

fn of(heard: &Conversation) -> Measured {
    if heard.pauses.is_empty() {
        return Measured::Not("There was no pause to measure.");
    }
    Measured::value(1000.0 * seconds(&heard.pauses) / heard.pauses.len() as f64, heard.pauses.clone())
}
