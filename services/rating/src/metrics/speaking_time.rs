//! How long the learner spoke.

use super::Heard;
use crate::{
    audio::Conversation,
    finding::{Measured, Subject},
};

pub(super) const METRIC: Heard = Heard {
    metric: "speaking_time",
    subject: Subject::Learner,
    unit: "s",
    definition: "How long you spoke, without pauses of a quarter of a second or more.",
    of,
};

fn of(heard: &Conversation) -> Measured {
    Measured::value(heard.speaking_s(), heard.runs.clone())
}
