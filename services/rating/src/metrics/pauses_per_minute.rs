//! How densely speech is broken by pauses, whatever its pace (de Jong).

use super::Heard;
use crate::{
    audio::Conversation,
    finding::{Measured, Subject},
};

pub(super) const METRIC: Heard = Heard {
    metric: "pauses_per_minute",
    subject: Subject::Learner,
    unit: "per_minute",
    definition: "Pauses for each minute of your speaking, pauses not included.",
    of,
};

fn of(heard: &Conversation) -> Measured {
    Measured::value(60.0 * heard.pauses.len() as f64 / heard.speaking_s(), heard.pauses.clone())
}
