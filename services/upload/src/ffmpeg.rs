//! The programs that read and write media. What they read comes from anybody, so they run as children with little
//! memory and time, may open no network and no file but the given one, and read it as what we say it is.

mod convert;
mod join;
mod peaks;
mod probe;

pub use convert::{ConvertError, Converted};
pub use join::{Joined, Track};
pub use peaks::Peaks;
pub use probe::GlanceError;

use crate::{config::Programs, medium::Container};
use std::{ffi::OsString, io, path::PathBuf, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::Command,
};

/// Address space of a child. Half of it goes to the programs' libraries, which are mapped and hardly used.
const MEMORY_KIB: u64 = 1024 * 1024;
/// Bytes a child may write into one file, in the shell's blocks of 512.
const FILE_BLOCKS: u64 = 3 * 1024 * 1024 * 2;
/// How much of a child's complaints is kept.
const COMPLAINTS: usize = 16 * 1024;

/// Reads and writes media with ffmpeg.
#[derive(Clone, Debug)]
pub struct Ffmpeg {
    converter: String,
    prober: String,
    /// Where files may be put.
    pub scratch: PathBuf,
}

/// A program did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It could not be started, or its pipes broke.
    #[error("{program} could not be run")]
    NotRun {
        /// Which.
        program: &'static str,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// It ran for too long.
    #[error("{program} took longer than {limit:?}")]
    TooLong {
        /// Which.
        program: &'static str,
        /// How long it had.
        limit: Duration,
    },
    /// It gave up on the file, or broke one of its limits.
    #[error("{program} ended with {status}")]
    Failed {
        /// Which.
        program: &'static str,
        /// How it ended.
        status: std::process::ExitStatus,
        /// What it said.
        complaints: String,
    },
}

/// Takes what a program prints; an error stops it.
trait Printed: Send {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()>;
}

impl Ffmpeg {
    /// Uses these programs.
    pub fn new(programs: &Programs) -> Self {
        Self {
            converter: programs.ffmpeg.clone(),
            prober: programs.ffprobe.clone(),
            scratch: programs.scratch.clone(),
        }
    }

    /// The arguments that say how a file is read: as nothing but what it was taken for.
    fn reading(container: Container, file: PathBuf) -> [OsString; 6] {
        let demuxer = match container {
            Container::Webm => "matroska",
            Container::Mp4 => "mov",
        };
        [
            "-protocol_whitelist".into(),
            "file,pipe".into(),
            "-f".into(),
            demuxer.into(),
            "-i".into(),
            file.into(),
        ]
    }

    /// Runs a program within its limits and says what it complained about.
    async fn run(
        program: &'static str,
        path: &str,
        arguments: impl IntoIterator<Item = OsString>,
        limit: Duration,
        printed: &mut dyn Printed,
    ) -> Result<String, ProgramError> {
        let not_run = |cause| ProgramError::NotRun { program, cause };
        // The shell sets the limits and becomes the program. One it does not know on this system stays unset.
        let limits = r#"ulimit -v "$1" 2>/dev/null; ulimit -t "$2" 2>/dev/null; ulimit -f "$3" 2>/dev/null; shift 3; exec "$@""#;
        let mut child = Command::new("sh")
            .args(["-c", limits, "limits"])
            .args([MEMORY_KIB, limit.as_secs().max(1), FILE_BLOCKS].map(|limit| limit.to_string()))
            .arg(path)
            .args(arguments)
            // Every thread that allocates would reserve address space of its own.
            .env("MALLOC_ARENA_MAX", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(not_run)?;
        let (Some(mut out), Some(mut errors)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(not_run(io::ErrorKind::BrokenPipe.into()));
        };
        let mut complaints = Complaints::default();
        let ran = async {
            tokio::try_join!(drain(&mut out, printed), drain(&mut errors, &mut complaints))?;
            child.wait().await
        };
        let status = tokio::time::timeout(limit, ran)
            .await
            .map_err(|_| ProgramError::TooLong { program, limit })?
            .map_err(not_run)?;
        let complaints = String::from_utf8_lossy(&complaints.0).into_owned();
        // 126 and 127 are the shell's: there is no such program here.
        match status.code() {
            Some(0) => Ok(complaints),
            Some(126 | 127) => Err(not_run(io::ErrorKind::NotFound.into())),
            _ => Err(ProgramError::Failed { program, status, complaints }),
        }
    }
}

async fn drain(from: &mut (impl AsyncRead + Unpin), into: &mut dyn Printed) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match from.read(&mut buffer).await? {
            0 => return Ok(()),
            read => into.take(&buffer[..read])?,
        }
    }
}

/// The beginning of what a program complained about; the rest is read and dropped, or the program would wait for us.
#[derive(Default)]
struct Complaints(Vec<u8>);

impl Printed for Complaints {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = COMPLAINTS - self.0.len();
        self.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(())
    }
}
