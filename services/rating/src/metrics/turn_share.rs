//! Who had the floor.

use super::Heard;
use crate::{
    audio::Conversation,
    finding::{Measured, Subject, seconds},
};

pub(super) const METRIC: Heard = Heard {
    metric: "turn_share",
    subject: Subject::Session,
    unit: "ratio",
    definition: "Your share of all the time in which one of you spoke.",
    of,
};

fn of(heard: &Conversation) -> Measured {
    let own = heard.speaking_s();
    Measured::value(own / (own + seconds(&heard.coach)), heard.runs.clone())
}
