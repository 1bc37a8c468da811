//! The service under test, and browsers that ask it.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
};
use clock::Clock;
use environment::Environment;
use events::TopicChanged;
use http_body_util::BodyExt as _;
use http_server::Readiness;
use outbox::Outbox;
use serde_json::Value;
use test_kit::Database;
use topics::{MIGRATOR, Topics, fixture};
use tower::ServiceExt as _;

/// Topics over a database of its own.
pub struct TestApp {
    database: Database,
    pub topics: Topics,
    routes: Router,
}

impl TestApp {
    /// With nothing to offer.
    pub async fn empty() -> Self {
        let database = Database::with(&[&MIGRATOR, &outbox::MIGRATOR]).await;
        let topics = Topics::new(database.pool().clone(), Outbox::default(), Clock::System);
        let http = http_server::Config::read(&Environment::of_values("topics", []), "127.0.0.1:0").unwrap();
        let routes = http_server::wrap(
            topics::http::routes(topics.clone()),
            &http,
            Readiness::when(async || true),
            None,
        );
        Self { database, topics, routes }
    }

    /// With the catalogue that comes with the service.
    pub async fn seeded() -> Self {
        let app = Self::empty().await;
        app.topics.seed(&fixture::topics().unwrap()).await.unwrap();
        app
    }

    pub async fn changes(&self) -> Vec<TopicChanged> {
        test_kit::announced(self.database.pool()).await
    }

    /// Every topic as it is stored, in one text.
    pub async fn everything_stored(&self) -> String {
        #[expect(clippy::disallowed_methods, reason = "looks at a table whatever its columns are")]
        let rows: Vec<(String,)> =
            sqlx::query_as("select row_to_json(t)::text from topic t order by topic_id")
                .fetch_all(self.database.pool())
                .await
                .unwrap();
        rows.into_iter().map(|(row,)| row).collect()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[]).await
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.routes.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    #[track_caller]
    pub fn refused_with(self, status: u16, slug: &str) -> Self {
        let answer = self.is(status);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.json()["type"], format!("/problems/{slug}"));
        answer
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The titles of a page.
    pub fn titles(&self) -> Vec<String> {
        let page = self.json();
        let topics = page["topics"].as_array().unwrap().iter();
        topics.map(|topic| topic["title"].as_str().unwrap().to_owned()).collect()
    }
}
