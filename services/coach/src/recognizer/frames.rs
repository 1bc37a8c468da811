//! What is written to the recogniser process and read from it.

use serde::Deserialize;

use super::Word;

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Sound = 0,
    End = 1,
    Forget = 2,
}

/// One frame to the process.
pub(super) fn frame(kind: Kind, utterance: u64, pcm: &[i16]) -> Vec<u8> {
    let mut out = Vec::with_capacity(13 + pcm.len() * 2);
    out.extend_from_slice(&((pcm.len() * 2) as u32).to_le_bytes());
    out.push(kind as u8);
    out.extend_from_slice(&utterance.to_le_bytes());
    out.extend(pcm.iter().flat_map(|sample| sample.to_le_bytes()));
    out
}

/// One line from the process.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Said {
    Ready { ready: bool },
    Final { id: u64, r#final: String, words: Vec<Word> },
    Partial { id: u64, partial: String },
}
