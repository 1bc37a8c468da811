//! The vocabulary of these tests.

mod provider;
mod registry;

pub use provider::{ANSWER, Behaviour, FakeProvider, call_name};
pub use registry::FakeSessions;

use clock::Clock;
use environment::Environment;
use ids::{EventId, Ids, LearnerId, LoginId, SessionId};
use lifecycle::Lifecycle;
use reqwest::{Response, header::HeaderMap};
use secrets::{Config, app, secrets::Secrets};
use serde_json::{Value, json};
use std::{net::Ipv4Addr, sync::Arc};
use test_kit::{Database, Learners, eventually};
use tokio::net::TcpListener;

/// The key that mints at the provider.
pub const KEY: &str = "sk-provider-key-canary";
/// The page that learners use.
pub const ORIGIN: &str = "http://127.0.0.1:8080";

/// One or more replicas of the service with everything they need.
pub struct TestApp {
    pub database: Database,
    pub sessions: FakeSessions,
    pub provider: FakeProvider,
    pub clock: Clock,
    pub lifecycle: Lifecycle,
    pub replicas: Vec<Replica>,
    learners: Learners,
}

/// One process of the service.
pub struct Replica {
    pub secrets: Arc<Secrets>,
    pub url: String,
}

/// A signed-in learner.
pub struct Someone {
    pub id: LearnerId,
    pub login: LoginId,
    pub cookie: String,
}

/// Both ways in which browser and provider come together.
pub const EXCHANGES: [&str; 2] = ["relay", "direct"];
/// What a browser offers. Its last line end belongs to it.
pub const OFFER: &str = "v=0\r\no=- 46 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
                         a=ice-pwd:offer-canary\r\n";

/// What a browser got.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(1, &[], |_| {}).await
    }

    /// Where browser and provider come together in this way.
    pub async fn of(exchange: &str) -> Self {
        Self::with(1, &[("REALTIME_EXCHANGE", exchange)], |_| {}).await
    }

    /// So many replicas, with settings of their own.
    pub async fn with(
        replicas: usize,
        settings: &[(&str, &str)],
        adjust: impl Fn(&mut Config) + Send,
    ) -> Self {
        let database =
            Database::with(&[&secrets::MIGRATOR, &outbox::MIGRATOR, &inbox::MIGRATOR, &jobs::MIGRATOR]).await;
        let lifecycle = Lifecycle::new();
        let sessions = FakeSessions::start(&lifecycle).await;
        let provider = FakeProvider::start(&lifecycle).await;
        // Noon, so that no test meets midnight by chance.
        let now = Clock::System.now().replace_time(time::Time::MIDNIGHT) + time::Duration::hours(12);
        let clock = Clock::manual(now);
        let learners = Learners::new(clock.clone());

        let mut values = vec![
            ("SECRETS_DATABASE_URL", database.url()),
            ("NATS_URL", "nats://127.0.0.1:1".to_owned()),
            ("SESSIONS_GRPC_URL", sessions.url.clone()),
            ("REALTIME_BASE_URL", provider.url.clone()),
            ("COACH_KEY", KEY.to_owned()),
            ("OPENAI_API_KEY", KEY.to_owned()),
        ];
        values.extend(settings.iter().map(|&(key, value)| (key, value.to_owned())));
        let env =
            Environment::of_values("secrets", values.into_iter().map(|(key, value)| (key.to_owned(), value)));
        let mut config = Config::read(&env).expect("the settings are right");
        adjust(&mut config);

        let mut running = Vec::new();
        for _ in 0..replicas {
            let pool = database.pool().clone();
            let assembled = app::assemble(&config, pool.clone(), clock.clone(), &lifecycle);
            let secrets = Arc::new(assembled.expect("the parts fit"));
            jobs::run(&secrets.jobs, &pool, &lifecycle, 1, &secrets);
            let router = app::router(&config, secrets.clone(), learners.verifier(), None);
            running.push(Replica { secrets, url: serve(&lifecycle, router).await });
        }
        Self { database, sessions, provider, clock, lifecycle, replicas: running, learners }
    }

    pub fn someone(&self) -> Someone {
        self.signed_in(self.learners.someone(), Ids.mint())
    }

    /// The same learner on another browser, or after a token has run out.
    pub fn signed_in_again(&self, learner: &Someone) -> Someone {
        self.signed_in(learner.id, Ids.mint())
    }

    fn signed_in(&self, id: LearnerId, login: LoginId) -> Someone {
        Someone { id, login, cookie: self.learners.cookie_of(id, login) }
    }

    /// A learner with an open session.
    pub fn someone_practising(&self) -> (Someone, SessionId) {
        let learner = self.someone();
        let session = self.sessions.start_one(learner.id, self.clock.now());
        (learner, session)
    }

    /// Asks the first replica for a secret.
    pub async fn mint(&self, learner: &Someone, session: SessionId) -> Answer {
        self.replicas[0].mint(learner, session).await
    }

    /// Opens a call, up to where the provider is asked: at the mint, or with an offer.
    pub async fn attempt(&self, learner: &Someone, session: SessionId) -> Answer {
        self.replicas[0].attempt(learner, session).await
    }

    /// A learner whose call goes on, and how the provider knows it.
    pub async fn someone_calling(&self) -> (Someone, SessionId, String) {
        let (learner, session) = self.someone_practising();
        self.attempt(&learner, session).await.opened();
        let call = call_name(self.provider.asked().len());
        (learner, session, call)
    }

    /// Waits until these calls are hung up, and no others were.
    pub async fn hung_up(&self, calls: &[&str]) {
        eventually("the provider hangs up", async || {
            let over = self.count("select count(*) from call where hung_up_at is null").await;
            (self.provider.hung_up().len() >= calls.len() && over == 0).then_some(())
        })
        .await;
        assert_eq!(self.provider.hung_up(), calls);
    }

    /// The rows of a query, as numbers.
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(self.database.pool()).await.expect("the query runs")
    }

    /// Delivers an event as the broker would.
    pub async fn hear<E: ::events::Event>(
        &self,
        consumer: ::events::catalogue::Consumer,
        event: E,
    ) -> inbox::Heard
    where
        Secrets: inbox::Hears<E>,
    {
        let id: EventId = Ids.mint();
        inbox::deliver(self.database.pool(), consumer, id, event, &*self.replicas[0].secrets)
            .await
            .expect("the event can be handled")
    }
}

impl Replica {
    pub async fn attempt(&self, learner: &Someone, session: SessionId) -> Answer {
        let minted = self.mint(learner, session).await;
        if minted.body["exchange"] == "relay" { self.call(learner, minted.secret()).await } else { minted }
    }

    pub async fn call(&self, learner: &Someone, secret: &str) -> Answer {
        Answer::of(self.dial(learner, secret).body(OFFER).send().await.expect("an answer")).await
    }

    /// A call as our own page makes it, without a body.
    pub fn dial(&self, learner: &Someone, secret: &str) -> reqwest::RequestBuilder {
        reqwest::Client::new()
            .post(format!("{}/api/realtime/calls", self.url))
            .header("content-type", "application/sdp")
            .header("origin", ORIGIN)
            .header("cookie", &learner.cookie)
            .bearer_auth(secret)
    }

    pub async fn mint(&self, learner: &Someone, session: SessionId) -> Answer {
        let body = json!({"session_id": session}).to_string();
        Answer::of(self.ask().header("cookie", &learner.cookie).body(body).send().await.expect("an answer"))
            .await
    }

    pub async fn minutes(&self, learner: &Someone) -> Answer {
        let asked = reqwest::Client::new().get(format!("{}/api/realtime/minutes", self.url));
        Answer::of(asked.header("cookie", &learner.cookie).send().await.expect("an answer")).await
    }

    /// A request as our own page sends it, without a cookie and a body.
    pub fn ask(&self) -> reqwest::RequestBuilder {
        reqwest::Client::new()
            .post(format!("{}/api/realtime/session", self.url))
            .header("content-type", "application/json")
            .header("origin", ORIGIN)
    }
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the whole answer");
        Self { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header is text"))
    }

    pub fn retry_after(&self) -> u64 {
        self.header("retry-after").parse().expect("it says when to come back")
    }

    /// A secret was given.
    #[track_caller]
    pub fn granted(self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.body
    }

    /// A call was opened, or may be.
    #[track_caller]
    pub fn opened(&self) {
        assert!(matches!(self.status, 200 | 201), "{self:?}");
    }

    #[track_caller]
    pub fn secret(&self) -> &str {
        self.body["client_secret"].as_str().expect("a secret was given")
    }

    /// A problem of this kind was given instead.
    #[track_caller]
    pub fn refused_with(&self, status: u16, slug: &str) {
        assert_eq!(
            (self.status, self.header("content-type")),
            (status, "application/problem+json"),
            "{self:?}"
        );
        assert_eq!(self.body["type"], format!("/problems/{slug}"), "{self:?}");
    }
}

/// Serves on a free port until the test is over.
pub async fn serve(lifecycle: &Lifecycle, router: axum::Router) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    lifecycle.spawn(async move { axum::serve(listener, router).await });
    url
}
