//! The measurements, one file each. What a number means, its unit and what it rests on stand beside how it is computed.
//!
//! [`RUBRIC_VERSION`] names the definitions: a change of any of them is a new version, so that two ratings are
//! compared only when they measured the same thing.

mod articulation_rate;
mod fillers;
mod judged;
mod longest_run;
mod mean_pause;
mod mean_run;
mod mtld;
mod pause_time;
mod pauses_per_minute;
mod silent_pauses;
mod speaking_time;
mod syllable_rate;
mod time_to_answer;
mod turn_share;
mod words_per_minute;

use crate::{
    audio::Conversation,
    finding::{Finding, Measured, Source, Subject},
    transcript::Transcript,
};

/// The version of every definition here.
pub const RUBRIC_VERSION: &str = "measured-1";

/// How many stretches of evidence are kept for one finding.
const MOST_EVIDENCE: usize = 1000;

const NOT_ENOUGH: &str = "Not enough speech to measure.";
const NOT_VERBATIM: &str = "The recogniser of the practice partner drops words, so this would mislead.";

/// Something measured from the recording.
struct Heard {
    metric: &'static str,
    subject: Subject,
    unit: &'static str,
    definition: &'static str,
    of: fn(&Conversation) -> Measured,
}

/// Something measured from the words.
struct Said {
    metric: &'static str,
    unit: &'static str,
    definition: &'static str,
    of: fn(&Transcript) -> Measured,
}

const HEARD: [Heard; 11] = [
    speaking_time::METRIC,
    turn_share::METRIC,
    silent_pauses::METRIC,
    pause_time::METRIC,
    pauses_per_minute::METRIC,
    mean_pause::METRIC,
    longest_run::METRIC,
    mean_run::METRIC,
    time_to_answer::METRIC,
    syllable_rate::METRIC,
    articulation_rate::METRIC,
];

const SAID: [Said; 3] = [words_per_minute::METRIC, fillers::METRIC, mtld::METRIC];

/// Everything that can be said about a session. `heard` is the conversation, or why there is none to hear.
pub fn findings(heard: Result<&Conversation, &'static str>, transcript: &Transcript) -> Vec<Finding> {
    let from_audio = HEARD.iter().map(|metric| Finding {
        subject: metric.subject,
        metric: metric.metric.to_owned(),
        unit: metric.unit,
        definition: metric.definition,
        source: Source::Audio,
        measured: match heard {
            Ok(conversation) if conversation.is_enough() => bounded((metric.of)(conversation)),
            Ok(_) => Measured::Not(NOT_ENOUGH),
            Err(reason) => Measured::Not(reason),
        },
    });
    let from_words = SAID.iter().map(|metric| Finding {
        subject: Subject::Learner,
        metric: metric.metric.to_owned(),
        unit: metric.unit,
        definition: metric.definition,
        source: Source::Words,
        measured: if transcript.verbatim {
            bounded((metric.of)(transcript))
        } else {
            Measured::Not(NOT_VERBATIM)
        },
    });
    let by_word = if transcript.verbatim { fillers::by_word(transcript) } else { Vec::new() };
    from_audio.chain(from_words).chain(by_word).chain(judged::findings()).collect()
}

fn bounded(mut measured: Measured) -> Measured {
    if let Measured::Value { evidence, .. } = &mut measured {
        evidence.truncate(MOST_EVIDENCE);
    }
    measured
}
