//! Playing a recording.

use super::{AccessError, Media};
use crate::{
    blocks::{Blocks, Wanted},
    bucket::BucketError,
    ffmpeg::Peaks,
    medium::{Form, Medium, ObjectKey, State, Stored},
    store,
};
use bytes::Bytes;
use futures::{
    StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use ids::{LearnerId, SessionId};
use postgres::StoreError;
use std::io;
use tokio::io::AsyncReadExt as _;
use tracing::instrument;

/// A waveform of four hours is less than this.
const MAX_PEAKS: u64 = 8 * 1024 * 1024;

/// The bytes of a recording on their way out. They end with an error where they are not what was stored.
pub type Sound = BoxStream<'static, io::Result<Bytes>>;

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

    /// Reads what is played, or the given bytes of it, both ends included. What is not what was put there is not given
    /// out: the first bytes are compared before anything is answered, and the others before each is passed on.
    #[instrument(name = "op.upload.read", skip_all)]
    pub async fn read(&self, stored: &Stored, range: Option<(u64, u64)>) -> Result<Sound, PlayError> {
        let Some(blocks) = self.blocks_of(&stored.key).await? else {
            return self.read_by_length(stored, range).await;
        };
        let wanted = Wanted::of(range, stored.bytes);
        let found = self.bucket.get_unchecked(&stored.key, Some(wanted.with_their_blocks())).await;
        let bytes = self.bucket.pieces(found.map_err(PlayError::Bucket)?);
        let mut checked = blocks.checked(bytes.boxed(), wanted);
        match checked.next().await {
            Some(Ok(block)) => {
                let rest = checked.inspect_err(|error| {
                    tracing::error!(error = %problem::chain(error), "A recording is damaged, or could not be read to its end");
                });
                Ok(stream::iter([Ok(block)]).chain(rest).boxed())
            }
            Some(Err(error)) if error.kind() == io::ErrorKind::InvalidData => Err(PlayError::Damaged),
            Some(Err(cause)) => {
                Err(PlayError::Bucket(BucketError::Away { operation: "get", cause: Box::new(cause) }))
            }
            None => Ok(stream::empty().boxed()),
        }
    }

    /// Reads what was stored before anybody took note of its blocks: nothing but its length can be compared.
    async fn read_by_length(&self, stored: &Stored, range: Option<(u64, u64)>) -> Result<Sound, PlayError> {
        let expected = range.map_or(stored.bytes, |(first, last)| last - first + 1);
        let outgoing = self.bucket.get(&stored.key, range).await.map_err(PlayError::Bucket)?;
        if outgoing.bytes != expected {
            return Err(PlayError::Damaged);
        }
        Ok(self.bucket.pieces(outgoing).boxed())
    }

    async fn blocks_of(&self, key: &ObjectKey) -> Result<Option<Blocks>, PlayError> {
        let mut connection = self.database.acquire().await.map_err(|error| PlayError::Store(error.into()))?;
        store::blocks(&mut connection, key).await.map_err(PlayError::Store)
    }

    /// The waveform of a learner's recording.
    #[instrument(name = "op.upload.peaks", skip_all, fields(session.id = %session))]
    pub async fn peaks(&self, learner: LearnerId, session: SessionId) -> Result<Peaks, PlayError> {
        let Playing { medium, .. } = self.play(learner, session, Form::Original).await?;
        let State::Processed(made) = &medium.state else { return Err(PlayError::NotMade { session }) };
        let blocks = self.blocks_of(&made.peaks_key).await?;
        let outgoing = self.bucket.get_unchecked(&made.peaks_key, None).await.map_err(PlayError::Bucket)?;
        let mut json = Vec::new();
        outgoing.reader().take(MAX_PEAKS).read_to_end(&mut json).await.map_err(|cause| {
            PlayError::Bucket(BucketError::Away { operation: "get", cause: Box::new(cause) })
        })?;
        if blocks.is_some_and(|blocks| blocks != Blocks::of(&json)) {
            return Err(PlayError::Damaged);
        }
        serde_json::from_slice(&json).map_err(|_| PlayError::Damaged)
    }
}
