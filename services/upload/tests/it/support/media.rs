//! Recordings, made by the real ffmpeg.

use rand::RngExt as _;
use std::{io::Write as _, path::Path, process::Command};

/// Two seconds: a tone on the left in the first, a lower and softer one on the right in the second.
const DIALOGUE: &str = "aevalsrc='0.8*sin(880*PI*t)*lt(t,1)|0.4*sin(1320*PI*t)*gte(t,1)':d=2:s=48000";
const MONOLOGUE: &str = "aevalsrc='0.8*sin(880*PI*t)':d=1:s=48000";

/// What Chromium's recorder makes: stereo, written to a pipe, without a duration and without an index.
pub fn webm() -> Vec<u8> {
    made(&["-f", "lavfi", "-i", DIALOGUE, "-c:a", "libopus", "-b:a", "64k", "-f", "webm", "pipe:1"])
}

/// Half a minute of noise: enough to lie in several blocks.
pub fn long_webm() -> Vec<u8> {
    let noise = "anoisesrc=d=30:r=48000:a=0.3:seed=1";
    made(&["-f", "lavfi", "-i", noise, "-ac", "2", "-c:a", "libopus", "-b:a", "64k", "-f", "webm", "pipe:1"])
}

pub fn mono_webm() -> Vec<u8> {
    made(&["-f", "lavfi", "-i", MONOLOGUE, "-c:a", "libopus", "-f", "webm", "pipe:1"])
}

/// What no browser records.
pub fn webm_of_six_channels() -> Vec<u8> {
    made(&["-f", "lavfi", "-i", MONOLOGUE, "-ac", "6", "-c:a", "libopus", "-f", "webm", "pipe:1"])
}

/// What Safari's recorder makes: fragments behind a header.
pub fn mp4() -> Vec<u8> {
    made(&[
        "-f",
        "lavfi",
        "-i",
        DIALOGUE,
        "-c:a",
        "aac",
        "-movflags",
        "+frag_keyframe+empty_moov",
        "-f",
        "mp4",
        "pipe:1",
    ])
}

/// An MP4 whose header comes last, as simple recorders write it.
pub fn mp4_with_its_header_last() -> Vec<u8> {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("made.mp4");
    made(&["-f", "lavfi", "-i", DIALOGUE, "-c:a", "aac", file.to_str().expect("a plain path")]);
    std::fs::read(file).expect("what ffmpeg wrote")
}

/// A WebM with more tracks than anybody speaks on.
pub fn webm_of_tracks(tracks: usize) -> Vec<u8> {
    let mut arguments = vec!["-f", "lavfi", "-i", MONOLOGUE];
    arguments.extend(["-map", "0"].repeat(tracks));
    arguments.extend(["-c:a", "libopus", "-f", "webm", "pipe:1"]);
    made(&arguments)
}

/// A WebM of two seconds that claims to last so many milliseconds.
pub fn webm_claiming(milliseconds: f64) -> Vec<u8> {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("made.webm");
    made(&["-f", "lavfi", "-i", DIALOGUE, "-c:a", "libopus", path(&file)]);
    let mut webm = std::fs::read(file).expect("what ffmpeg wrote");
    let duration = b"\x44\x89\x88";
    let at = webm.windows(3).position(|window| window == duration).expect("a duration") + 3;
    webm[at..at + 8].copy_from_slice(&milliseconds.to_be_bytes());
    webm
}

/// A WebM whose picture claims to be 65,535 pixels wide and high.
pub fn webm_of_a_huge_picture() -> Vec<u8> {
    let mut arguments = vec!["-f", "lavfi", "-i", MONOLOGUE, "-f", "lavfi", "-i", "color=s=300x300:d=1"];
    arguments.extend(["-c:a", "libopus", "-c:v", "libvpx", "-f", "webm", "pipe:1"]);
    let mut webm = made(&arguments);
    for side in [0xb0, 0xba] {
        let claim = [side, 0x82, 0x01, 0x2c];
        let at = webm.windows(4).position(|window| window == claim).expect("a side of the picture");
        webm[at + 2..at + 4].fill(0xff);
    }
    webm
}

/// A WebM like any other, but for a codec that no program knows: it has channels, and cannot be heard.
pub fn webm_of_an_unknown_codec() -> Vec<u8> {
    let (mut webm, codec) = (webm(), b"A_OPUS");
    let at = webm.windows(codec.len()).position(|window| window == codec).expect("a codec");
    webm[at..at + codec.len()].copy_from_slice(b"A_NONE");
    webm
}

/// A film without sound.
pub fn silent_film() -> Vec<u8> {
    made(&["-f", "lavfi", "-i", "color=s=64x64:d=1", "-c:v", "libvpx", "-f", "webm", "pipe:1"])
}

/// A recording that ends before its first sound.
pub fn header_of(webm: &[u8]) -> &[u8] {
    let cluster = [0x1f, 0x43, 0xb6, 0x75];
    let at = webm.windows(4).position(|window| window == cluster).expect("a cluster");
    // The cluster's own size and time belong to what a reader must see to call it a recording.
    &webm[..at + 12]
}

/// The same recording, with so many random bytes behind it that players skip.
pub fn padded(webm: &[u8], by: usize) -> Vec<u8> {
    let mut padded = webm.to_vec();
    padded.push(0xec);
    padded.extend_from_slice(&((1_u64 << 56) | by as u64).to_be_bytes());
    let mut random = rand::rng();
    padded.extend((0..by / 8).flat_map(|_| random.random::<u64>().to_le_bytes()));
    padded.resize(webm.len() + 9 + by, 0);
    padded
}

/// Samples of a recording, decoded: left and right, at 8 kHz.
pub fn decoded(file: &[u8]) -> Vec<(i16, i16)> {
    let mut input = tempfile::NamedTempFile::new().expect("a file");
    input.write_all(file).expect("it is written");
    let pcm = made(&["-i", path(input.path()), "-ac", "2", "-ar", "8000", "-f", "s16le", "pipe:1"]);
    let sample = |bytes: &[u8]| i16::from_le_bytes([bytes[0], bytes[1]]);
    pcm.chunks_exact(4).map(|frame| (sample(&frame[..2]), sample(&frame[2..]))).collect()
}

/// How long a file says it is, in milliseconds.
pub fn stated_duration_ms(file: &[u8]) -> Option<f64> {
    let mut input = tempfile::NamedTempFile::new().expect("a file");
    input.write_all(file).expect("it is written");
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path(input.path())])
        .output()
        .expect("ffprobe runs");
    String::from_utf8_lossy(&output.stdout).trim().parse::<f64>().ok().map(|seconds| seconds * 1000.0)
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

fn made(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y"])
        .args(arguments)
        .output()
        .expect("ffmpeg runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
