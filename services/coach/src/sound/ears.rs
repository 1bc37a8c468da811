//! Hears when the learner begins, pauses and has finished.

use std::{collections::VecDeque, time::Duration};

use earshot::{DefaultPredictor, Detector};

use super::{RATE, loudness, ms, samples};

/// Samples in one frame of the detector: 16 ms.
const FRAME: usize = 256;
/// Speech frames that make a beginning when nobody else speaks.
const ONSET_FRAMES: u64 = 4;
/// Silence that ends a beginning which never became one.
const ONSET_GAP: u64 = 160 * RATE / 1000;
/// Speech frames that interrupt the coach: 250 ms.
const BARGE_IN_FRAMES: u64 = 16;
/// While the coach speaks, less than this is a sign of listening and no wish to speak.
const BACK_CHANNEL: u64 = 700 * RATE / 1000;
/// Silence that ends a back-channel.
const BACK_CHANNEL_GAP: u64 = 300 * RATE / 1000;
/// Below this part of the coach's own loudness, sound is the coach coming back through a loudspeaker.
const ECHO: f32 = 0.25;
/// Silence inside a turn after which the words so far may be recognised.
const PAUSE: u64 = 500 * RATE / 1000;
/// How much is kept for whoever needs the beginning of a turn after it was noticed.
const KEPT: usize = 2 * RATE as usize;

/// How the listener judges, from moment to moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience {
    /// Silence that ends a turn.
    pub silence: Duration,
    /// Certainty that counts as speech.
    pub threshold: f32,
    /// Whether the coach is speaking.
    pub coach_speaks: bool,
    /// How loud the coach is or just was.
    pub coach_level: f32,
}

/// What was noticed. Positions count samples since the call's sound began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A turn has begun.
    Started {
        /// The first sample of voice.
        at: u64,
    },
    /// A pause inside a turn.
    Paused,
    /// The turn goes on after a pause.
    Resumed {
        /// The first sample of voice.
        at: u64,
    },
    /// The turn is over.
    Stopped {
        /// The last sample of voice.
        at: u64,
        /// How long there was voice.
        voiced: Duration,
    },
}

enum State {
    /// Nobody speaks, or somebody may have begun.
    Quiet { onset: Option<Onset> },
    /// A turn.
    Turn { last_voice: u64, voiced_frames: u64, run: u64, paused: bool },
}

#[derive(Clone, Copy)]
struct Onset {
    at: u64,
    frames: u64,
    last: u64,
}

/// Hears when the learner begins, pauses and has finished.
pub struct Ears {
    detector: Box<Detector<DefaultPredictor>>,
    state: State,
    /// Samples not yet judged.
    rest: Vec<i16>,
    /// Samples judged.
    heard: u64,
    kept: VecDeque<i16>,
}

impl std::fmt::Debug for Ears {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ears").field("heard", &self.heard).finish_non_exhaustive()
    }
}

impl Default for Ears {
    fn default() -> Self {
        Self {
            detector: Detector::default_boxed(),
            state: State::Quiet { onset: None },
            rest: Vec::new(),
            heard: 0,
            kept: VecDeque::new(),
        }
    }
}

impl Ears {
    /// Samples judged so far.
    pub fn heard(&self) -> u64 {
        self.heard
    }

    /// Voice in the turn that is going on.
    pub fn voiced(&self) -> Duration {
        match self.state {
            State::Turn { voiced_frames, .. } => frames(voiced_frames),
            State::Quiet { .. } => Duration::ZERO,
        }
    }

    /// Whether a turn is going on.
    pub fn in_turn(&self) -> bool {
        matches!(self.state, State::Turn { .. })
    }

    /// What was heard from a position on, as far back as it is kept.
    pub fn since(&self, at: u64) -> Vec<i16> {
        let first = self.heard - self.kept.len() as u64;
        self.kept.iter().skip(at.saturating_sub(first) as usize).copied().collect()
    }

    /// Forgets a turn that is going on.
    pub fn forget(&mut self) {
        self.state = State::Quiet { onset: None };
    }

    /// Ends a turn by hand.
    pub fn stop(&mut self) -> Option<Notice> {
        let State::Turn { last_voice, voiced_frames, .. } = self.state else { return None };
        self.forget();
        Some(Notice::Stopped { at: last_voice, voiced: frames(voiced_frames) })
    }

    /// Takes the next samples, and tells what was noticed after which frame. `each` sees every frame with it.
    pub fn hear(
        &mut self,
        pcm: &[i16],
        patience: Patience,
        mut each: impl FnMut(&[i16], Option<Notice>, &Self),
    ) {
        self.rest.extend_from_slice(pcm);
        let rest = std::mem::take(&mut self.rest);
        let mut chunks = rest.chunks_exact(FRAME);
        for frame in &mut chunks {
            let certain = self.detector.predict_i16(frame) >= patience.threshold;
            let loud = loudness(frame) > patience.coach_level * ECHO;
            self.heard += FRAME as u64;
            self.kept.extend(frame);
            let surplus = self.kept.len().saturating_sub(KEPT);
            self.kept.drain(..surplus);
            let notice = self.judge(certain && loud, patience);
            each(frame, notice, self);
        }
        self.rest = chunks.remainder().to_vec();
    }

    fn judge(&mut self, speech: bool, patience: Patience) -> Option<Notice> {
        let now = self.heard;
        let begun = now - FRAME as u64;
        match &mut self.state {
            State::Quiet { onset } => {
                let gap = if patience.coach_speaks { BACK_CHANNEL_GAP } else { ONSET_GAP };
                if onset.is_some_and(|onset| now - onset.last > gap) {
                    *onset = None;
                }
                if speech {
                    let begin = onset.get_or_insert(Onset { at: begun, frames: 0, last: now });
                    begin.frames += 1;
                    begin.last = now;
                }
                let begin = (*onset)?;
                let (least, span) =
                    if patience.coach_speaks { (BARGE_IN_FRAMES, BACK_CHANNEL) } else { (ONSET_FRAMES, 0) };
                if begin.frames < least || begin.last - begin.at < span {
                    return None;
                }
                self.state = State::Turn {
                    last_voice: begin.last,
                    voiced_frames: begin.frames,
                    run: 0,
                    paused: false,
                };
                Some(Notice::Started { at: begin.at })
            }
            State::Turn { last_voice, voiced_frames, run, paused } => {
                if speech {
                    *run += 1;
                    *voiced_frames += 1;
                    // One frame alone is a click.
                    if *run >= 2 {
                        *last_voice = now;
                        if std::mem::take(paused) {
                            return Some(Notice::Resumed { at: now - *run * FRAME as u64 });
                        }
                    }
                    return None;
                }
                *run = 0;
                let silence = now - *last_voice;
                if silence >= samples(patience.silence.as_millis() as u64) {
                    return self.stop();
                }
                if !*paused && silence >= PAUSE {
                    *paused = true;
                    return Some(Notice::Paused);
                }
                None
            }
        }
    }
}

fn frames(count: u64) -> Duration {
    Duration::from_millis(ms(count * FRAME as u64))
}
