//! Playing a recording.

use super::{AccessError, Media};
use crate::{
    bucket::{BucketError, Outgoing},
    ffmpeg::Peaks,
    medium::{Form, Medium, State, Stored},
    store,
};
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use tokio::io::AsyncReadExt as _;
use tracing::instrument;

/// A waveform of four hours is less than this.
const MAX_PEAKS: u64 = 8 * 1024 * 1024;

/// A recording cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The learner has no such session.
    #[error("the session cannot be played")]
    Access(#[source] AccessError),
    /// There is no recording, or it is another learner's, or its session was deleted.
    #[error("session {session} has no recording for learner {learner}")]
    NoRecording {
        /// Which session.
        session: SessionId,
        /// Who asked.
        learner: LearnerId,
    },
    /// What was asked of the recording was not made.
    #[error("session {session} has a recording without this")]
    NotMade {
        /// Which session.
        session: SessionId,
    },
    /// Storage did not give it out.
    #[error("the recording could not be read")]
    Bucket(#[source] BucketError),
    /// What lies in storage is not what was put there.
    #[error("the recording is damaged")]
    Damaged,
    /// The database could not be asked.
    #[error("the recording could not be looked up")]
    Store(#[source] StoreError),
}

/// A recording that may be played.
#[derive(Clone, Debug)]
pub struct Playing {
    /// The recording.
    pub medium: Medium,
    /// What of it is played.
    pub stored: Stored,
}

impl Media {
    /// The recording a learner wants to hear. Sessions is asked whether the session still is; while it gives no
    /// answer, what is known here decides.
    #[instrument(name = "op.upload.play", skip_all, fields(session.id = %session))]
    pub async fn play(
        &self,
        learner: LearnerId,
        session: SessionId,
        form: Form,
    ) -> Result<Playing, PlayError> {
        match self.session_of(learner, session).await {
            Ok(_) | Err(AccessError::Unknown { .. }) => {}
            Err(error) => return Err(PlayError::Access(error)),
        }
        let medium = self.recording_for(learner, session).await?;
        let stored = medium.played_as(form).clone();
        Ok(Playing { medium, stored })
    }

    /// A learner's recording, as this service knows it.
    pub async fn recording_for(&self, learner: LearnerId, session: SessionId) -> Result<Medium, PlayError> {
        let mut connection = self.database.acquire().await.map_err(|error| PlayError::Store(error.into()))?;
        let found = store::find_by_session(&mut connection, session).await.map_err(PlayError::Store)?;
        found.filter(|medium| medium.owner == learner).ok_or(PlayError::NoRecording { session, learner })
    }

    /// Reads what is played, or the given bytes of it, both ends included. What has another size than it should is
    /// not given out.
    #[instrument(name = "op.upload.read", skip_all)]
    pub async fn read(&self, stored: &Stored, range: Option<(u64, u64)>) -> Result<Outgoing, PlayError> {
        let expected = range.map_or(stored.bytes, |(first, last)| last - first + 1);
        let outgoing = self.bucket.get(&stored.key, range).await.map_err(PlayError::Bucket)?;
        if outgoing.bytes == expected { Ok(outgoing) } else { Err(PlayError::Damaged) }
    }

    /// The waveform of a learner's recording.
    #[instrument(name = "op.upload.peaks", skip_all, fields(session.id = %session))]
    pub async fn peaks(&self, learner: LearnerId, session: SessionId) -> Result<Peaks, PlayError> {
        let Playing { medium, .. } = self.play(learner, session, Form::Original).await?;
        let State::Processed(made) = &medium.state else { return Err(PlayError::NotMade { session }) };
        let outgoing = self.bucket.get(&made.peaks_key, None).await.map_err(PlayError::Bucket)?;
        let mut json = Vec::new();
        outgoing.reader().take(MAX_PEAKS).read_to_end(&mut json).await.map_err(|cause| {
            PlayError::Bucket(BucketError::Away { operation: "get", cause: Box::new(cause) })
        })?;
        serde_json::from_slice(&json).map_err(|_| PlayError::Damaged)
    }
}
