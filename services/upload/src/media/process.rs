//! Making a stored recording playable, as a leased job, and announcing it either way.

use super::Media;
use crate::{
    announcements,
    blocks::{Blocks, Counting},
    bucket::BucketError,
    ffmpeg::{ConvertError, Converted, ProgramError},
    medium::{ChannelLayout, Medium, ObjectKey, Processed, Sha256, State, Stored, Warning},
    scratch,
    store::{self, Outcome, Places},
};
use ids::{MediumId, SessionId};
use jobs::{FinishError, Lease, Setback, Work};
use postgres::StoreError;
use sha2::Digest as _;
use std::{error::Error, io, path::Path, time::Duration};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tracing::instrument;

/// The kind of job.
pub(super) const KIND: &str = "process_recording";
/// A recording that breaks the programs this often is kept as it came.
const TRIES: u32 = 2;
/// Storage that gives back other bytes this often has lost the right ones.
const DOWNLOADS: u32 = 3;

/// Makes recordings playable.
#[derive(Clone, Debug)]
pub struct Process(pub Media);

/// Why a recording is not processed.
#[derive(Debug, thiserror::Error)]
enum ProcessError {
    #[error("storage gave no answer")]
    Bucket(#[source] BucketError),
    #[error("storage gave back other bytes than it was given")]
    Corrupted,
    #[error("a file could not be written")]
    Scratch(#[source] io::Error),
    #[error("the recording could not be converted")]
    Convert(#[source] ConvertError),
    #[error("the database gave no answer")]
    Store(#[source] StoreError),
}

impl From<BucketError> for ProcessError {
    fn from(error: BucketError) -> Self {
        Self::Bucket(error)
    }
}

impl From<io::Error> for ProcessError {
    fn from(error: io::Error) -> Self {
        Self::Scratch(error)
    }
}

impl From<StoreError> for ProcessError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Work for Process {
    const KIND: &'static str = KIND;

    async fn work(&self, lease: &Lease) -> Result<(), Setback> {
        let media = &self.0;
        let waiting = |error: StoreError| put_off(&error, "database_unreachable", 1);
        let Ok(id) = lease.subject.parse::<MediumId>() else {
            return media.finish(lease, None).await;
        };
        let mut connection = media.database.acquire().await.map_err(|error| waiting(error.into()))?;
        let medium = match store::find(&mut connection, id).await {
            Ok(Some(medium)) if !medium.is_ready() => medium,
            // Erased, or finished by a worker whose lease ran out right after.
            Ok(_) => return media.finish(lease, None).await,
            Err(error) => return Err(waiting(error)),
        };
        drop(connection);
        let begun = tokio::time::Instant::now();
        // On the heap: storage and ffmpeg together are deeper than the compiler likes to lay out.
        let outcome = Box::pin(media.make_playable(&medium)).await;
        metrics::histogram!("recording_processing_seconds").record(begun.elapsed());
        media.conclude(lease, medium, outcome).await
    }
}

/// What was made of a recording does not lie in storage.
#[derive(Debug, thiserror::Error)]
pub(super) enum PutError {
    #[error("storage gave no answer")]
    Bucket(#[source] BucketError),
    #[error("a file could not be read")]
    Scratch(#[source] io::Error),
    #[error("the database gave no answer")]
    Store(#[source] StoreError),
}

impl From<BucketError> for PutError {
    fn from(error: BucketError) -> Self {
        Self::Bucket(error)
    }
}

impl From<io::Error> for PutError {
    fn from(error: io::Error) -> Self {
        Self::Scratch(error)
    }
}

impl From<StoreError> for PutError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<PutError> for ProcessError {
    fn from(error: PutError) -> Self {
        match error {
            PutError::Bucket(error) => Self::Bucket(error),
            PutError::Scratch(error) => Self::Scratch(error),
            PutError::Store(error) => Self::Store(error),
        }
    }
}

/// What became of a recording.
pub(super) struct Made {
    pub processed: Processed,
    pub duration_ms: u32,
    pub layout: ChannelLayout,
    pub truncated: bool,
}

impl Media {
    /// Fetches the original, converts it, and puts the results into storage.
    #[instrument(name = "op.upload.process", skip_all, fields(medium.id = %medium.id))]
    async fn make_playable(&self, medium: &Medium) -> Result<Option<Made>, ProcessError> {
        let minted =
            Places { playable: ObjectKey::mint(), portable: ObjectKey::mint(), peaks: ObjectKey::mint() };
        let mut connection = self.database.acquire().await.map_err(StoreError::from)?;
        let Some(places) = store::reserve(&mut connection, medium.id, &minted).await? else {
            return Ok(None);
        };
        drop(connection);

        let folder = scratch::folder(&self.ffmpeg.scratch)?;
        let raw = folder.path().join("raw");
        if self.download(medium, &raw).await? != medium.sha256 {
            return Err(ProcessError::Corrupted);
        }
        let converted = self
            .ffmpeg
            .convert(&raw, medium.raw.container, folder.path())
            .await
            .map_err(ProcessError::Convert)?;
        let made = self.put_made(medium.session, &converted, places).await?;
        close(folder)?;
        Ok(Some(made))
    }

    /// Writes the original into a file and says what its hash is.
    async fn download(&self, medium: &Medium, to: &Path) -> Result<Sha256, ProcessError> {
        let mut from = self.bucket.get_unchecked(&medium.raw.key, None).await?.reader();
        let mut file = tokio::fs::File::create(to).await?;
        let mut hash = sha2::Sha256::new();
        loop {
            let bytes = self.bucket.next_bytes(&mut from).await?;
            if bytes.is_empty() {
                break;
            }
            hash.update(bytes);
            file.write_all(bytes).await?;
            let read = bytes.len();
            from.consume(read);
        }
        file.flush().await?;
        Ok(hash.finalize().into())
    }

    /// Notes what an object is going to be.
    pub(super) async fn note_blocks(
        &self,
        session: SessionId,
        key: &ObjectKey,
        blocks: &Blocks,
    ) -> Result<(), StoreError> {
        store::note_blocks(&mut *self.database.acquire().await?, session, key, blocks).await
    }

    /// Puts what was made of a recording into storage.
    pub(super) async fn put_made(
        &self,
        session: SessionId,
        converted: &Converted,
        places: Places,
    ) -> Result<Made, PutError> {
        let media_type = converted.container.media_type();
        let (_, blocks) = digest(&converted.playable).await?;
        self.note_blocks(session, &places.playable, &blocks).await?;
        let bytes = self.bucket.put_file(&places.playable, media_type, &converted.playable).await?;
        let playable = Stored { key: places.playable, bytes, container: converted.container };
        let portable = match &converted.portable {
            Some(file) => {
                let container = crate::medium::Container::Mp4;
                let (_, blocks) = digest(file).await?;
                self.note_blocks(session, &places.portable, &blocks).await?;
                let bytes = self.bucket.put_file(&places.portable, container.media_type(), file).await?;
                Some(Stored { key: places.portable, bytes, container })
            }
            None => None,
        };
        let peaks = serde_json::to_vec(&converted.peaks)
            .map_err(|cause| BucketError::Refused { operation: "put", cause: Box::new(cause) })?;
        self.note_blocks(session, &places.peaks, &Blocks::of(&peaks)).await?;
        self.bucket.put(&places.peaks, "application/json", peaks.into()).await?;
        Ok(Made {
            processed: Processed { playable, portable, peaks_key: places.peaks },
            duration_ms: converted.peaks.duration_ms,
            layout: converted.layout,
            truncated: converted.truncated,
        })
    }

    /// Notes and announces what became of a recording, or puts it off.
    async fn conclude(
        &self,
        lease: &Lease,
        medium: Medium,
        outcome: Result<Option<Made>, ProcessError>,
    ) -> Result<(), Setback> {
        let error = match outcome {
            Ok(None) => return self.finish(lease, None).await,
            Ok(Some(made)) => {
                let warnings: &[Warning] = if made.truncated { &[Warning::Truncated] } else { &[] };
                let outcome = Outcome {
                    made: Some(&made.processed),
                    duration_ms: made.duration_ms,
                    layout: made.layout,
                    warnings,
                };
                return self.finish(lease, Some((&medium, outcome))).await;
            }
            Err(error) => error,
        };
        let attempt = lease.attempt;
        let warnings: &[Warning] = match &error {
            ProcessError::Convert(ConvertError::TooLong) => {
                &[Warning::PostProcessingFailed, Warning::LimitsExceeded]
            }
            ProcessError::Convert(ConvertError::Program(ProgramError::NotRun { .. })) => {
                return Err(put_off(&error, "program_not_run", attempt));
            }
            ProcessError::Convert(ConvertError::Program(_)) if attempt < TRIES => {
                return Err(put_off(&error, "not_converted", attempt));
            }
            ProcessError::Convert(ConvertError::Program(_) | ConvertError::Silent) => {
                &[Warning::PostProcessingFailed]
            }
            ProcessError::Corrupted | ProcessError::Bucket(BucketError::Nothing { .. })
                if attempt >= DOWNLOADS =>
            {
                &[Warning::PostProcessingFailed, Warning::Corrupted]
            }
            ProcessError::Corrupted => return Err(put_off(&error, "corrupted", attempt)),
            ProcessError::Bucket(_) => return Err(put_off(&error, "storage_unreachable", attempt)),
            ProcessError::Scratch(_) => return Err(put_off(&error, "scratch_not_written", attempt)),
            ProcessError::Store(_) => return Err(put_off(&error, "database_unreachable", attempt)),
        };
        tracing::warn!(
            error = %problem::chain(&error),
            medium.id = %medium.id,
            "The recording of session {} is kept as it came",
            medium.session
        );
        let outcome = Outcome { made: None, duration_ms: 0, layout: ChannelLayout::Unknown, warnings };
        self.finish(lease, Some((&medium, outcome))).await
    }

    /// Ends the job and says what became of its recording, in one commit. A deleted session's recording is not spoken of.
    async fn finish(&self, lease: &Lease, outcome: Option<(&Medium, Outcome<'_>)>) -> Result<(), Setback> {
        let store = |error: StoreError| Setback::Finish(FinishError::Store(error));
        let mut tx = postgres::begin(&self.database).await.map_err(|error| store(error.into()))?;
        if let Some((medium, outcome)) = outcome {
            store::lock(&mut tx, medium.session).await.map_err(store)?;
            if store::finish(&mut tx, medium.id, &outcome).await.map_err(store)? {
                let told = Medium {
                    state: outcome.made.map_or(State::Failed, |made| State::Processed(made.clone())),
                    revision: medium.revision + 1,
                    duration_ms: outcome.duration_ms,
                    layout: outcome.layout,
                    warnings: outcome.warnings.iter().map(|warning| warning.slug().to_owned()).collect(),
                    ..medium.clone()
                };
                self.outbox.append(&mut tx, &announcements::audio_stored(&told)).await.map_err(store)?;
                let outcome = if told.warnings.is_empty() { "whole" } else { "with_warnings" };
                metrics::counter!("recordings_processed_total", "outcome" => outcome).increment(1);
            }
        }
        jobs::complete(&mut tx, lease).await?;
        tx.commit().await.map_err(|error| store(error.into()))
    }
}

/// The hash of a file, and of its blocks.
pub(super) async fn digest(file: &Path) -> io::Result<(Sha256, Blocks)> {
    let mut from = tokio::io::BufReader::with_capacity(64 * 1024, tokio::fs::File::open(file).await?);
    let (mut hash, mut blocks) = (sha2::Sha256::new(), Counting::default());
    loop {
        let bytes = from.fill_buf().await?;
        if bytes.is_empty() {
            return Ok((hash.finalize().into(), blocks.finish()));
        }
        hash.update(bytes);
        blocks.update(bytes);
        let read = bytes.len();
        from.consume(read);
    }
}

/// Removes a folder now and not some time after its value is dropped.
fn close(folder: TempDir) -> Result<(), ProcessError> {
    Ok(folder.close()?)
}

/// Puts a job off: two seconds, doubling to a minute.
pub(super) fn put_off(error: &dyn Error, reason: &'static str, attempt: u32) -> Setback {
    tracing::warn!(error = %problem::chain(error), "A recording is processed later");
    let after = Duration::from_secs(1 << attempt.clamp(1, 6)).min(Duration::from_mins(1));
    Setback::Again { after, reason }
}
