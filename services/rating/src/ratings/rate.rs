//! Rating a session: read, hear, measure, and commit the rating with the end of its job.

use super::{Rated, Ratings};
use crate::{
    announcements,
    audio::Conversation,
    decode::{self, DecodeError},
    dependencies::{self, RecordingsError, RegistryError, Unavailable},
    finding::Finding,
    metrics,
    practice::{Answered, Practice},
    store,
    transcript::Transcript,
};
use ids::SessionId;
use jobs::{FinishError, Lease, Setback, Work};
use postgres::StoreError;
use seeded_bug::Bug;
use std::time::{Duration, Instant};

/// The kind of job that rates a session.
pub(super) const KIND: &str = "rate";

/// How often a rating is tried.
const ATTEMPTS: u32 = 5;
/// A job that was begun this often and never came to an end kills its worker: it is not begun again.
const BEGINNINGS: u32 = 8;
/// How much a wait grows from one try to the next. With a first wait of three seconds, five tries take two minutes.
const GROWTH: f64 = 3.0;
/// How long to wait for our own database.
const STORE_REST: Duration = Duration::from_secs(2);
/// The largest recording that is heard: at 64 kbit/s, eighteen hours.
const LARGEST: u64 = 512 * 1024 * 1024;

const NO_RECORDING: &str = "There is no recording of this session to listen to.";
const NOT_KEPT: &str = "You chose not to keep a recording, so there is nothing to listen to.";
const NOT_APART: &str =
    "Your voice and the coach's are not on separate tracks of this recording, so they cannot be told apart.";
const TOO_LARGE: &str = "The recording is too large to be listened to.";

/// A session could not be rated.
#[derive(Debug, thiserror::Error)]
pub enum RateError {
    /// Its transcript is not to be had.
    #[error("session {session} has no transcript to rate")]
    Transcript {
        /// Which session.
        session: SessionId,
        /// Why.
        #[source]
        why: RegistryError,
    },
    /// Its recording is not to be had.
    #[error("session {session} has no recording to rate")]
    Recording {
        /// Which session.
        session: SessionId,
        /// Why.
        #[source]
        why: RecordingsError,
    },
    /// An older recording came than the one that was announced.
    #[error("session {0} has an older recording than was announced")]
    OldRecording(SessionId),
    /// Its recording cannot be decoded.
    #[error("the recording of session {session} cannot be heard")]
    Decode {
        /// Which session.
        session: SessionId,
        /// Why.
        #[source]
        why: DecodeError,
    },
    /// There is no room for the recording.
    #[error("there is no scratch for the recording of session {session}")]
    Scratch {
        /// Which session.
        session: SessionId,
        /// Why.
        #[source]
        why: std::io::Error,
    },
    /// The database did not do what it was asked.
    #[error("session {session} could not be read or its rating stored")]
    Store {
        /// Which session.
        session: SessionId,
        /// Why.
        #[source]
        why: StoreError,
    },
    /// The job could not be finished.
    #[error("the job of session {session} could not be finished")]
    Finish {
        /// Which session.
        session: SessionId,
        /// Why.
        #[source]
        why: FinishError,
    },
}

impl RateError {
    /// The reason as `rating.failed` names it.
    pub const fn slug(&self) -> &'static str {
        match self {
            Self::Transcript { why: RegistryError::NoSuchSession(_), .. } => "transcript_missing",
            Self::Transcript { why: RegistryError::Unavailable { .. }, .. } => "transcript_unavailable",
            Self::Recording { why: RecordingsError::NotThere(_), .. } => "recording_missing",
            Self::Recording { .. } | Self::OldRecording(_) | Self::Scratch { .. } => "recording_unavailable",
            Self::Decode { .. } => "recording_unreadable",
            Self::Store { .. } | Self::Finish { .. } => "store_unavailable",
        }
    }

    const fn is_left_alone(&self) -> bool {
        matches!(
            self,
            Self::Transcript { why: RegistryError::Unavailable { why: Unavailable::LeftAlone, .. }, .. }
                | Self::Recording {
                    why: RecordingsError::Unavailable { why: Unavailable::LeftAlone, .. },
                    ..
                }
        )
    }

    /// Whether trying again cannot help.
    const fn is_final(&self) -> bool {
        matches!(self, Self::Transcript { why: RegistryError::NoSuchSession(_), .. })
    }
}

impl Work for Ratings {
    const KIND: &'static str = KIND;

    async fn work(&self, lease: &Lease) -> Result<(), Setback> {
        let Ok(session) = lease.subject.parse::<SessionId>() else {
            tracing::error!("A job names no session");
            return Err(Setback::Finish(FinishError::Lost));
        };
        let practice = match self.to_rate(session).await {
            Ok(Some(practice)) => practice,
            Ok(None) => return self.nothing_to_rate(lease).await,
            Err(why) => return Err(rest(session, &why)),
        };
        if lease.attempt > BEGINNINGS {
            tracing::warn!(session.id = %session, job.attempt = lease.attempt, "Session {session} costs its worker its life");
            return self.give_up(&practice, lease, "worker_lost").await;
        }
        let started = Instant::now();
        let error = match self.rate(&practice, lease).await {
            Ok(()) => {
                ::metrics::histogram!("rating_seconds").record(started.elapsed().as_secs_f64());
                return Ok(());
            }
            Err(RateError::Finish { why, .. }) => return Err(Setback::Finish(why)),
            Err(RateError::Store { why, .. }) => return Err(rest(session, &why)),
            Err(error) => error,
        };
        // Also of the last attempt: giving up is no failure of its own.
        tracing::warn!(error = %problem::chain(&error), session.id = %session, job.attempt = lease.attempt, "Session {session} could not be rated");
        let ends = !seeded_bug::is_made(Bug::NoEnd);
        if ends && (error.is_final() || lease.attempt >= ATTEMPTS) {
            return self.give_up(&practice, lease, error.slug()).await;
        }
        // While a service is left alone there is no use in asking it.
        let rest = if error.is_left_alone() { dependencies::REST } else { Duration::ZERO };
        Err(Setback::Again { after: self.wait(lease.attempt).max(rest), reason: error.slug() })
    }
}

impl Ratings {
    /// The session, if there is a reason to rate it.
    async fn to_rate(&self, session: SessionId) -> Result<Option<Practice>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let practice = store::find(&mut connection, session).await?;
        Ok(practice.filter(|practice| practice.due_in(self.clock.now(), self.config.patience).is_some()))
    }

    /// Rates a session as far as it is known.
    #[tracing::instrument(name = "op.rating.rate", skip_all, fields(session.id = %practice.session))]
    async fn rate(&self, practice: &Practice, lease: &Lease) -> Result<(), RateError> {
        let session = practice.session;
        let transcript = self
            .registry
            .transcript(session, practice.learner)
            .await
            .map_err(|why| RateError::Transcript { session, why })?;
        let (recording_revision, heard) = self.listen(practice, &transcript).await?;
        let findings = metrics::findings(heard.as_ref().map_err(|reason| *reason), &transcript);
        kill_point::reached("rate.measured");
        let answered = Answered { recording_revision, requests: practice.requests };
        self.commit(practice, answered, transcript.revision, findings, lease).await
    }

    /// The revision of the recording, and the conversation in it or why there is none to hear.
    async fn listen(
        &self,
        practice: &Practice,
        transcript: &Transcript,
    ) -> Result<(u32, Result<Conversation, &'static str>), RateError> {
        let (session, learner) = (practice.session, practice.learner);
        if practice.recording_revision == 0 {
            let kept = practice.finalized.is_none_or(|finalized| finalized.keeps_recording);
            return Ok((0, Err(if kept { NO_RECORDING } else { NOT_KEPT })));
        }
        let failed = |why| RateError::Recording { session, why };
        let stored = self.recordings.facts(session, learner).await.map_err(failed)?;
        if stored.revision < practice.recording_revision {
            return Err(RateError::OldRecording(session));
        }
        if stored.channel_layout != "learner_left_coach_right" {
            return Ok((stored.revision, Err(NOT_APART)));
        }
        if stored.bytes > LARGEST {
            return Ok((stored.revision, Err(TOO_LARGE)));
        }
        let folder = self.scratch.folder().map_err(|why| RateError::Scratch { session, why })?;
        let recording = folder.path().join("recording");
        self.recordings.read(session, learner, &stored, &recording).await.map_err(failed)?;
        let channels = match decode::decode(&self.config.ffmpeg, &recording).await {
            Ok(channels) => channels,
            Err(DecodeError::NotTwoChannels(_)) => return Ok((stored.revision, Err(NOT_APART))),
            Err(why) => return Err(RateError::Decode { session, why }),
        };
        let conversation = Conversation::heard(channels.left, channels.right, &transcript.learner_spans());
        Ok((stored.revision, Ok(conversation)))
    }

    /// Commits a rating, its announcement and the end of its job, unless the session was deleted meanwhile or another
    /// worker has the job now.
    async fn commit(
        &self,
        rated: &Practice,
        answered: Answered,
        transcript_revision: u32,
        findings: Vec<Finding>,
        lease: &Lease,
    ) -> Result<(), RateError> {
        let session = rated.session;
        let mut tx = postgres::begin(&self.pool).await.map_err(|why| stored(session)(why.into()))?;
        let mut practice = store::lock(&mut tx, session, rated.learner).await.map_err(stored(session))?;
        if practice.deleted {
            tracing::info!(session.id = %session, "Session {session} was deleted while it was rated");
            return Ok(());
        }
        practice.rating_revision += 1;
        practice.answered = Some(answered);
        store::write(&mut tx, &practice).await.map_err(stored(session))?;
        let rating = Rated {
            session,
            revision: practice.rating_revision,
            provider: self.config.provider.as_str().into(),
            rubric_version: metrics::RUBRIC_VERSION.into(),
            rated_at: self.clock.now(),
            transcript_revision,
            recording_revision: answered.recording_revision,
            findings,
        };
        store::insert(&mut tx, &rating).await.map_err(stored(session))?;
        let announcement = announcements::rated(session, practice.learner, rating.revision);
        self.outbox.append(&mut tx, &announcement).await.map_err(stored(session))?;
        kill_point::reached("rate.told");
        jobs::complete(&mut tx, lease).await.map_err(|why| RateError::Finish { session, why })?;
        tx.commit().await.map_err(|why| stored(session)(why.into()))?;
        kill_point::reached("rate.committed");
        ::metrics::counter!("ratings_total", "outcome" => "rated").increment(1);
        tracing::info!(
            session.id = %session,
            rating.revision = rating.revision,
            rating.recording_revision = rating.recording_revision,
            "Session {session} rated"
        );
        Ok(())
    }

    /// Ends a job that has nothing to do: what it was asked for has been answered, or the session was deleted.
    async fn nothing_to_rate(&self, lease: &Lease) -> Result<(), Setback> {
        let mut connection =
            self.pool.acquire().await.map_err(|why| Setback::Finish(FinishError::Store(why.into())))?;
        Ok(jobs::complete(&mut connection, lease).await?)
    }

    /// How long to wait after the given try: growing, and scattered so that many jobs do not come back at once.
    fn wait(&self, attempt: u32) -> Duration {
        let scatter = rand::random_range(0.75..1.25);
        self.config.first_retry.mul_f64(GROWTH.powf(f64::from(attempt.saturating_sub(1))) * scatter)
    }
}

fn stored(session: SessionId) -> impl Fn(StoreError) -> RateError {
    move |why| RateError::Store { session, why }
}

fn rest(session: SessionId, why: &StoreError) -> Setback {
    tracing::warn!(error = %problem::chain(why), session.id = %session, "Session {session} is rated when the database answers");
    Setback::Again { after: STORE_REST, reason: "store_unavailable" }
}
