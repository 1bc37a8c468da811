//! The worker under test, and the services it asks with switches to make them fail.

use event_bus::Bus;
use events::{AudioStored, RatingRequested, SessionDeleted, SessionFinalized, catalogue};
use ids::{EventId, Ids, LearnerId, SessionId};
use inbox::Heard;
use jobs::{Jobs, Lease, Setback, Work as _};
use lifecycle::Lifecycle;
use outbox::Outbox;
use rating::{
    Ratings,
    config::{Provider, RatingConfig},
    dependencies::{Recordings, Registry},
    ratings::{Rated, StoredFinding},
};
use sqlx::PgPool;
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use test_kit::{Database, eventually};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status, transport::Server};
use wire::{
    sessions::v1::{
        GetSessionRequest, GetSessionResponse, GetTranscriptRequest, GetTranscriptResponse, Turn,
        session_registry_server::{SessionRegistry, SessionRegistryServer},
    },
    upload::v1::{
        GetRecordingRequest, GetRecordingResponse, ReadRecordingChunk,
        recordings_server::{Recordings as RecordingsFace, RecordingsServer},
    },
};

/// Asked for this often, a stand-in fails; -1 is for ever.
#[derive(Debug, Default)]
pub struct Failures(AtomicI64);

impl Failures {
    pub fn next(&self, times: i64) {
        self.0.store(times, Ordering::SeqCst);
    }

    fn happens(&self) -> bool {
        let left = self.0.load(Ordering::SeqCst);
        if left > 0 {
            self.0.store(left - 1, Ordering::SeqCst);
        }
        left != 0
    }
}

/// Stands in for `sessions`.
#[derive(Debug)]
pub struct Sessions {
    pub learner: LearnerId,
    pub failures: Failures,
    pub missing: Mutex<bool>,
    pub verbatim: Mutex<bool>,
    pub turns: Mutex<Vec<Turn>>,
    pub asked: AtomicU32,
    /// A permit for each answer it may give.
    pub answers: Semaphore,
}

/// Stands in for `upload`.
#[derive(Debug)]
pub struct Upload {
    pub learner: LearnerId,
    pub failures: Failures,
    /// How often a recording breaks off in the middle.
    pub breaks: Failures,
    pub recording: Mutex<Vec<u8>>,
    pub layout: Mutex<&'static str>,
    pub revision: AtomicU32,
    pub read: AtomicU32,
}

/// The worker under test.
#[derive(Debug)]
pub struct TestApp {
    pub database: Database,
    pub ratings: Arc<Ratings>,
    pub sessions: Arc<Sessions>,
    pub upload: Arc<Upload>,
    pub session: SessionId,
    pub learner: LearnerId,
    pub lifecycle: Lifecycle,
    scratch: TempDir,
    jobs: Jobs,
    outbox: Outbox,
}

impl TestApp {
    /// A worker that waits for recordings for ten minutes.
    pub async fn start() -> Self {
        Self::with_patience(Duration::from_mins(10)).await
    }

    pub async fn with_patience(patience: Duration) -> Self {
        let database =
            Database::with(&[&rating::MIGRATOR, &outbox::MIGRATOR, &inbox::MIGRATOR, &jobs::MIGRATOR]).await;
        let (session, learner): (SessionId, LearnerId) = (Ids.mint(), Ids.mint());
        let lifecycle = Lifecycle::new();
        let sessions = Arc::new(Sessions {
            learner,
            failures: Failures::default(),
            missing: Mutex::new(false),
            verbatim: Mutex::new(false),
            turns: Mutex::default(),
            asked: AtomicU32::new(0),
            answers: Semaphore::new(1000),
        });
        let upload = Arc::new(Upload {
            learner,
            failures: Failures::default(),
            breaks: Failures::default(),
            recording: Mutex::default(),
            layout: Mutex::new("learner_left_coach_right"),
            revision: AtomicU32::new(1),
            read: AtomicU32::new(0),
        });
        let registry = served(
            Server::builder().add_service(SessionRegistryServer::from_arc(sessions.clone())),
            &lifecycle,
        )
        .await;
        let recordings =
            served(Server::builder().add_service(RecordingsServer::from_arc(upload.clone())), &lifecycle)
                .await;
        let scratch = tempfile::tempdir().expect("a folder");
        let (jobs, outbox) = (Jobs::default(), Outbox::default());
        let url = |address: SocketAddr| format!("http://{address}").parse().expect("a URL");
        let ratings = Ratings::new(
            database.pool().clone(),
            jobs.clone(),
            outbox.clone(),
            clock::Clock::System,
            Registry::at(&url(registry)).expect("an address"),
            Recordings::at(&url(recordings)).expect("an address"),
            RatingConfig {
                provider: Provider::Local,
                patience,
                first_retry: Duration::from_millis(10),
                ffmpeg: "ffmpeg".into(),
                scratch: scratch.path().join("rating"),
            },
        )
        .expect("scratch can be made");
        Self {
            database,
            ratings: Arc::new(ratings),
            sessions,
            upload,
            session,
            learner,
            lifecycle,
            scratch,
            jobs,
            outbox,
        }
    }

    pub fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    /// Lets replicas work.
    pub fn works(&self, workers: usize) {
        jobs::run(&self.jobs, self.pool(), &self.lifecycle, workers, &self.ratings);
    }

    /// Puts the worker on the bus: it hears the others and says what it has to say.
    pub fn is_on(&self, bus: &Bus) {
        rating::consumers::listen(bus, self.pool(), &self.lifecycle, &self.ratings);
        outbox::relay(&self.outbox, self.pool().clone(), bus.clone(), &self.lifecycle);
    }

    /// Begins the next job by hand.
    pub async fn leases(&self) -> Lease {
        jobs::claim(self.pool(), "rate").await.expect("jobs can be read").expect("there is a job that is due")
    }

    /// Does a job by hand, without a heartbeat.
    pub async fn works_on(&self, lease: &Lease) -> Result<(), Setback> {
        self.ratings.work(lease).await
    }

    pub fn recording_is(&self, recording: Vec<u8>) {
        *self.upload.recording.lock().expect("nobody panicked") = recording;
    }

    pub fn finalized(&self, recording_policy: &str) -> SessionFinalized {
        SessionFinalized {
            session_id: self.session.to_string(),
            learner_id: self.learner.to_string(),
            finalized_at_ms: clock::millis(clock::Clock::System.now()),
            duration_ms: 20_000,
            transcript_revision: 3,
            recording_policy: recording_policy.to_owned(),
            end_reason: "learner".to_owned(),
        }
    }

    pub fn stored(&self, revision: u32) -> AudioStored {
        self.upload.revision.fetch_max(revision, Ordering::SeqCst);
        AudioStored {
            session_id: self.session.to_string(),
            learner_id: self.learner.to_string(),
            revision,
            ..AudioStored::default()
        }
    }

    pub fn deleted(&self) -> SessionDeleted {
        SessionDeleted {
            session_id: self.session.to_string(),
            learner_id: self.learner.to_string(),
            deleted_at_ms: 1,
        }
    }

    pub async fn hears_finalized(&self, id: EventId, event: SessionFinalized) -> Heard {
        inbox::deliver(self.pool(), catalogue::RATING_SESSION_FINALIZED, id, event, &*self.ratings)
            .await
            .expect("it is heard")
    }

    pub async fn hears_stored(&self, id: EventId, event: AudioStored) -> Heard {
        inbox::deliver(self.pool(), catalogue::RATING_AUDIO_STORED, id, event, &*self.ratings)
            .await
            .expect("it is heard")
    }

    pub async fn hears_requested(&self, id: EventId) -> Heard {
        let event =
            RatingRequested { session_id: self.session.to_string(), learner_id: self.learner.to_string() };
        inbox::deliver(self.pool(), catalogue::RATING_RATING_REQUESTED, id, event, &*self.ratings)
            .await
            .expect("it is heard")
    }

    pub async fn hears_deleted(&self, id: EventId) -> Heard {
        inbox::deliver(self.pool(), catalogue::RATING_SESSION_DELETED, id, self.deleted(), &*self.ratings)
            .await
            .expect("it is heard")
    }

    pub async fn rating(&self) -> Option<Rated<StoredFinding>> {
        self.ratings.find(self.session, self.learner).await.expect("ratings can be read")
    }

    /// Waits for that revision.
    pub async fn rated(&self, revision: u32) -> Rated<StoredFinding> {
        eventually("the rating", async || self.rating().await.filter(|rated| rated.revision >= revision))
            .await
    }

    /// Waits until no job is left to do.
    pub async fn idle(&self) {
        eventually("the end of all jobs", async || (self.waiting().await == 0).then_some(())).await;
    }

    pub async fn waiting(&self) -> i64 {
        self.count("select count(*) from job where state = 'waiting'").await
    }

    #[expect(clippy::disallowed_methods, reason = "a test looks at tables of several crates")]
    pub async fn count(&self, query: &'static str) -> i64 {
        let (count,): (i64,) = sqlx::query_as(query).fetch_one(self.pool()).await.expect("it counts");
        count
    }

    #[expect(clippy::disallowed_methods, reason = "the table is another crate's")]
    pub async fn lease_runs_out(&self) {
        sqlx::query("update job set leased_until = now() - interval '1 second'")
            .execute(self.pool())
            .await
            .expect("the lease ends");
    }

    /// Nothing lies in scratch.
    pub fn scratch_is_empty(&self) -> bool {
        std::fs::read_dir(self.scratch.path().join("rating")).expect("it is there").next().is_none()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.lifecycle.stop();
    }
}

/// A value of a finding.
pub fn value(rated: &Rated<StoredFinding>, metric: &str) -> f64 {
    let found = finding(rated, metric);
    found.value.unwrap_or_else(|| panic!("{metric}: {:?}", found.not_measured))
}

pub fn finding<'a>(rated: &'a Rated<StoredFinding>, metric: &str) -> &'a StoredFinding {
    rated
        .findings
        .iter()
        .find(|finding| finding.metric == metric)
        .unwrap_or_else(|| panic!("there is no {metric}"))
}

async fn served(router: tonic::transport::server::Router, lifecycle: &Lifecycle) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    let life = lifecycle.clone();
    lifecycle.spawn(async move {
        let stopping = life.clone();
        let until = async move { stopping.stopping().await };
        router
            .serve_with_incoming_shutdown(TcpListenerStream::new(listener), until)
            .await
            .expect("it serves");
    });
    address
}

#[tonic::async_trait]
impl SessionRegistry for Sessions {
    async fn get_session(
        &self,
        _: Request<GetSessionRequest>,
    ) -> Result<Response<GetSessionResponse>, Status> {
        Err(Status::unimplemented("rating does not ask this"))
    }

    async fn get_transcript(
        &self,
        _: Request<GetTranscriptRequest>,
    ) -> Result<Response<GetTranscriptResponse>, Status> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.answers.acquire().await.expect("it is never closed").forget();
        if self.failures.happens() {
            return Err(Status::unavailable("as the test wants it"));
        }
        if *self.missing.lock().expect("nobody panicked") {
            return Err(Status::not_found("as the test wants it"));
        }
        Ok(Response::new(GetTranscriptResponse {
            revision: 3,
            source: "live".to_owned(),
            verbatim: *self.verbatim.lock().expect("nobody panicked"),
            turns: self.turns.lock().expect("nobody panicked").clone(),
            duration_ms: 20_000,
            learner_id: self.learner.to_string(),
        }))
    }
}

#[tonic::async_trait]
impl RecordingsFace for Upload {
    async fn get_recording(
        &self,
        request: Request<GetRecordingRequest>,
    ) -> Result<Response<GetRecordingResponse>, Status> {
        if self.failures.happens() {
            return Err(Status::internal("as the test wants it"));
        }
        if request.into_inner().learner_id != self.learner.to_string() {
            return Err(Status::not_found("another learner's"));
        }
        Ok(Response::new(GetRecordingResponse {
            medium_id: String::new(),
            revision: self.revision.load(Ordering::SeqCst),
            duration_ms: 20_000,
            bytes: self.recording.lock().expect("nobody panicked").len() as u64,
            media_type: "audio/webm".to_owned(),
            channel_layout: (*self.layout.lock().expect("nobody panicked")).to_owned(),
        }))
    }

    type ReadRecordingStream = tokio_stream::Iter<std::vec::IntoIter<Result<ReadRecordingChunk, Status>>>;

    async fn read_recording(
        &self,
        _: Request<GetRecordingRequest>,
    ) -> Result<Response<Self::ReadRecordingStream>, Status> {
        self.read.fetch_add(1, Ordering::SeqCst);
        let mut pieces: Vec<_> = self
            .recording
            .lock()
            .expect("nobody panicked")
            .chunks(16 * 1024)
            .map(|piece| Ok(ReadRecordingChunk { data: piece.to_vec() }))
            .collect();
        if self.breaks.happens() {
            pieces.truncate(1);
            pieces.push(Err(Status::unavailable("the storage broke off")));
        }
        Ok(Response::new(tokio_stream::iter(pieces)))
    }
}
