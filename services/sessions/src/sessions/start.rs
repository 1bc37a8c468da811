//! A learner opens a session on a topic.

use super::{
    Sessions,
    audit::{self, Event},
    commit,
    keyed::KeyedError,
};
use crate::{
    announcements,
    fingerprint::Taker,
    session::{Practice, Session, SessionState, Topic, Transcript},
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
    /// The session whose conversation it goes on with.
    pub continues: Option<SessionId>,
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
    /// There is no such session to go on with, or it is somebody else's.
    #[error("there is no session {session} to go on with")]
    NothingToContinue {
        /// The session.
        session: SessionId,
    },
    /// The session to go on with was on another topic.
    #[error("session {session} was on another topic")]
    AnotherTopic {
        /// The session.
        session: SessionId,
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

impl StartError {
    /// Whether it was not to be; otherwise we could not.
    const fn is_refusal(&self) -> bool {
        !matches!(self, Self::Topics(_) | Self::Keyed(KeyedError::Store(_)))
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
        let taker = Taker::default().text(&wanted.topic.to_string()).text(wanted.recording_policy.as_str());
        let taker = wanted.continues.iter().fold(taker, |taker, session| taker.text(&session.to_string()));
        let keyed = Keyed { learner, operation: "start", key, fingerprint: taker.done() };
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
        let opened = async {
            let opened = self.open(id, wanted, &keyed).await;
            if let Err(error) = &opened {
                audit::not_done(Event::Started, id, error.is_refusal());
            }
            opened
        };
        opened.instrument(root).await
    }

    #[instrument(name = "op.sessions.start", skip_all, fields(session.id = %id))]
    async fn open(&self, id: SessionId, wanted: Wanted, keyed: &Keyed) -> Result<Practice, StartError> {
        let topic = match wanted.continues {
            Some(session) => self.topic_of(session, keyed.learner, wanted.topic).await?,
            None => self
                .topics
                .find(wanted.topic)
                .await
                .map_err(StartError::Topics)?
                .ok_or(StartError::TopicNotOffered { topic: wanted.topic })?,
        };
        let now = self.clock.now();
        let session = Session {
            id,
            learner: keyed.learner,
            topic,
            recording_policy: wanted.recording_policy,
            verbatim: self.verbatim,
            traceparent: telemetry::current_traceparent().map(|place| place.to_string()),
            started_at: now,
            seen_at: now,
            continues: wanted.continues,
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
        if let Some(earlier) = wanted.continues
            && !store::keep(&mut tx, earlier, keyed.learner).await?
        {
            return Err(StartError::NothingToContinue { session: earlier });
        }
        // One that is still open is no exception: then this is the second open one, and the answer names the first.
        if !store::insert(&mut tx, &session).await? {
            return Err(match store::open_of(&mut tx, keyed.learner).await? {
                Some(session) => StartError::AlreadyPractising { session },
                // It was finalized in this very moment.
                None => StartError::Keyed(KeyedError::InProgress),
            });
        }
        kill_point::reached("start.inserted");
        self.outbox.append(&mut tx, &announcements::started(&session)).await?;
        if let Some(earlier) = wanted.continues {
            store::notify_changed(&mut tx, earlier).await?;
        }
        commit(tx).await?;
        kill_point::reached("start.committed");
        metrics::counter!("sessions_started_total").increment(1);
        audit::done(Event::Started, id);
        Ok(session.as_started())
    }

    /// What the session to go on with was about. Its lesson goes on, whatever the catalogue has become since.
    async fn topic_of(
        &self,
        session: SessionId,
        learner: LearnerId,
        wanted: TopicId,
    ) -> Result<Topic, StartError> {
        let mut connection = self.pool.acquire().await.map_err(StoreError::from)?;
        let earlier = store::find(&mut connection, session, Some(learner)).await?;
        let topic = earlier.ok_or(StartError::NothingToContinue { session })?.session.topic;
        if topic.id == wanted { Ok(topic) } else { Err(StartError::AnotherTopic { session }) }
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
