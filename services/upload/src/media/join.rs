//! A session's takes become its recording, with silence where nothing was recorded; again when more of them arrived.

use super::{
    Media,
    process::{Made, PutError, digest, put_off},
    seal::SealError,
};
use crate::{
    announcements,
    bucket::BucketError,
    ffmpeg::{self, ConvertError, ProgramError, Track},
    medium::{ChannelLayout, Medium, Sha256, State, Stored, Warning},
    scratch,
    store::{self, Patience, Plan, Share},
};
use ids::SessionId;
use jobs::{FinishError, Lease, Setback, Work};
use postgres::StoreError;
use sqlx::PgConnection;
use std::{io, path::Path, time::Duration};
use tracing::instrument;

/// The kind of job.
pub(super) const KIND: &str = "join_takes";
/// Takes of which nothing came for so long after the end of their session are given up, until more comes.
pub(super) const PATIENCE: Patience =
    Patience { begun: Duration::from_mins(10), empty: Duration::from_secs(30) };
/// Takes that break the programs this often are kept without a playable form.
const TRIES: u32 = 2;
/// What was put into storage and did not become part of a recording after so long will not.
const PLANNED: Duration = Duration::from_hours(2);

/// Makes recordings of takes.
#[derive(Clone, Debug)]
pub struct Join(pub Media);

/// Takes are not a recording yet.
#[derive(Debug, thiserror::Error)]
pub(super) enum JoinError {
    #[error("a take could not be read")]
    Seal(#[source] SealError),
    #[error("storage did not take the recording")]
    Bucket(#[source] BucketError),
    #[error("a file could not be written")]
    Scratch(#[source] io::Error),
    #[error("the takes could not be joined")]
    Convert(#[source] ConvertError),
    #[error("the database gave no answer")]
    Store(#[source] StoreError),
}

impl From<SealError> for JoinError {
    fn from(error: SealError) -> Self {
        Self::Seal(error)
    }
}

impl From<BucketError> for JoinError {
    fn from(error: BucketError) -> Self {
        Self::Bucket(error)
    }
}

impl From<io::Error> for JoinError {
    fn from(error: io::Error) -> Self {
        Self::Scratch(error)
    }
}

impl From<StoreError> for JoinError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for JoinError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<PutError> for JoinError {
    fn from(error: PutError) -> Self {
        match error {
            PutError::Bucket(error) => Self::Bucket(error),
            PutError::Scratch(error) => Self::Scratch(error),
            PutError::Store(error) => Self::Store(error),
        }
    }
}

/// A recording that lies in storage and is nobody's yet.
struct Joined {
    medium: Medium,
    plan: Plan,
    warnings: Vec<Warning>,
    /// What of the takes is in it.
    shares: Vec<Share>,
}

impl Media {
    /// Notes that a session was finalized: what arrives of its takes becomes its recording.
    pub async fn end(&self, tx: &mut PgConnection, session: SessionId) -> Result<(), StoreError> {
        store::end_session(tx, session).await?;
        self.ask_to_join(tx, session, Duration::ZERO).await
    }

    /// Asks for a session's takes to be joined, if it was finalized and has some.
    pub(super) async fn ask_to_join(
        &self,
        tx: &mut PgConnection,
        session: SessionId,
        delay: Duration,
    ) -> Result<(), StoreError> {
        if store::is_to_be_joined(tx, session).await? {
            self.jobs.ask(tx, KIND, &session.to_string(), delay).await?;
        }
        Ok(())
    }

    /// What of each take can be read now. Takes that are open were given up: what there is of them is made readable.
    async fn readable(&self, session: SessionId, attempt: u32) -> Result<Vec<Share>, JoinError> {
        let shares = store::shares(&mut *self.database.acquire().await?, session).await?;
        for share in shares.iter().filter(|share| share.open) {
            match self.seal(share.take, attempt).await {
                // Somebody goes on with it just now; when it ends, it is joined again.
                Ok(()) | Err(SealError::Busy) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(store::shares(&mut *self.database.acquire().await?, session).await?)
    }

    #[instrument(name = "op.upload.join", skip_all, fields(session.id = %session))]
    async fn join(&self, session: SessionId, attempt: u32) -> Result<Option<Joined>, JoinError> {
        let shares = self.readable(session, attempt).await?;
        let news = shares.iter().any(|share| share.sealed != share.joined);
        let Some(owner) = shares.iter().find(|share| share.sealed > 0).map(|share| share.owner) else {
            return Ok(None);
        };
        // A recording that has what storage damaged since is better than any that could be made now.
        let less = shares.iter().any(|share| share.sealed < share.joined);
        if !news || less || store::came_whole(&mut *self.database.acquire().await?, session).await? {
            return Ok(None);
        }
        let folder = scratch::folder(&self.ffmpeg.scratch)?;
        let fetched = self.fetch_takes(&shares, folder.path(), attempt).await?;
        let joined = match self.join_tracks(&fetched.tracks, folder.path(), attempt).await {
            Ok(joined) => joined,
            // Nothing of it is a recording; it stays as it came, until the session is deleted.
            Err(ConvertError::Silent) => return Ok(None),
            Err(error) => return Err(JoinError::Convert(error)),
        };

        let plan = Plan::mint();
        store::plan(&mut *self.database.acquire().await?, session, &plan.keys(), PLANNED).await?;
        let container = joined.container;
        let (sha256, blocks): (Sha256, _) = digest(&joined.file).await?;
        self.note_blocks(session, &plan.raw, &blocks).await?;
        let bytes = self.bucket.put_file(&plan.raw, container.media_type(), &joined.file).await?;
        kill_point::reached("join.stored");

        let mut warnings = Vec::new();
        let unlike = || shares.iter().filter(|share| !fetched.repeats.contains(&share.take));
        let sounding = unlike().filter(|share| share.sealed > 0).count();
        let damaged = unlike().any(|share| share.damaged);
        if joined.tracks < sounding || damaged || unlike().any(|share| share.open) {
            warnings.push(Warning::Incomplete);
        }
        if damaged {
            warnings.push(Warning::Corrupted);
        }
        let made = match self.ffmpeg.convert(&joined.file, container, folder.path()).await {
            Ok(converted) => Some(self.put_made(session, &converted, plan.places.clone()).await?),
            Err(ConvertError::TooLong) => {
                warnings.extend([Warning::PostProcessingFailed, Warning::LimitsExceeded]);
                None
            }
            Err(ConvertError::Silent) => {
                warnings.push(Warning::PostProcessingFailed);
                None
            }
            Err(error) if breaks_programs(&error) && attempt >= TRIES => {
                warnings.push(Warning::PostProcessingFailed);
                None
            }
            Err(error) => return Err(JoinError::Convert(error)),
        };
        folder.close()?;
        if made.as_ref().is_some_and(|made| made.truncated) {
            warnings.push(Warning::Truncated);
        }
        let medium = Medium {
            id: self.ids.mint(),
            owner,
            session,
            raw: Stored { key: plan.raw.clone(), bytes, container },
            sha256,
            revision: 0,
            duration_ms: made.as_ref().map_or(0, |made| made.duration_ms),
            layout: made.as_ref().map_or(ChannelLayout::Unknown, |made| made.layout),
            warnings: warnings.iter().map(|warning| warning.slug().to_owned()).collect(),
            state: made.map_or(State::Failed, |Made { processed, .. }| State::Processed(processed)),
            stored_at: self.clock.now(),
        };
        Ok(Some(Joined { medium, plan, warnings, shares }))
    }

    /// Joins what can be joined: a track that breaks the programs whenever it is there is left out in the end.
    async fn join_tracks(
        &self,
        tracks: &[Track],
        folder: &Path,
        attempt: u32,
    ) -> Result<ffmpeg::Joined, ConvertError> {
        let outcome = self.ffmpeg.join(tracks, folder).await;
        if attempt < TRIES || !outcome.as_ref().is_err_and(breaks_programs) {
            return outcome;
        }
        let mut sound = Vec::new();
        for track in tracks {
            match self.ffmpeg.decodes(track, folder).await {
                Ok(()) => sound.push(track.clone()),
                Err(error) => {
                    tracing::warn!(error = %problem::chain(&error), "A take breaks the programs and is left out");
                }
            }
        }
        if sound.is_empty() { Err(ConvertError::Silent) } else { self.ffmpeg.join(&sound, folder).await }
    }

    /// Makes what was joined the session's recording and says so, in one commit. A deleted session's is not spoken of.
    async fn keep_joined(&self, lease: &Lease, joined: Option<Joined>) -> Result<(), Setback> {
        let store = |error: StoreError| Setback::Finish(FinishError::Store(error));
        let mut tx = postgres::begin(&self.database).await.map_err(|error| store(error.into()))?;
        if let Some(joined) = joined
            && let Some(medium) = Self::adopt(&mut tx, joined, self.clock.now()).await.map_err(store)?
        {
            self.outbox.append(&mut tx, &announcements::audio_stored(&medium)).await.map_err(store)?;
            let lacks = |lack: Warning| medium.warnings.iter().any(|warning| warning == lack.slug());
            let outcome = match medium.warnings.as_slice() {
                [] => "whole",
                _ if lacks(Warning::Incomplete) || lacks(Warning::Corrupted) => "with_gaps",
                _ => "with_warnings",
            };
            metrics::counter!("recordings_joined_total", "outcome" => outcome).increment(1);
        }
        kill_point::reached("join.told");
        jobs::complete(&mut tx, lease).await?;
        tx.commit().await.map_err(|error| store(error.into()))
    }

    async fn adopt(
        tx: &mut PgConnection,
        joined: Joined,
        at: clock::Timestamp,
    ) -> Result<Option<Medium>, StoreError> {
        let Joined { medium, plan, warnings, shares } = joined;
        store::lock(tx, medium.session).await?;
        if store::is_deleted(tx, medium.session).await? || store::came_whole(tx, medium.session).await? {
            return Ok(None);
        }
        store::supersede(tx, medium.session).await?;
        let Some((id, revision)) = store::adopt(tx, &medium, &warnings, at).await? else { return Ok(None) };
        for share in shares {
            store::mark_joined(tx, share.take, share.sealed).await?;
        }
        let made = match &medium.state {
            State::Processed(made) => Some(made),
            State::Stored | State::Failed => None,
        };
        let mut used = vec![&plan.raw];
        if let Some(made) = made {
            used.extend([&made.playable.key, &made.peaks_key]);
            used.extend(made.portable.as_ref().map(|portable| &portable.key));
        }
        store::strike_off(tx, &used).await?;
        Ok(Some(Medium { id, revision, ..medium }))
    }
}

impl Work for Join {
    const KIND: &'static str = KIND;

    async fn work(&self, lease: &Lease) -> Result<(), Setback> {
        let media = &self.0;
        let waiting = || Setback::NotYet { after: Duration::from_secs(2), reason: "database_unreachable" };
        let Ok(session) = lease.subject.parse::<SessionId>() else {
            return media.keep_joined(lease, None).await;
        };
        let Ok(mut connection) = media.database.acquire().await else { return Err(waiting()) };
        let waited = store::waited_for(&mut connection, session, PATIENCE).await;
        drop(connection);
        if let Some(after) = waited.map_err(|_| waiting())? {
            return Err(Setback::NotYet { after, reason: "takes_still_come" });
        }
        // On the heap: storage and ffmpeg together are deeper than the compiler likes to lay out.
        match Box::pin(media.join(session, lease.attempt)).await {
            Ok(joined) => media.keep_joined(lease, joined).await,
            Err(error) => {
                let reason = match &error {
                    JoinError::Seal(_) => "take_not_read",
                    JoinError::Bucket(_) => "storage_unreachable",
                    JoinError::Scratch(_) => "scratch_not_written",
                    JoinError::Convert(_) => "not_joined",
                    JoinError::Store(_) => "database_unreachable",
                };
                Err(put_off(&error, reason, lease.attempt))
            }
        }
    }
}

/// Whether it is the recording, and not the machine, that the programs fail at.
const fn breaks_programs(error: &ConvertError) -> bool {
    matches!(error, ConvertError::Program(ProgramError::Failed { .. } | ProgramError::TooLong { .. }))
}
