//! Two replicas over one database, the neighbours they ask, and what a learner can do.

use axum::{
    Router,
    body::{Body, Bytes},
};
use clock::Clock;
use environment::Environment;
use event_bus::Bus;
use events::{Event, catalogue::Consumer};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use ids::{EventId, Ids, LearnerId, SessionId, TopicId};
use inbox::{Heard, Hears, Refusal};
use lifecycle::Lifecycle;
use serde_json::{Value, json};
use sessions::{App, MIGRATOR, app::Parts, config::Provider, consumers::Ear};
use sqlx::PgPool;
use std::{
    fmt::Write as _,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use test_kit::{Database, Learners};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Response, Status,
    transport::{Endpoint, Server},
};
use tower::ServiceExt as _;
use wire::{
    rating::v1::{
        GetRatingRequest, GetRatingResponse,
        ratings_server::{Ratings, RatingsServer},
    },
    topics::v1::{
        GetTopicRequest, GetTopicResponse,
        topic_catalog_server::{TopicCatalog, TopicCatalogServer},
    },
};

pub const ORIGIN: &str = "http://127.0.0.1:8080";
/// How long nobody is heard of before a session is sealed as it is.
pub const ABANDONED_AFTER: Duration = Duration::from_mins(10);

/// Two replicas over one database.
pub struct TestApp {
    pub lifecycle: Lifecycle,
    pub learners: Learners,
    pub topic: TopicId,
    pub neighbours: Neighbours,
    pub replicas: [App; 2],
    routes: [Router; 2],
    database: Database,
}

/// What the neighbours answer just now.
#[derive(Clone)]
pub struct Neighbours(Arc<Mutex<Answers>>);

struct Answers {
    topic: TopicId,
    topics_away: bool,
    rating: Option<GetRatingResponse>,
    rating_away: bool,
}

impl Neighbours {
    pub fn topics_go_away(&self) {
        self.with(|answers| answers.topics_away = true);
    }

    pub fn rating_goes_away(&self) {
        self.with(|answers| answers.rating_away = true);
    }

    pub fn rating_comes_back(&self) {
        self.with(|answers| answers.rating_away = false);
    }

    pub fn rating_has(&self, rating: GetRatingResponse) {
        self.with(|answers| answers.rating = Some(rating));
    }

    fn with<T>(&self, act: impl FnOnce(&mut Answers) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[tonic::async_trait]
impl TopicCatalog for Neighbours {
    async fn get_topic(
        &self,
        request: tonic::Request<GetTopicRequest>,
    ) -> Result<Response<GetTopicResponse>, Status> {
        let (topic, away) = self.with(|answers| (answers.topic, answers.topics_away));
        if away {
            return Err(Status::unavailable("away"));
        }
        let wanted = request.into_inner().topic_id;
        if wanted != topic.to_string() {
            return Err(Status::not_found("not offered"));
        }
        Ok(Response::new(GetTopicResponse {
            topic_id: wanted,
            title: "Ordering coffee".into(),
            level: "A2".into(),
            kind: "everyday".into(),
            situation: "You stand at the counter of a small café.".into(),
            phrases: vec!["I'd like …".into(), "Could I have …?".into()],
            minutes: 5,
            version: 1,
            lesson_json: r#"{"v":1}"#.into(),
        }))
    }
}

#[tonic::async_trait]
impl Ratings for Neighbours {
    async fn get_rating(
        &self,
        _: tonic::Request<GetRatingRequest>,
    ) -> Result<Response<GetRatingResponse>, Status> {
        let (rating, away) = self.with(|answers| (answers.rating.clone(), answers.rating_away));
        if away {
            return Err(Status::unavailable("away"));
        }
        rating.map(Response::new).ok_or_else(|| Status::not_found("none yet"))
    }
}

/// A finished rating of the given revision.
pub fn rating(revision: u32) -> GetRatingResponse {
    GetRatingResponse {
        revision,
        provider: "local".into(),
        rubric_version: "1".into(),
        rated_at_ms: 1_700_000_000_000,
        findings: vec![wire::rating::v1::Finding {
            subject: "learner".into(),
            metric: "speaking_time".into(),
            value: Some(12.5),
            unit: "s".into(),
            definition: "How long you spoke".into(),
            source: "audio".into(),
            evidence: vec![wire::rating::v1::Evidence { start_ms: 0, end_ms: 900 }],
            not_measured: None,
        }],
    }
}

impl TestApp {
    pub async fn start() -> Self {
        let database =
            Database::with(&[&MIGRATOR, &outbox::MIGRATOR, &inbox::MIGRATOR, &jobs::MIGRATOR]).await;
        let lifecycle = Lifecycle::new();
        let topic: TopicId = Ids.mint();
        let neighbours = Neighbours(Arc::new(Mutex::new(Answers {
            topic,
            topics_away: false,
            rating: None,
            rating_away: false,
        })));
        let endpoint = serve(&neighbours, &lifecycle).await;
        let learners = Learners::new(Clock::System);
        let config = http_server::Config::read(&Environment::of_values("sessions", []), "127.0.0.1:0")
            .expect("the defaults are right");
        let replica = || {
            let parts = Parts {
                pool: postgres::Config::of_url(&database.url()).pool().expect("the URL is right"),
                clock: Clock::System,
                verifier: learners.verifier(),
                topics: endpoint.clone(),
                ratings: endpoint.clone(),
                provider: Provider::Coach,
                abandoned_after: ABANDONED_AFTER,
            };
            App::new(parts, &lifecycle)
        };
        let replicas = [replica(), replica()];
        let routes = [replicas[0].routes(&config, None), replicas[1].routes(&config, None)];
        Self { lifecycle, learners, topic, neighbours, replicas, routes, database }
    }

    pub fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    /// Both replicas announce, listen and work over this broker.
    pub fn works_over(&self, bus: &Bus) {
        for replica in &self.replicas {
            replica.work(bus, &self.lifecycle);
        }
    }

    /// Both replicas do their slow work.
    pub fn does_its_jobs(&self) {
        for replica in &self.replicas {
            jobs::run(
                &replica.sessions.jobs,
                &replica.sessions.pool,
                &self.lifecycle,
                1,
                &replica.fetch_rating,
            );
        }
    }

    pub fn learner(&self) -> Learner<'_> {
        let id = self.learners.someone();
        Learner { app: self, id, cookie: self.learners.cookie(id) }
    }

    /// Sends a request to one of the replicas as it is.
    pub async fn sends(&self, replica: usize, request: Request<Body>) -> Answer {
        let response = self.routes[replica].clone().oneshot(request).await.expect("a router always answers");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("the body is whole").to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Sends a request whose answer goes on and on.
    pub async fn opens(&self, replica: usize, request: Request<Body>) -> Lines {
        let response = self.routes[replica].clone().oneshot(request).await.expect("a router always answers");
        assert_eq!(response.status(), StatusCode::OK);
        Lines { body: response.into_body(), text: String::new() }
    }

    /// Delivers an event to one of the replicas, as the broker would.
    pub async fn hears<E: Event>(
        &self,
        replica: usize,
        consumer: Consumer,
        id: EventId,
        event: E,
    ) -> Result<Heard, Refusal>
    where
        Ear: Hears<E>,
    {
        let sessions = &self.replicas[replica].sessions;
        inbox::deliver(&sessions.pool, consumer, id, event, &Ear(sessions.clone())).await
    }

    /// Everything that is written in the database, as text.
    pub async fn everything_written(&self) -> String {
        let mut written = String::new();
        let tables: Vec<String> = sqlx::query_scalar(
            "select table_name::text from information_schema.tables where table_schema = 'public'",
        )
        .fetch_all(self.pool())
        .await
        .expect("the tables are listed");
        for table in tables {
            let statement = sqlx::AssertSqlSafe(format!("select kept::text from {table} kept"));
            let rows: Vec<String> =
                sqlx::query_scalar(statement).fetch_all(self.pool()).await.expect("the table is read");
            for row in rows {
                writeln!(written, "{table}: {row}").expect("memory can be written");
            }
        }
        written
    }

    /// As if nothing had been heard of the session for long enough, after its learner was there for `present`.
    #[expect(clippy::disallowed_methods, reason = "the test moves time")]
    pub async fn nobody_comes_back(&self, session: SessionId, present: Duration) {
        sqlx::query(
            "update session
             set seen_at = now() - make_interval(secs => $2),
                 started_at = now() - make_interval(secs => $2) - make_interval(secs => $3)
             where session_id = $1 and finalized_at is null",
        )
        .bind(session.as_uuid())
        .bind(ABANDONED_AFTER.as_secs_f64())
        .bind(present.as_secs_f64())
        .execute(self.pool())
        .await
        .expect("the row can be written");
    }

    /// One of the replicas looks for abandoned sessions; says how many it sealed.
    pub async fn looks_for_abandoned(&self, replica: usize) -> usize {
        self.replicas[replica].sessions.interrupt_abandoned().await.expect("the database answers")
    }

    pub async fn is_open(&self, session: SessionId) -> bool {
        let open = "select exists (select from session where session_id = $1 and finalized_at is null)";
        sqlx::query_scalar(open)
            .bind(session.as_uuid())
            .fetch_one(self.pool())
            .await
            .expect("the row is looked for")
    }

    /// Whose absence a session waits for, and who does something in the database meanwhile.
    pub async fn what_holds(&self, session: SessionId) -> String {
        let seen =
            "select now() - seen_at || ' since its learner was seen' from session where session_id = $1";
        let busy = "select state || ' for ' || (clock_timestamp() - state_change) || ': ' || query from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'";
        let seen = sqlx::query_scalar::<_, String>(seen).bind(session.as_uuid()).fetch_all(self.pool());
        let busy = sqlx::query_scalar::<_, String>(busy).fetch_all(self.pool());
        let (seen, busy) = (seen.await.expect("the row is looked for"), busy.await.expect("Postgres tells"));
        [seen, busy].concat().join("; ")
    }

    pub async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(self.pool()).await.expect("the rows are counted")
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.lifecycle.stop();
    }
}

async fn serve(neighbours: &Neighbours, lifecycle: &Lifecycle) -> Endpoint {
    let address: SocketAddr = ([127, 0, 0, 1], 0).into();
    let listener = TcpListener::bind(address).await.expect("a free port");
    let address = listener.local_addr().expect("its number");
    let (topics, ratings) = (neighbours.clone(), neighbours.clone());
    let stopping = lifecycle.clone();
    lifecycle.spawn(async move {
        Server::builder()
            .add_service(TopicCatalogServer::new(topics))
            .add_service(RatingsServer::new(ratings))
            .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stopping.stopping())
            .await
            .expect("the neighbours serve");
    });
    Endpoint::from_shared(format!("http://{address}")).expect("a URL")
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    #[track_caller]
    pub fn is_refused(&self, status: u16, slug: &str) -> Value {
        let problem = self.is(status);
        assert_eq!(problem["type"], format!("/problems/{slug}"));
        assert_eq!(self.headers["content-type"], "application/problem+json");
        problem
    }
}

/// An answer that goes on and on.
pub struct Lines {
    body: Body,
    text: String,
}

impl Lines {
    /// Reads until the text says what was waited for, and takes everything up to its end away.
    pub async fn until(&mut self, wanted: &str) {
        let reading = async {
            loop {
                if let Some(at) = self.text.find(wanted) {
                    self.text.drain(..at + wanted.len());
                    return;
                }
                let frame = self.body.frame().await.unwrap_or_else(|| panic!("it ended before {wanted}"));
                let data = frame.expect("the connection lives").into_data().expect("a frame of data");
                self.text.push_str(&String::from_utf8_lossy(&data));
            }
        };
        tokio::time::timeout(Duration::from_secs(20), reading)
            .await
            .unwrap_or_else(|_| panic!("never seen: {wanted}"));
    }

    pub async fn end(mut self) {
        let reading = async { while self.body.frame().await.is_some() {} };
        tokio::time::timeout(Duration::from_secs(20), reading).await.expect("it ends");
    }
}

/// Somebody at a browser.
pub struct Learner<'a> {
    pub app: &'a TestApp,
    pub id: LearnerId,
    pub cookie: String,
}

impl Learner<'_> {
    pub fn request(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<Value>,
    ) -> Request<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", &self.cookie)
            .header("origin", ORIGIN)
            .header("sec-fetch-site", "same-origin");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(Body::from(body.to_string()))
                .expect("a request"),
            None => request.body(Body::empty()).expect("a request"),
        }
    }

    pub async fn starts_under(&self, replica: usize, key: &str) -> Answer {
        let wanted = json!({"topic_id": self.app.topic, "recording_policy": "keep"});
        self.app.sends(replica, self.request(Method::POST, "/api/sessions", Some(key), Some(wanted))).await
    }

    /// Starts a session and answers with its id.
    pub async fn starts(&self) -> SessionId {
        let key = Ids.mint::<EventId>().to_string();
        let session = self.starts_under(0, &key).await.is(201);
        session["id"].as_str().expect("an id").parse().expect("an id")
    }

    /// Starts a session that goes on with another one.
    pub async fn continues_under(&self, key: &str, session: SessionId) -> Answer {
        let wanted =
            json!({"topic_id": self.app.topic, "recording_policy": "keep", "continues": session.to_string()});
        self.app.sends(1, self.request(Method::POST, "/api/sessions", Some(key), Some(wanted))).await
    }

    pub async fn beats(&self, replica: usize, session: SessionId) -> Answer {
        let path = format!("/api/sessions/{session}/heartbeat");
        self.app.sends(replica, self.request(Method::POST, &path, None, None)).await
    }

    pub async fn finds_it(&self, replica: usize, session: SessionId, body: Value) -> Answer {
        let path = format!("/api/sessions/{session}/feedback");
        self.app.sends(replica, self.request(Method::PUT, &path, None, Some(body))).await
    }

    pub async fn saves_with_calls(
        &self,
        session: SessionId,
        revision: u32,
        turns: Value,
        calls: Value,
    ) -> Answer {
        let words = json!({"revision": revision, "turns": turns, "calls": calls});
        let path = format!("/api/sessions/{session}/transcript");
        self.app.sends(0, self.request(Method::PUT, &path, None, Some(words))).await
    }

    pub async fn saves(&self, session: SessionId, revision: u32, turns: Value) -> Answer {
        let words = json!({"revision": revision, "turns": turns});
        let path = format!("/api/sessions/{session}/transcript");
        self.app.sends(1, self.request(Method::PUT, &path, None, Some(words))).await
    }

    pub async fn finalizes_under(
        &self,
        replica: usize,
        session: SessionId,
        key: &str,
        ending: Value,
    ) -> Answer {
        let path = format!("/api/sessions/{session}/finalize");
        self.app.sends(replica, self.request(Method::POST, &path, Some(key), Some(ending))).await
    }

    pub async fn finalizes(&self, session: SessionId) -> Answer {
        self.finalizes_under(1, session, &Ids.mint::<EventId>().to_string(), ending()).await
    }

    pub async fn rates_again_under(&self, session: SessionId, key: &str) -> Answer {
        let path = format!("/api/sessions/{session}/rating");
        self.app.sends(0, self.request(Method::POST, &path, Some(key), None)).await
    }

    pub async fn looks_at(&self, session: SessionId) -> Answer {
        self.gets(&format!("/api/sessions/{session}")).await
    }

    pub async fn gets(&self, path: &str) -> Answer {
        self.app.sends(0, self.request(Method::GET, path, None, None)).await
    }

    pub async fn deletes(&self, session: SessionId) -> Answer {
        let path = format!("/api/sessions/{session}");
        self.app.sends(1, self.request(Method::DELETE, &path, None, None)).await
    }

    pub async fn watches(&self, replica: usize, session: SessionId) -> Lines {
        let path = format!("/api/sessions/{session}/events");
        self.app.opens(replica, self.request(Method::GET, &path, None, None)).await
    }
}

pub fn turn(item_id: &str, speaker: &str, start_ms: i64, end_ms: i64, text: &str) -> Value {
    json!({
        "item_id": item_id, "speaker": speaker, "start_ms": start_ms, "end_ms": end_ms,
        "text": text, "state": "complete", "call": 0,
    })
}

pub fn call(number: u32, start_ms: i64, end_ms: Option<i64>) -> Value {
    json!({"number": number, "start_ms": start_ms, "end_ms": end_ms})
}

/// A short conversation that is over.
pub fn ending() -> Value {
    json!({
        "turns": [
            turn("one", "coach", 0, 1200, "What would you like?"),
            turn("two", "learner", 1500, 3000, "A flat white, please."),
        ],
        "duration_ms": 4000,
        "end_reason": "learner",
    })
}
