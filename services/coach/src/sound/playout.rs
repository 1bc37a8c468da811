//! What the learner is hearing, sample by sample.

use std::{collections::VecDeque, sync::Arc};

use super::{PACKET, loudness, ms};

/// Speech ready to be played.
pub type Clip = Arc<[i16]>;

/// One clip on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playing {
    /// The response it belongs to.
    pub response_id: String,
    /// The item it belongs to.
    pub item_id: String,
    /// How much was handed to the network, in samples.
    pub played: u64,
    /// Its length, in samples.
    pub length: u64,
}

impl Playing {
    /// How much of it the learner can have heard.
    pub fn played_ms(&self) -> u64 {
        ms(self.played)
    }
}

/// The next 20 ms and what they begin or end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Silence when nothing plays, so that the receiver's clock goes on.
    pub pcm: [i16; PACKET],
    /// The response of which this is the first packet.
    pub started: Option<String>,
    /// The clip of which this was the last packet.
    pub stopped: Option<Playing>,
}

/// The queue of what is to be heard.
#[derive(Debug, Default)]
pub struct Playout {
    queue: VecDeque<(Playing, Clip)>,
    /// The loudest of the last moments, fading.
    level: f32,
}

impl Playout {
    /// Appends a clip.
    pub fn push(&mut self, response_id: String, item_id: String, clip: Clip) {
        let length = clip.len() as u64;
        self.queue.push_back((Playing { response_id, item_id, played: 0, length }, clip));
    }

    /// Whether nothing plays or waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// How loud the coach is, or was a moment ago: what may come back through the learner's microphone.
    pub fn level(&self) -> f32 {
        self.level
    }

    /// Takes the next 20 ms.
    pub fn frame(&mut self) -> Frame {
        let mut frame = Frame { pcm: [0; PACKET], started: None, stopped: None };
        if let Some((playing, clip)) = self.queue.front_mut() {
            if playing.played == 0 {
                frame.started = Some(playing.response_id.clone());
            }
            let from = playing.played as usize;
            let to = clip.len().min(from + PACKET);
            frame.pcm[..to - from].copy_from_slice(&clip[from..to]);
            playing.played = to as u64;
            if to == clip.len() {
                frame.stopped = self.queue.pop_front().map(|(playing, _)| playing);
            }
        }
        self.level = loudness(&frame.pcm).max(self.level * 0.9);
        frame
    }

    /// Drops what is not yet begun of a response.
    pub fn remove(&mut self, response_id: &str) {
        self.queue.retain(|(playing, _)| playing.response_id != response_id || playing.played > 0);
    }

    /// Drops everything. What was begun comes first.
    pub fn clear(&mut self) -> Vec<Playing> {
        self.queue.drain(..).map(|(playing, _)| playing).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_starts_and_stops_once_and_silence_follows() {
        let mut playout = Playout::default();
        playout.push("r".to_owned(), "i".to_owned(), vec![1000; PACKET * 2 + 10].into());
        let frames: Vec<Frame> = (0..4).map(|_| playout.frame()).collect();
        assert_eq!(frames[0].started.as_deref(), Some("r"));
        assert!(frames[1].started.is_none() && frames[1].stopped.is_none());
        assert_eq!(frames[2].stopped.as_ref().map(|p| p.played), Some(PACKET as u64 * 2 + 10));
        assert_eq!(frames[2].pcm[10], 0);
        assert_eq!(frames[3].pcm, [0; PACKET]);
    }

    #[test]
    fn what_is_cut_says_how_much_of_it_was_heard() {
        let mut playout = Playout::default();
        playout.push("r".to_owned(), "i".to_owned(), vec![1000; PACKET * 50].into());
        (0..10).for_each(|_| drop(playout.frame()));
        let cut = playout.clear();
        assert_eq!(cut[0].played_ms(), 200);
        assert!(playout.is_empty());
    }
}
