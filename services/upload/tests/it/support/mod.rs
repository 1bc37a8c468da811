//! The service as a learner's browser and the other services meet it.

pub mod media;
mod registry;
pub mod s3;
pub mod takes;

pub use registry::TestRegistry;
pub use s3::{Odd, TestS3};
pub use takes::Recorder;

use clock::Clock;
use environment::Environment;
use events::{AudioStored, SessionDeleted, SessionErased, SessionFinalized, SessionStarted, catalogue};
use http_server::Readiness;
use ids::{EventId, Ids, LearnerId, SessionId};
use inbox::Heard;
use jobs::Jobs;
use lifecycle::Lifecycle;
use outbox::Outbox;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use sqlx::PgPool;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tempfile::TempDir;
use test_kit::{Database, Learners, announced, eventually};
use upload::{
    Bucket, Config, Erase, Face, Ffmpeg, Join, Media, Parts, Process, RecordingsFace, Registry, Seal,
    SessionDeletedEar, SessionFinalizedEar, SessionStartedEar,
};
use wire::upload::v1::recordings_client::RecordingsClient;

const ORIGIN: &str = "http://127.0.0.1:8080";
/// How long the service waits for storage here.
pub const PATIENCE: Duration = Duration::from_secs(4);

/// One replica of the service, and everything it needs.
pub struct TestApp {
    pub database: Database,
    pub s3: TestS3,
    pub sessions: TestRegistry,
    pub media: Media,
    pub lifecycle: Lifecycle,
    pub scratch: TempDir,
    learners: Learners,
    jobs: Jobs,
    config: Config,
    replica: Replica,
    browser: reqwest::Client,
}

/// Where one replica listens.
pub struct Replica {
    pub address: SocketAddr,
    pub media: Media,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.lifecycle.stop();
    }
}

impl TestApp {
    /// A replica whose workers run.
    pub async fn start() -> Self {
        let app = Self::without_workers().await;
        app.start_workers();
        app
    }

    /// A replica on which nothing happens that no request asks for.
    pub async fn without_workers() -> Self {
        let s3 = TestS3::start().await;
        let url = s3.url();
        Self::storing_at(s3, url).await
    }

    /// A replica on which nothing happens that no request asks for, and whose storage may be another than the embedded
    /// one, with the same keys and a bucket of the same name.
    pub async fn storing_at(s3: TestS3, url: String) -> Self {
        let migrators = [&upload::MIGRATOR, &outbox::MIGRATOR, &inbox::MIGRATOR, &jobs::MIGRATOR];
        let database = Database::with(&migrators).await;
        let sessions = TestRegistry::start().await;
        let scratch = TempDir::new().expect("a scratch folder");
        let settings = [
            ("S3_ENDPOINT", url),
            ("S3_ACCESS_KEY", s3::ACCESS_KEY.to_owned()),
            ("S3_SECRET_KEY", s3::SECRET_KEY.to_owned()),
            ("SESSIONS_GRPC_URL", sessions.url()),
            ("UPLOAD_SCRATCH", scratch.path().to_string_lossy().into_owned()),
            ("UPLOAD_DATABASE_URL", database.url()),
            ("NATS_URL", "nats://127.0.0.1:1".to_owned()),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value));
        let config =
            Config::read(&Environment::of_values("upload", settings)).expect("the settings are right");
        let (lifecycle, jobs) = (Lifecycle::new(), Jobs::default());
        let learners = Learners::new(Clock::System);
        let replica = replica(&config, &database, &learners, &jobs, &lifecycle).await;
        Self {
            media: replica.media.clone(),
            database,
            s3,
            sessions,
            lifecycle,
            scratch,
            learners,
            jobs,
            config,
            replica,
            browser: reqwest::Client::new(),
        }
    }

    /// Another replica over the same database and bucket.
    pub async fn another_replica(&self) -> Replica {
        replica(&self.config, &self.database, &self.learners, &self.jobs, &self.lifecycle).await
    }

    /// Starts the workers of one replica; called again, those of another.
    pub fn start_workers(&self) {
        let pool = self.database.pool();
        jobs::run(&self.jobs, pool, &self.lifecycle, 2, &Arc::new(Process(self.media.clone())));
        jobs::run(&self.jobs, pool, &self.lifecycle, 2, &Arc::new(Seal(self.media.clone())));
        jobs::run(&self.jobs, pool, &self.lifecycle, 1, &Arc::new(Join(self.media.clone())));
        jobs::run(&self.jobs, pool, &self.lifecycle, 1, &Arc::new(Erase(self.media.clone())));
    }

    pub fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    /// A learner with a session that may be recorded.
    pub fn learner_in_a_session(&self) -> Practice<'_> {
        let (learner, session) = (self.learners.someone(), Ids.mint());
        self.sessions.knows(session, learner, "keep");
        Practice { app: self, learner, session, cookie: self.learners.cookie(learner) }
    }

    /// Another learner who knows the session's id.
    pub fn stranger_in(&self, session: SessionId) -> Practice<'_> {
        let learner = self.learners.someone();
        Practice { app: self, learner, session, cookie: self.learners.cookie(learner) }
    }

    /// What was said about recordings, oldest first.
    pub async fn announced_recordings(&self) -> Vec<AudioStored> {
        announced::<AudioStored>(self.pool()).await
    }

    /// What was said about erased sessions.
    pub async fn announced_erasures(&self) -> Vec<SessionErased> {
        announced::<SessionErased>(self.pool()).await
    }

    /// Delivers an event that sessions said, as JetStream would.
    pub async fn hears_started(&self, id: EventId, event: SessionStarted) -> Heard {
        let ear = SessionStartedEar(self.media.clone());
        inbox::deliver(self.pool(), catalogue::UPLOAD_SESSION_STARTED, id, event, &ear)
            .await
            .expect("the event is handled")
    }

    /// Delivers an event that sessions said, as JetStream would.
    pub async fn hears_finalized(&self, id: EventId, session: SessionId) -> Heard {
        let ear = SessionFinalizedEar(self.media.clone());
        let event = SessionFinalized { session_id: session.to_string(), ..SessionFinalized::default() };
        inbox::deliver(self.pool(), catalogue::UPLOAD_SESSION_FINALIZED, id, event, &ear)
            .await
            .expect("the event is handled")
    }

    /// Delivers an event that sessions said, as JetStream would.
    pub async fn hears_deleted(&self, id: EventId, session: SessionId) -> Heard {
        let ear = SessionDeletedEar(self.media.clone());
        let event = SessionDeleted { session_id: session.to_string(), ..SessionDeleted::default() };
        inbox::deliver(self.pool(), catalogue::UPLOAD_SESSION_DELETED, id, event, &ear)
            .await
            .expect("the event is handled")
    }

    /// How many rows of the service's own tables know of media.
    pub async fn media_rows(&self) -> i64 {
        sqlx::query_scalar("select count(*) from medium").fetch_one(self.pool()).await.expect("a count")
    }

    /// A client of the gRPC face.
    pub async fn recordings(&self) -> RecordingsClient<tonic::transport::Channel> {
        let any = "127.0.0.1:0".parse().expect("an address");
        let address = RecordingsFace::new(self.media.clone())
            .serve(any, &self.lifecycle)
            .await
            .expect("the face is served");
        RecordingsClient::connect(format!("http://{address}")).await.expect("the face answers")
    }
}

async fn replica(
    config: &Config,
    database: &Database,
    learners: &Learners,
    jobs: &Jobs,
    lifecycle: &Lifecycle,
) -> Replica {
    let media = Media::new(Parts {
        database: database.pool().clone(),
        bucket: Bucket::new(&config.object_store).with_patience(PATIENCE),
        registry: Registry::at(&config.sessions).expect("the URL is right"),
        ffmpeg: Ffmpeg::new(&config.programs),
        outbox: Outbox::default(),
        jobs: jobs.clone(),
        clock: Clock::System,
        lifecycle: lifecycle.clone(),
    });
    let face = Face { media: media.clone(), verifier: learners.verifier() };
    let ready = Readiness::when(async || true);
    let routes = http_server::wrap(upload::routes(face), &config.http, ready, None);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its number");
    lifecycle.spawn(async move { axum::serve(listener, routes).await });
    Replica { address, media }
}

/// A learner in a session.
pub struct Practice<'a> {
    app: &'a TestApp,
    pub learner: LearnerId,
    pub session: SessionId,
    cookie: String,
}

impl Practice<'_> {
    /// A request of the learner's browser.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}/api/sessions/{}/{path}", self.app.replica.address, self.session);
        self.app.browser.request(method, url).header("cookie", &self.cookie).header("origin", ORIGIN)
    }

    /// The learner's recorder.
    pub fn recorder(&self) -> Recorder<'_> {
        Recorder::new(self, &self.app.replica)
    }

    /// The learner's recorder, whose requests another replica answers.
    pub fn recorder_at<'a>(&'a self, replica: &'a Replica) -> Recorder<'a> {
        Recorder::new(self, replica)
    }

    pub async fn uploads(&self, media_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(Method::POST, "upload").header("content-type", media_type).body(body);
        Answer::of(request.send().await.expect("an answer")).await
    }

    pub async fn gets(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = headers
            .iter()
            .fold(self.request(Method::GET, path), |request, (name, value)| request.header(*name, *value));
        Answer::of(request.send().await.expect("an answer")).await
    }

    /// Waits until the recording was announced.
    pub async fn recording_is_announced(&self) -> AudioStored {
        eventually("the recording is announced", async || {
            let told = self.app.announced_recordings().await;
            told.into_iter().find(|told| told.session_id == self.session.to_string())
        })
        .await
    }

    /// Asks for the recording as another service does, with these ids.
    pub fn asked(&self) -> wire::upload::v1::GetRecordingRequest {
        wire::upload::v1::GetRecordingRequest {
            session_id: self.session.to_string(),
            learner_id: self.learner.to_string(),
        }
    }

    /// What sessions says when it is opened.
    pub fn started(&self, policy: &str) -> SessionStarted {
        SessionStarted {
            session_id: self.session.to_string(),
            learner_id: self.learner.to_string(),
            recording_policy: policy.to_owned(),
            ..SessionStarted::default()
        }
    }
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.expect("the whole answer").to_vec();
        Self { status, headers, body }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a readable header"))
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, String::from_utf8_lossy(&self.body)))
    }

    /// It must be this status, and says what it is otherwise.
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    pub fn refused_with(self, status: u16, slug: &str) -> Self {
        let answer = self.is(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json()["type"], format!("/problems/{slug}"));
        answer
    }
}
