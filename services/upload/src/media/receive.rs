//! Receiving a recording: one body, streamed into storage in parts, of which at most two are in memory.

use super::{
    AccessError, Media,
    arrival::{Arrival, ArrivalError},
};
use crate::{
    bucket::{BucketError, Multipart, Part},
    ffmpeg::GlanceError,
    medium::{Container, Medium, ObjectKey, Sha256},
    store::{self, Attempt, Whole},
};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream::FuturesUnordered};
use ids::{LearnerId, MediumId, SessionId};
use postgres::StoreError;
use sha2::Digest as _;
use std::{convert::Infallible, error::Error, time::Duration};
use tracing::{Instrument as _, Span, instrument};

/// Parts on their way to storage at once.
const IN_FLIGHT: usize = 2;
/// How often an attempt says that it is alive, and asks whether it is still wanted.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// A recording that is safe.
#[derive(Debug)]
pub enum Received {
    /// It was not there before.
    New(Medium),
    /// The very same bytes were.
    Again(Medium),
}

/// A recording was not kept.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The learner has no such session.
    #[error("the session cannot be recorded into")]
    Access(#[source] AccessError),
    /// The learner said that nothing is to be recorded.
    #[error("session {session} is not to be recorded")]
    NotWanted {
        /// Which session.
        session: SessionId,
    },
    /// Enough recordings are coming in already.
    #[error("this replica receives as many recordings as it can")]
    Busy,
    /// The body is not what a recording can be.
    #[error("the recording did not arrive")]
    Arrival(#[source] ArrivalError),
    /// There is not one byte.
    #[error("the recording is empty")]
    Empty,
    /// It is neither WebM nor MP4.
    #[error("the bytes are no recording")]
    NotMedia,
    /// It is, but not one we can keep.
    #[error("the recording cannot be kept")]
    Glance(#[source] GlanceError),
    /// The session has another recording.
    #[error("session {session} has another recording")]
    Another {
        /// Which session.
        session: SessionId,
    },
    /// The session was deleted meanwhile.
    #[error("session {session} was deleted meanwhile")]
    Deleted {
        /// Which session.
        session: SessionId,
    },
    /// Storage did not take it.
    #[error("the recording could not be stored")]
    Bucket(#[source] BucketError),
    /// The database did not take note of it.
    #[error("the recording could not be noted")]
    Store(#[source] StoreError),
    /// The task that received it came to a sudden end.
    #[error("receiving ended without a result")]
    CutOff(#[source] Box<dyn Error + Send + Sync>),
}

impl From<ArrivalError> for ReceiveError {
    fn from(error: ArrivalError) -> Self {
        Self::Arrival(error)
    }
}

impl From<BucketError> for ReceiveError {
    fn from(error: BucketError) -> Self {
        Self::Bucket(error)
    }
}

impl From<StoreError> for ReceiveError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for ReceiveError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Media {
    /// Receives a learner's recording of a session.
    ///
    /// It runs as a task of its own: when the sender's connection breaks, what was begun is cleaned up, and when it
    /// breaks after the last byte, the recording is kept.
    pub async fn receive<E>(
        &self,
        learner: LearnerId,
        session: SessionId,
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    ) -> Result<Received, ReceiveError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let Ok(room) = self.room.clone().try_acquire_owned() else { return Err(ReceiveError::Busy) };
        let (media, arrival) = (self.clone(), Arrival::of(body));
        let received = self.lifecycle.spawn(
            async move {
                let received = media.receive_body(learner, session, arrival).await;
                drop(room);
                received
            }
            .instrument(Span::current()),
        );
        let received = received.await.map_err(|error| ReceiveError::CutOff(Box::new(error)))?;
        let outcome = match &received {
            Ok(Received::New(_)) => "new",
            Ok(Received::Again(_)) => "again",
            Err(_) => "refused",
        };
        metrics::counter!("recordings_received_total", "outcome" => outcome).increment(1);
        if let Ok(Received::New(medium)) = &received {
            metrics::counter!("upload_received_bytes_total", "way" => "whole").increment(medium.raw.bytes);
        }
        received
    }

    #[instrument(name = "op.upload.receive", skip_all, fields(session.id = %session))]
    async fn receive_body(
        &self,
        learner: LearnerId,
        session: SessionId,
        mut arrival: Arrival,
    ) -> Result<Received, ReceiveError> {
        let known = self.session_of(learner, session).await.map_err(ReceiveError::Access)?;
        if known.policy != "keep" {
            return Err(ReceiveError::NotWanted { session });
        }
        if let Some(there) = self.recording_of(session).await? {
            let whole = arrival.finish().await?;
            return if whole.bytes == 0 {
                Err(ReceiveError::Empty)
            } else {
                same_or_another(there, whole.sha256)
            };
        }
        let head = arrival.part().await?;
        if head.is_empty() {
            return Err(ReceiveError::Empty);
        }
        let container = Container::sniff(&head).ok_or(ReceiveError::NotMedia)?;
        self.ffmpeg.glance(container, &head, arrival.has_ended()).await.map_err(ReceiveError::Glance)?;

        let mut attempt = Attempt {
            medium: self.ids.mint::<MediumId>(),
            owner: learner,
            session,
            container,
            key: ObjectKey::mint(),
            multipart: None,
            whole: None,
        };
        store::begin(&mut *self.database.acquire().await?, &attempt, self.clock.now()).await?;
        let received = self.store(&mut attempt, head, &mut arrival).await;
        match &received {
            // Where the database broke off, nobody knows what was written down: the sweeper looks when it is back.
            Ok(Received::New(_)) | Err(ReceiveError::Store(_)) => {}
            Ok(Received::Again(_)) | Err(_) => self.clear_away(&attempt).await,
        }
        received
    }

    /// Streams the bytes into storage and keeps them.
    async fn store(
        &self,
        attempt: &mut Attempt,
        head: Bytes,
        arrival: &mut Arrival,
    ) -> Result<Received, ReceiveError> {
        if arrival.has_ended() {
            let whole = arrival.whole();
            self.note_blocks(attempt.session, &attempt.key, &arrival.blocks()).await?;
            tokio::select! {
                stored = self.store_small(attempt, head, whole) => stored?,
                never = self.heart(attempt, false) => match never? {},
            }
            return self.keep(attempt, whole).await;
        }
        let multipart = self.bucket.begin(&attempt.key, attempt.container.media_type()).await?;
        attempt.multipart = Some(multipart.id.clone());
        store::note_multipart(&mut *self.database.acquire().await?, attempt.medium, &multipart.id).await?;
        let parts = self.send_parts(attempt, &multipart, head, arrival).await?;
        let whole = arrival.whole();
        self.note_blocks(attempt.session, &attempt.key, &arrival.blocks()).await?;
        store::note_whole(&mut *self.database.acquire().await?, attempt.medium, whole).await?;
        tokio::select! {
            completed = self.bucket.complete(&multipart, parts, whole.bytes) => completed?,
            never = self.heart(attempt, false) => match never? {},
        }
        self.keep(attempt, whole).await
    }

    async fn store_small(&self, attempt: &Attempt, body: Bytes, whole: Whole) -> Result<(), ReceiveError> {
        store::note_whole(&mut *self.database.acquire().await?, attempt.medium, whole).await?;
        Ok(self.bucket.put(&attempt.key, attempt.container.media_type(), body).await?)
    }

    async fn send_parts(
        &self,
        attempt: &Attempt,
        multipart: &Multipart,
        head: Bytes,
        arrival: &mut Arrival,
    ) -> Result<Vec<Part>, ReceiveError> {
        let (mut sending, mut sent) = (FuturesUnordered::new(), Vec::new());
        let fed = async {
            let (mut part, mut number) = (head, 1);
            while !part.is_empty() {
                sending.push(self.send_part(multipart, number, part));
                number += 1;
                let next = arrival.part();
                tokio::pin!(next);
                part = loop {
                    tokio::select! {
                        // The next part is read only when fewer than two are on their way: no third is ever in memory.
                        part = &mut next, if sending.len() < IN_FLIGHT => break part?,
                        Some(done) = sending.next() => sent.push(done?),
                    }
                };
            }
            while let Some(done) = sending.next().await {
                sent.push(done?);
            }
            Ok(())
        };
        let fed = tokio::select! {
            fed = fed => fed,
            // Deleted meanwhile: the rest need not come.
            ended = self.heart(attempt, true) => match ended { Ok(never) => match never {}, Err(error) => Err(error) },
        };
        if fed.is_err() {
            // A part that came after its upload was forgotten would lie in storage for ever: let those on their way arrive.
            tokio::select! {
                () = async { while sending.next().await.is_some() {} } => {}
                never = self.heart(attempt, false) => match never? {},
            }
        }
        fed.map(|()| sent)
    }

    async fn send_part(&self, multipart: &Multipart, number: i32, part: Bytes) -> Result<Part, ReceiveError> {
        let _counted = InFlight::new();
        let sha256 = sha2::Sha256::digest(&part).into();
        Ok(self.bucket.put_part(multipart, number, part, &sha256).await?)
    }

    /// Says that an attempt is alive for as long as it is polled. Ends only when the attempt is to be given up.
    async fn heart(&self, attempt: &Attempt, give_up: bool) -> Result<Infallible, ReceiveError> {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let Ok(mut connection) = self.database.acquire().await else { continue };
            match store::still_wanted(&mut connection, attempt.medium).await {
                Ok(false) if give_up => return Err(ReceiveError::Deleted { session: attempt.session }),
                // A database that gives no answer may be back before the last byte came.
                Ok(_) | Err(_) => {}
            }
        }
    }

    /// Makes an attempt the session's recording, unless another one was faster or the session was deleted.
    pub(super) async fn keep(&self, attempt: &Attempt, whole: Whole) -> Result<Received, ReceiveError> {
        let session = attempt.session;
        kill_point::reached("recording.put_together");
        let mut tx = postgres::begin(&self.database).await?;
        store::lock(&mut tx, session).await?;
        if store::is_deleted(&mut tx, session).await? {
            return Err(ReceiveError::Deleted { session });
        }
        if let Some(there) = store::find_by_session(&mut tx, session).await? {
            return same_or_another(there, whole.sha256);
        }
        if !store::keep(&mut tx, attempt.medium, self.clock.now()).await? {
            return Err(ReceiveError::Deleted { session });
        }
        self.jobs.ask(&mut tx, super::process::KIND, &attempt.medium.to_string(), Duration::ZERO).await?;
        let medium = store::find(&mut tx, attempt.medium).await?.ok_or(ReceiveError::Deleted { session })?;
        tx.commit().await?;
        tracing::info!(
            session.id = %session,
            medium.id = %medium.id,
            medium.bytes = medium.raw.bytes,
            "The recording of session {session} is stored"
        );
        Ok(Received::New(medium))
    }

    /// Removes everything an attempt left in storage, then the attempt.
    pub(super) async fn clear_away(&self, attempt: &Attempt) {
        let cleared = async {
            if let Some(id) = attempt.multipart.clone() {
                self.bucket.abort(&Multipart { key: attempt.key.clone(), id }).await?;
            }
            self.bucket.delete(&attempt.key).await?;
            store::discard(&mut *self.database.acquire().await?, attempt.medium).await?;
            Ok::<_, ReceiveError>(())
        };
        if let Err(error) = cleared.await {
            tracing::warn!(error = %problem::chain(&error), medium.id = %attempt.medium, "An attempt is cleared away later");
        }
    }

    async fn recording_of(&self, session: SessionId) -> Result<Option<Medium>, StoreError> {
        store::find_by_session(&mut *self.database.acquire().await?, session).await
    }
}

/// Counts a part that is on its way, also when nobody waits for it any more.
struct InFlight(metrics::Gauge);

impl InFlight {
    fn new() -> Self {
        let gauge = metrics::gauge!("upload_parts_in_flight");
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

fn same_or_another(there: Medium, sha256: Sha256) -> Result<Received, ReceiveError> {
    if there.sha256 == sha256 {
        Ok(Received::Again(there))
    } else {
        Err(ReceiveError::Another { session: there.session })
    }
}
