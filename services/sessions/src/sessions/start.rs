//! A learner opens a session on a topic.

use super::{Sessions, commit, keyed::KeyedError};
use crate::{
    announcements,
    fingerprint::Taker,
    session::{Practice, Session, SessionState, Transcript},
    store::{
        self,
        keys::{self, Claim, Keyed},
    },
    topic_catalog::TopicsError,
    words::RecordingPolicy,
};
use ids::{LearnerId, SessionId, TopicId};
use postgres::StoreError;
use tracing::{Instrument as _, instrument};

/// What a learner wants to practise, and how.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The topic.
    pub topic: TopicId,
    /// Whether a recording is to be kept.
    pub recording_policy: RecordingPolicy,
}

/// A session was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The learner has an open one.
    #[error("session {session} of this learner is still open")]
    AlreadyPractising {
        /// The open one.
        session: SessionId,
    },
    /// The catalogue does not have the topic.
    #[error("topic {topic} is not offered")]
    TopicNotOffered {
        /// The topic.
        topic: TopicId,
    },
    /// The catalogue gives no answer.
    #[error("the topic could not be looked up")]
    Topics(#[source] TopicsError),
    /// The session that this request started was deleted since.
    #[error("the session that was started was deleted since")]
    Deleted,
    /// The key stands in the way, or the database does.
    #[error("the session could not be started")]
    Keyed(#[source] KeyedError),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Keyed(error.into())
    }
}

impl Sessions {
    /// Opens a session and says so. The same request again answers with the session as it was then.
    pub async fn start(
        &self,
        learner: LearnerId,
        wanted: Wanted,
        key: String,
    ) -> Result<Practice, StartError> {
        let fingerprint =
            Taker::default().text(&wanted.topic.to_string()).text(wanted.recording_policy.as_str()).done();
        let keyed = Keyed { learner, operation: "start", key, fingerprint };
        // Before the catalogue is asked: a repeated request is answered also when that is away.
        if let Some(before) = self.started_before(&keyed).await? {
            return Ok(before);
        }

        // One practice is one trace, whatever trace the request came in: everything that happens to the session from
        // here on, in any process, hangs off this short span.
        let id: SessionId = self.ids.mint();
        let root = tracing::info_span!(parent: None, "practice.start", session.id = %id);
        if let Some(request) = telemetry::current_traceparent() {
            telemetry::link_to(&root, request);
        }
        self.open(id, wanted, &keyed).instrument(root).await
    }

    #[instrument(name = "op.sessions.start", skip_all, fields(session.id = %id))]
    async fn open(&self, id: SessionId, wanted: Wanted, keyed: &Keyed) -> Result<Practice, StartError> {
        let topic = self
            .topics
            .find(wanted.topic)
            .await
            .map_err(StartError::Topics)?
            .ok_or(StartError::TopicNotOffered { topic: wanted.topic })?;
        let session = Session {
            id,
            learner: keyed.learner,
            topic,
            recording_policy: wanted.recording_policy,
            verbatim: self.verbatim,
            traceparent: telemetry::current_traceparent().map(|place| place.to_string()),
            started_at: self.clock.now(),
            state: SessionState::Open { draft: Transcript::default() },
        };

        let mut tx = self.begin_in_turn().await?;
        match keys::claim(&mut tx, keyed, id, session.started_at).await? {
            Claim::New => {}
            Claim::Another => return Err(StartError::Keyed(KeyedError::Reused)),
            Claim::Before(_) => {
                drop(tx);
                return self.started_before(keyed).await?.ok_or(StartError::Deleted);
            }
        }
        if !store::insert(&mut tx, &session).await? {
            return Err(match store::open_of(&mut tx, keyed.learner).await? {
                Some(session) => StartError::AlreadyPractising { session },
                // It was finalized in this very moment.
                None => StartError::Keyed(KeyedError::InProgress),
            });
        }
        kill_point::reached("start.inserted");
        self.outbox.append(&mut tx, &announcements::started(&session)).await?;
        commit(tx).await?;
        kill_point::reached("start.committed");
        tracing::info!(session.id = %id, "Session {id} started");
        Ok(session.as_started())
    }

    /// The answer to the same request, if it was carried out before.
    async fn started_before(&self, keyed: &Keyed) -> Result<Option<Practice>, StartError> {
        let mut connection = self.pool.acquire().await.map_err(StoreError::from)?;
        let session = match keys::look_up(&mut connection, keyed).await? {
            Claim::New => return Ok(None),
            Claim::Another => return Err(StartError::Keyed(KeyedError::Reused)),
            Claim::Before(session) => session.ok_or(StartError::Deleted)?,
        };
        let practice = store::find(&mut connection, session, Some(keyed.learner)).await?;
        practice.map(|practice| Some(practice.session.as_started())).ok_or(StartError::Deleted)
    }
}
