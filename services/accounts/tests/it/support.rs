//! The service under test, and browsers that talk to it.

use accounts::{
    Accounts, MIGRATOR,
    http::{Cookies, Faces},
    password_hashes::PasswordHashes,
    signing_keys::SigningKeys,
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use clock::{Clock, Timestamp};
use environment::Environment;
use events::LoginRevoked;
use http_body_util::BodyExt as _;
use http_server::Readiness;
use outbox::Outbox;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::atomic::Ordering, time::Duration};
use test_kit::{Database, SIGNING_KEY};
use tower::ServiceExt as _;

/// Accounts over a database of its own.
pub struct TestApp {
    database: Database,
    clock: Clock,
    origin: &'static str,
    routes: Router,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::on("http://127.0.0.1:8080").await
    }

    pub async fn on(origin: &'static str) -> Self {
        let database = Database::with(&[&MIGRATOR, &outbox::MIGRATOR]).await;
        let clock = Clock::manual(Timestamp::UNIX_EPOCH + Duration::from_hours(500_000));
        let routes = replica(&database, &clock, origin);
        Self { database, clock, origin, routes }
    }

    /// A browser that talks to this replica.
    pub fn browser(&self) -> Browser {
        self.browser_on(self.routes.clone())
    }

    /// A browser that talks to another replica over the same database.
    pub fn browser_elsewhere(&self) -> Browser {
        self.browser_on(replica(&self.database, &self.clock, self.origin))
    }

    fn browser_on(&self, routes: Router) -> Browser {
        Browser { routes, origin: self.origin, address: None, cookies: BTreeMap::new() }
    }

    /// A browser on which a learner has registered and signed in.
    pub async fn signed_in(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        browser.registers(email).await.is(202);
        browser.signs_in(email, PASSWORD).await.is(200);
        browser
    }

    pub fn time_passes(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// The machine's clock was wrong, and somebody sets it right.
    pub fn clock_goes_back(&self, by: Duration) {
        let Clock::Manual(at) = &self.clock else { panic!("a machine's clock is not ours to move") };
        at.fetch_sub(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub async fn revocations(&self) -> Vec<LoginRevoked> {
        test_kit::announced(self.database.pool()).await
    }

    pub fn accounts(&self) -> Accounts {
        service(&self.database, &self.clock)
    }

    /// Every row of every table, as text.
    pub async fn everything_stored(&self) -> String {
        let mut text = String::new();
        for table in ["account", "login", "sign_in_failure", "outbox"] {
            #[expect(clippy::disallowed_methods, reason = "looks at tables whatever their columns are")]
            let rows: Vec<(String,)> =
                sqlx::query_as(sqlx::AssertSqlSafe(format!("select row_to_json(t)::text from {table} t")))
                    .fetch_all(self.database.pool())
                    .await
                    .unwrap();
            text.extend(rows.into_iter().map(|(row,)| row));
        }
        text
    }
}

/// A password nobody guesses.
pub const PASSWORD: &str = "corkvine under glass";

fn service(database: &Database, clock: &Clock) -> Accounts {
    Accounts::new(
        database.pool().clone(),
        Outbox::default(),
        clock.clone(),
        SigningKeys::read(&SIGNING_KEY.into()).unwrap(),
        PasswordHashes::new().unwrap(),
    )
}

fn replica(database: &Database, clock: &Clock, origin: &str) -> Router {
    let env = Environment::of_values("accounts", [("PUBLIC_ORIGIN".to_owned(), origin.to_owned())]);
    let http = http_server::Config::read(&env, "127.0.0.1:0").unwrap();
    let accounts = service(database, clock);
    let keys = SigningKeys::read(&SIGNING_KEY.into()).unwrap();
    let verifier = accounts::verifier(&caller::Config::read(&env).unwrap(), &keys, clock.clone());
    let faces = Faces { accounts, verifier, cookies: Cookies::for_origin(&http.origin) };
    http_server::wrap(accounts::http::routes(faces), &http, Readiness::when(async || true), None)
}

/// A browser with its cookies.
#[derive(Clone)]
pub struct Browser {
    routes: Router,
    origin: &'static str,
    address: Option<&'static str>,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn at(self, address: &'static str) -> Self {
        Self { address: Some(address), ..self }
    }

    pub async fn registers(&mut self, email: &str) -> Answer {
        let given = json!({"email": email, "password": PASSWORD, "display_name": "Maya"});
        self.posts("/api/auth/register", &given).await
    }

    pub async fn signs_in(&mut self, email: &str, password: &str) -> Answer {
        self.posts("/api/auth/sign-in", &json!({"email": email, "password": password})).await
    }

    pub async fn refreshes(&mut self) -> Answer {
        self.sends(Method::POST, "/api/auth/refresh", Body::empty(), &[]).await
    }

    pub async fn signs_out(&mut self) -> Answer {
        self.sends(Method::POST, "/api/auth/sign-out", Body::empty(), &[]).await
    }

    pub async fn asks_who_it_is(&mut self) -> Answer {
        self.sends(Method::GET, "/api/users/me", Body::empty(), &[]).await
    }

    pub async fn posts(&mut self, path: &str, body: &Value) -> Answer {
        self.posts_text(path, &body.to_string()).await
    }

    pub async fn posts_text(&mut self, path: &str, body: &str) -> Answer {
        let json = [("content-type", "application/json")];
        self.sends(Method::POST, path, Body::from(body.to_owned()), &json).await
    }

    /// Sends a request as a page of our own would, and keeps the cookies of the answer.
    pub async fn sends(
        &mut self,
        method: Method,
        path: &str,
        body: Body,
        headers: &[(&str, &str)],
    ) -> Answer {
        let from_own_page = [("sec-fetch-site", "same-origin"), ("origin", self.origin)];
        let all: Vec<_> = headers.iter().chain(&from_own_page).copied().collect();
        self.sends_bare(method, path, body, &all).await
    }

    /// Sends exactly these headers, the cookies and the address the edge saw.
    pub async fn sends_bare(
        &mut self,
        method: Method,
        path: &str,
        body: Body,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(address) = self.address {
            request = request.header("x-real-ip", address);
        }
        if !self.cookies.is_empty() {
            let line: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        let response = self.routes.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        };
        self.keep(&answer);
        answer
    }

    fn keep(&mut self, answer: &Answer) {
        for line in answer.set_cookies() {
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
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
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json()["type"], format!("/problems/{slug}"));
        answer
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no header {name}")).to_str().unwrap()
    }

    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap()).collect()
    }
}
