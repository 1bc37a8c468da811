//! What a recording is, and what it can be played as.

use clock::Timestamp;
use ids::{LearnerId, MediumId, SessionId};
use rand::RngExt as _;
use std::fmt;

/// Bytes a recording may have.
pub const MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// How long a recording may be.
pub const MAX_DURATION_MS: u32 = 4 * 60 * 60 * 1000;
/// How many tracks a recording may have.
pub const MAX_TRACKS: usize = 4;

/// The file format of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// What Chromium and Firefox record.
    Webm,
    /// What Safari records.
    Mp4,
}

impl Container {
    /// As it is written in a row.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webm => "webm",
            Self::Mp4 => "mp4",
        }
    }

    /// Reads it from a row.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Webm, Self::Mp4].into_iter().find(|container| container.name() == name)
    }

    /// As a browser knows it.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Webm => "audio/webm",
            Self::Mp4 => "audio/mp4",
        }
    }

    /// Which of the two these first bytes begin, whatever the sender calls them.
    pub fn sniff(head: &[u8]) -> Option<Self> {
        const EBML: &[u8] = &[0x1a, 0x45, 0xdf, 0xa3];
        // The document type comes within the EBML header, which browsers keep below 64 bytes.
        let early = &head[..head.len().min(64)];
        let says = |kind: &[u8]| early.windows(kind.len()).any(|window| window == kind);
        if head.starts_with(EBML) && (says(b"\x42\x82\x84webm") || says(b"\x42\x82\x88matroska")) {
            return Some(Self::Webm);
        }
        let brand = head.get(8..12)?;
        let size = u32::from_be_bytes(head.get(..4)?.try_into().ok()?);
        let is_ftyp = &head[4..8] == b"ftyp" && (16..=1024).contains(&size);
        (is_ftyp && brand.iter().all(|byte| (0x20..0x7f).contains(byte))).then_some(Self::Mp4)
    }
}

/// Who is heard on which channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelLayout {
    /// Two channels: the learner left, the coach right.
    LearnerLeftCoachRight,
    /// One channel with both.
    Mixed,
    /// Nobody looked.
    Unknown,
}

impl ChannelLayout {
    /// As it is written in rows and events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LearnerLeftCoachRight => "learner_left_coach_right",
            Self::Mixed => "mixed",
            Self::Unknown => "unknown",
        }
    }

    /// Reads it from a row.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::LearnerLeftCoachRight, Self::Mixed, Self::Unknown]
            .into_iter()
            .find(|layout| layout.name() == name)
    }
}

/// What a listener should know about a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// It ends in the middle of something.
    Truncated,
    /// No playable form could be made: it is played as it came.
    PostProcessingFailed,
    /// It is longer, or has more tracks, than we handle.
    LimitsExceeded,
    /// Storage gave back other bytes than it was given.
    Corrupted,
    /// Takes are missing from it, or parts of them.
    Incomplete,
}

impl Warning {
    /// As it is written in rows and events.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::PostProcessingFailed => "post_processing_failed",
            Self::LimitsExceeded => "media_limits_exceeded",
            Self::Corrupted => "corrupted",
            Self::Incomplete => "incomplete",
        }
    }
}

/// A place in object storage. It says nothing about what lies there, and cannot be guessed.
#[derive(Clone, PartialEq, Eq)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// A place nobody used.
    pub fn mint() -> Self {
        let random: u128 = rand::rng().random();
        Self(format!("media/{random:032x}"))
    }

    /// A place read from a row.
    pub const fn of_row(key: String) -> Self {
        Self(key)
    }

    /// As storage knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ObjectKey")
    }
}

/// The hash of a whole recording.
pub type Sha256 = [u8; 32];

/// Something that lies in storage.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Where.
    pub key: ObjectKey,
    /// How many bytes.
    pub bytes: u64,
    /// What they are.
    pub container: Container,
}

/// What was made of a recording.
#[derive(Clone, Debug)]
pub struct Processed {
    /// The original in a form that can be seeked; its channels are the original's.
    pub playable: Stored,
    /// A form that every browser plays, when the playable one is not.
    pub portable: Option<Stored>,
    /// The waveform.
    pub peaks_key: ObjectKey,
}

/// How far a recording has come.
#[derive(Clone, Debug)]
pub enum State {
    /// Whole and durable; being made playable.
    Stored,
    /// Playable.
    Processed(Processed),
    /// It stays what it was sent as.
    Failed,
}

/// A recording that arrived whole.
#[derive(Clone, Debug)]
pub struct Medium {
    /// Its id.
    pub id: MediumId,
    /// Whose it is.
    pub owner: LearnerId,
    /// The session it was recorded in.
    pub session: SessionId,
    /// The original.
    pub raw: Stored,
    /// Its hash.
    pub sha256: Sha256,
    /// How far it has come.
    pub state: State,
    /// How often it was announced.
    pub revision: u32,
    /// How long it is; 0 as long as nobody knows.
    pub duration_ms: u32,
    /// Who is heard on which channel.
    pub layout: ChannelLayout,
    /// What a listener should know, as slugs.
    pub warnings: Vec<String>,
    /// When its last byte was durable.
    pub stored_at: Timestamp,
}

/// What a listener asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The recording in the container it came in.
    Original,
    /// A form that every browser plays.
    Portable,
}

impl Medium {
    /// What is played now: the best there is of the wanted form.
    pub fn played_as(&self, form: Form) -> &Stored {
        match (&self.state, form) {
            (State::Processed(made), Form::Original) => &made.playable,
            (State::Processed(made), Form::Portable) => made.portable.as_ref().unwrap_or(&made.playable),
            (State::Stored | State::Failed, _) => &self.raw,
        }
    }

    /// Whether it is as playable as it will ever be.
    pub const fn is_ready(&self) -> bool {
        !matches!(self.state, State::Stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_bytes_of_a_recording_pass_for_one() {
        let webm = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm";
        assert_eq!(Container::sniff(webm), Some(Container::Webm));
        assert_eq!(Container::sniff(b"\x00\x00\x00\x1cftypiso5\x00\x00\x02\x00"), Some(Container::Mp4));
        for other in [
            &b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"[..],
            b"<!doctype html><html>",
            b"PK\x03\x04 and the rest of it",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"%PDF-1.7 and so on and on",
            b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
            b"RIFF\x00\x10\x00\x00AVI LIST",
            b"\x1a\x45\xdf\xa3",
            b"\x00\x00\x00\x1cftyp",
            b"\xff\xff\xff\xffftypiso5\x00\x00\x02\x00",
            b"",
        ] {
            assert_eq!(Container::sniff(other), None, "{}", String::from_utf8_lossy(other));
        }
    }

    #[test]
    fn object_keys_are_never_alike_and_do_not_print() {
        let (one, other) = (ObjectKey::mint(), ObjectKey::mint());
        assert_ne!(one, other);
        assert_eq!(format!("{one:?}"), "ObjectKey");
    }
}
