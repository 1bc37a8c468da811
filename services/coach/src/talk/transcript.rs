//! Puts together what a learner said in a turn, piece by piece.

use std::collections::HashMap;

use crate::recognizer::{Outcome, Report};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// The words so far, which may still change.
    Waiting(String),
    Words(String),
    Failed,
}

impl Piece {
    fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting(_))
    }
}

#[derive(Debug, Default)]
struct Turn {
    pieces: Vec<(u64, Piece)>,
    /// Whether no further piece will come.
    closed: bool,
    told: bool,
}

/// What became of a turn's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Words {
    Known(String),
    Unknown,
}

/// The words of all turns that are not yet told.
#[derive(Debug, Default)]
pub(super) struct Transcripts {
    turns: HashMap<String, Turn>,
    /// Which turn an utterance belongs to.
    owners: HashMap<u64, String>,
    utterances: u64,
}

impl Transcripts {
    /// A new piece of a turn.
    pub(super) fn open(&mut self, item_id: &str) -> u64 {
        self.utterances += 1;
        let turn = self.turns.entry(item_id.to_owned()).or_default();
        turn.pieces.push((self.utterances, Piece::Waiting(String::new())));
        self.owners.insert(self.utterances, item_id.to_owned());
        self.utterances
    }

    /// The turn has no further piece.
    pub(super) fn close(&mut self, item_id: &str) {
        self.turns.entry(item_id.to_owned()).or_default().closed = true;
    }

    /// Forgets a turn, and names the utterances nobody waits for any more.
    pub(super) fn forget(&mut self, item_id: &str) -> Vec<u64> {
        self.owners.retain(|_, owner| owner != item_id);
        let pieces = self.turns.remove(item_id).map(|turn| turn.pieces).unwrap_or_default();
        pieces.into_iter().filter(|(_, piece)| piece.is_waiting()).map(|(utterance, _)| utterance).collect()
    }

    /// Takes a report, and names the turn it belongs to.
    pub(super) fn take(&mut self, report: Report) -> Option<String> {
        let item_id = self.owners.get(&report.utterance)?.clone();
        let piece = match report.outcome {
            Outcome::Partial(text) => Piece::Waiting(text),
            Outcome::Final { text, .. } => Piece::Words(text),
            Outcome::Failed => Piece::Failed,
        };
        if !piece.is_waiting() {
            self.owners.remove(&report.utterance);
        }
        let turn = self.turns.get_mut(&item_id)?;
        let waiting = turn.pieces.iter_mut().find(|(utterance, _)| *utterance == report.utterance);
        if let Some((_, waiting)) = waiting {
            *waiting = piece;
        }
        Some(item_id)
    }

    /// The words of a turn so far.
    pub(super) fn so_far(&self, item_id: &str) -> String {
        let pieces = self.turns.get(item_id).map(|turn| turn.pieces.as_slice()).unwrap_or_default();
        let words = pieces.iter().filter_map(|(_, piece)| match piece {
            Piece::Words(text) | Piece::Waiting(text) if !text.is_empty() => Some(text.as_str()),
            _ => None,
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// Whether every piece so far is there.
    pub(super) fn is_known_so_far(&self, item_id: &str) -> bool {
        self.turns.get(item_id).is_none_or(|turn| turn.pieces.iter().all(|(_, piece)| !piece.is_waiting()))
    }

    /// Whether everything there will be is there.
    pub(super) fn is_settled(&self, item_id: &str) -> bool {
        self.turns
            .get(item_id)
            .is_none_or(|turn| turn.closed && turn.pieces.iter().all(|(_, piece)| !piece.is_waiting()))
    }

    /// The words of a settled turn, once.
    pub(super) fn settle(&mut self, item_id: &str) -> Option<Words> {
        if !self.is_settled(item_id) {
            return None;
        }
        let text = self.so_far(item_id);
        let turn = self.turns.get_mut(item_id)?;
        if std::mem::replace(&mut turn.told, true) {
            return None;
        }
        let lost = turn.pieces.iter().any(|(_, piece)| *piece == Piece::Failed);
        self.turns.remove(item_id);
        Some(if lost && text.is_empty() { Words::Unknown } else { Words::Known(readable(&text)) })
    }
}

/// The recogniser knows only lower case.
fn readable(text: &str) -> String {
    let words = text.split_whitespace().enumerate().map(|(n, word)| {
        let personal = word == "i" || word.starts_with("i'");
        if n == 0 || personal { capitalised(word) } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(utterance: u64, text: &str) -> Report {
        Report { utterance, outcome: Outcome::Final { text: text.to_owned(), words: Vec::new() } }
    }

    #[test]
    fn pieces_stand_in_the_order_they_were_spoken() {
        let mut transcripts = Transcripts::default();
        let (one, two) = (transcripts.open("a"), transcripts.open("a"));
        transcripts.take(words(two, "and i'm happy"));
        transcripts.close("a");
        assert_eq!(transcripts.settle("a"), None);
        transcripts.take(words(one, "we went out"));
        assert_eq!(transcripts.settle("a"), Some(Words::Known("We went out and I'm happy".to_owned())));
        assert_eq!(transcripts.settle("a"), None);
    }

    #[test]
    fn a_turn_of_which_nothing_is_known_is_unknown() {
        let mut transcripts = Transcripts::default();
        let one = transcripts.open("a");
        transcripts.close("a");
        transcripts.take(Report { utterance: one, outcome: Outcome::Failed });
        assert_eq!(transcripts.settle("a"), Some(Words::Unknown));
    }
}
