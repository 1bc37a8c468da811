//! Who spoke when, and where the learner paused.

use super::{Listener, speech, syllables};
use crate::finding::{Span, seconds};

/// A silence this long is a pause (Goldman-Eisler 1968; de Jong and Bosker 2013); shorter ones belong to the sounds.
pub const PAUSE_MS: u32 = 250;
/// A silence shorter than this lies within a turn, whatever the transcript made of it.
const LONGEST_SURE_PAUSE_MS: u32 = 2_500;
/// How exactly the transcript knows where a turn begins and ends.
const TURN_EDGE_MS: u32 = 400;
/// Less speech than this measures nothing.
const ENOUGH_S: f64 = 2.0;

/// A conversation as it can be heard.
#[derive(Debug, Default)]
pub struct Conversation {
    /// The learner's runs of speech: no silence of [`PAUSE_MS`] in any of them.
    pub runs: Vec<Span>,
    /// The coach's stretches of speech.
    pub coach: Vec<Span>,
    /// The silences inside the learner's turns.
    pub pauses: Vec<Span>,
    /// From each time the coach fell silent to the learner's answer.
    pub answers: Vec<Span>,
    /// The nuclei of the learner's syllables.
    pub syllables: usize,
}

impl Conversation {
    /// Makes out the conversation in what was heard on the learner's and the coach's channel. `turns` are the
    /// learner's, as the transcript knows them.
    ///
    /// A silence between two runs of the learner is a pause inside a turn when the coach said nothing in it and it is
    /// shorter than 2.5 s, or longer but inside one turn of the transcript. Everything else is a gap between turns.
    pub fn heard(learner: Listener, coach: Listener, turns: &[Span]) -> Self {
        let (learner, coach) = (learner.heard(), coach.heard());
        let runs = speech::stretches(&learner, &coach);
        let syllables = syllables::nuclei(&learner, &runs).len();
        let coach = speech::stretches(&coach, &learner);
        let pauses = pauses(&runs, &coach, turns);
        let answers = answers(&runs, &coach);
        Self { runs, coach, pauses, answers, syllables }
    }

    /// Whether the learner said enough to measure anything.
    pub fn is_enough(&self) -> bool {
        self.speaking_s() >= ENOUGH_S
    }

    /// Seconds in which the learner spoke, without pauses.
    pub fn speaking_s(&self) -> f64 {
        seconds(&self.runs)
    }

    /// Seconds in which the learner spoke or paused.
    pub fn turn_s(&self) -> f64 {
        self.speaking_s() + seconds(&self.pauses)
    }
}

fn pauses(runs: &[Span], coach: &[Span], turns: &[Span]) -> Vec<Span> {
    runs.windows(2)
        .map(|pair| Span { start_ms: pair[0].end_ms, end_ms: pair[1].start_ms })
        .filter(|gap| gap.ms() >= PAUSE_MS)
        .filter(|gap| !coach.iter().any(|speech| speech.overlaps(*gap)))
        .filter(|gap| gap.ms() < LONGEST_SURE_PAUSE_MS || turns.iter().any(|turn| holds(*turn, *gap)))
        .collect()
}

fn holds(turn: Span, gap: Span) -> bool {
    turn.start_ms <= gap.start_ms.saturating_add(TURN_EDGE_MS)
        && turn.end_ms.saturating_add(TURN_EDGE_MS) >= gap.end_ms
}

/// Who already speaks when the coach falls silent does not answer but interrupts, and is not counted.
fn answers(runs: &[Span], coach: &[Span]) -> Vec<Span> {
    let mut answers: Vec<Span> = Vec::new();
    for run in runs {
        let asked = coach.iter().rev().find(|speech| speech.start_ms < run.start_ms);
        let Some(asked) = asked.filter(|asked| asked.end_ms <= run.start_ms) else { continue };
        if runs.iter().any(|run| run.start_ms < asked.end_ms && asked.end_ms < run.end_ms) {
            continue;
        }
        if answers.last().is_none_or(|last| last.start_ms != asked.end_ms) {
            answers.push(Span { start_ms: asked.end_ms, end_ms: run.start_ms });
        }
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start_ms: u32, end_ms: u32) -> Span {
        Span { start_ms, end_ms }
    }

    #[test]
    fn a_silence_the_coach_speaks_in_is_no_pause() {
        let runs = [span(0, 1000), span(1500, 2000), span(3500, 4000)];
        assert_eq!(pauses(&runs, &[span(2400, 3000)], &[]), [span(1000, 1500)]);
    }

    #[test]
    fn a_long_silence_is_a_pause_only_inside_one_turn() {
        let runs = [span(0, 1000), span(5000, 6000)];
        assert_eq!(pauses(&runs, &[], &[span(0, 1100), span(4900, 6000)]), []);
        assert_eq!(pauses(&runs, &[], &[span(100, 6000)]), [span(1000, 5000)]);
    }

    #[test]
    fn an_answer_is_counted_once_and_an_interruption_not_at_all() {
        let coach = [span(0, 1000), span(5000, 8000)];
        let runs = [span(1700, 2500), span(3000, 4000), span(7500, 9000), span(9500, 9900)];
        assert_eq!(answers(&runs, &coach), [span(1000, 1700)]);
    }
}
