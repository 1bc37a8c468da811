//! Conversations made for a test: real voices, pauses where the test wants them, in the form a browser records.

use rating::{
    audio::Conversation,
    decode,
    finding::{Span, seconds},
};
use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

const RATE: usize = 16_000;

/// A voice of the speech synthesiser, at a pace.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    name: &'static str,
    stretch: f32,
}

pub const SLT: Voice = Voice { name: "slt", stretch: 1.0 };
pub const RMS: Voice = Voice { name: "rms", stretch: 1.0 };
pub const AWB: Voice = Voice { name: "awb", stretch: 1.0 };

impl Voice {
    pub const fn at(self, stretch: f32) -> Self {
        Self { stretch, ..self }
    }

    /// The samples of a sentence, without the silence around it.
    fn says(self, text: &str) -> Vec<i16> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("said.wav");
        let done = Command::new("flite")
            .args([
                "-voice",
                self.name,
                "--setf",
                &format!("duration_stretch={}", self.stretch),
                "-t",
                text,
                "-o",
            ])
            .arg(&file)
            .status()
            .expect("flite is installed");
        assert!(done.success(), "flite says {text}");
        let bytes = std::fs::read(file).expect("flite wrote a file");
        let data = bytes.windows(4).position(|tag| tag == b"data").expect("a WAV has data") + 8;
        let samples: Vec<i16> =
            bytes[data..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        trimmed(&samples).to_vec()
    }
}

/// Without what is 40 dB quieter than the loudest 5 ms at either end.
fn trimmed(samples: &[i16]) -> &[i16] {
    let power: Vec<f64> =
        samples.chunks(80).map(|block| block.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>()).collect();
    let audible = power.iter().copied().fold(0.0, f64::max) * 1e-4;
    let first = power.iter().position(|power| *power > audible).expect("something is said");
    let last = power.iter().rposition(|power| *power > audible).expect("something is said");
    &samples[first * 80..((last + 1) * 80).min(samples.len())]
}

/// A conversation in the making, and what is true of it.
#[derive(Debug, Default)]
pub struct Scene {
    learner: Vec<i16>,
    coach: Vec<i16>,
    /// When the learner speaks.
    pub speech: Vec<Span>,
    /// The learner's pauses.
    pub pauses: Vec<Span>,
    /// From the coach's last word to the learner's first.
    pub answers: Vec<Span>,
    coach_ended: Option<u32>,
}

impl Scene {
    /// Nobody says anything for so long.
    pub fn silence(mut self, ms: usize) -> Self {
        self.learner.resize(self.learner.len() + ms * RATE / 1000, 0);
        self.coach.resize(self.learner.len(), 0);
        self
    }

    /// The learner, in the middle of a turn, says nothing for so long.
    pub fn pause(mut self, ms: usize) -> Self {
        let start_ms = self.now();
        self = self.silence(ms);
        self.pauses.push(Span { start_ms, end_ms: self.now() });
        self
    }

    /// The coach says something.
    pub fn coach(mut self, voice: Voice, text: &str) -> Self {
        self.coach.extend(voice.says(text));
        self.learner.resize(self.coach.len(), 0);
        self.coach_ended = Some(self.now());
        self
    }

    /// The learner says something.
    pub fn learner(mut self, voice: Voice, text: &str) -> Self {
        let start_ms = self.now();
        if let Some(ended) = self.coach_ended.take() {
            self.answers.push(Span { start_ms: ended, end_ms: start_ms });
        }
        self.learner.extend(voice.says(text));
        self.coach.resize(self.learner.len(), 0);
        self.speech.push(Span { start_ms, end_ms: self.now() });
        self
    }

    /// The learner says the phrases with these pauses between them.
    pub fn learner_with_pauses(self, voice: Voice, phrases: &[&str], pauses: &[usize]) -> Self {
        assert_eq!(phrases.len(), pauses.len() + 1);
        let begun = self.learner(voice, phrases[0]);
        phrases[1..]
            .iter()
            .zip(pauses)
            .fold(begun, |scene, (phrase, pause)| scene.pause(*pause).learner(voice, phrase))
    }

    /// The learner's room is not silent: white noise of this many decibels below full scale.
    pub fn in_noise(mut self, decibels: f64) -> Self {
        // Twelve uniform numbers make a normal one; xorshift makes the same ones each time.
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut uniform = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let level = 32768.0 * 10_f64.powf(decibels / 20.0);
        for sample in &mut self.learner {
            let noise = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
            *sample = sample.saturating_add((noise * level) as i16);
        }
        self
    }

    fn now(&self) -> u32 {
        (self.learner.len() * 1000 / RATE) as u32
    }

    pub fn duration_ms(&self) -> u32 {
        self.now()
    }

    pub fn speaking_s(&self) -> f64 {
        seconds(&self.speech)
    }

    /// The recording as a browser makes it.
    pub fn webm(&self) -> Vec<u8> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("recording.webm");
        let mut encoder = Command::new("ffmpeg")
            .args(["-v", "error", "-f", "s16le", "-ar", "16000", "-ac", "2", "-i", "pipe:0", "-ar", "48000"])
            .args(["-c:a", "libopus", "-b:a", "64k", "-application", "audio"])
            .arg(&file)
            .stdin(Stdio::piped())
            .spawn()
            .expect("ffmpeg is installed");
        let samples: Vec<u8> = self
            .learner
            .iter()
            .zip(&self.coach)
            .flat_map(|(left, right)| [left.to_le_bytes(), right.to_le_bytes()].concat())
            .collect();
        encoder.stdin.take().expect("it listens").write_all(&samples).expect("it reads");
        assert!(encoder.wait().expect("it ends").success());
        std::fs::read(file).expect("it wrote a file")
    }

    /// What rating hears in the recording.
    pub async fn heard(&self) -> Conversation {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("recording");
        std::fs::write(&file, self.webm()).expect("a file can be written");
        let channels = decode::decode(Path::new("ffmpeg"), &file).await.expect("it is a recording");
        Conversation::heard(channels.left, channels.right, &[])
    }
}

/// Twenty seconds and more of conversation with pauses of every length that counts.
pub fn a_conversation(learner: Voice) -> Scene {
    Scene::default()
        .silence(500)
        .coach(RMS, "Hello and welcome. What would you like to drink today?")
        .silence(800)
        .learner_with_pauses(
            learner,
            &[
                "Good morning I would like a large coffee",
                "with a little milk",
                "and maybe two of those small cakes",
            ],
            &[400, 900],
        )
        .silence(700)
        .coach(RMS, "Of course. Do you want to sit inside or outside?")
        .silence(1200)
        .learner_with_pauses(
            learner,
            &[
                "I think we want to sit outside",
                "because the weather is so lovely",
                "and my friends arrive in a minute",
                "by the underground",
            ],
            &[1500, 600, 450],
        )
        .silence(600)
        .coach(RMS, "Wonderful. Thank you and goodbye.")
        .silence(400)
        .learner(learner, "Thank you very much and goodbye")
        .silence(500)
}
