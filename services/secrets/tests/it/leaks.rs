//! Neither the provider's key nor a client secret is anywhere but where it belongs.

use crate::support::{Behaviour, EXCHANGES, KEY, TestApp};
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt::format::FmtSpan;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every row of every table, as text; what is binary is written out in hexadecimal digits.
async fn rows(app: &TestApp) -> String {
    let tables: Vec<String> =
        sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'")
            .fetch_all(app.database.pool())
            .await
            .unwrap();
    let mut all = String::new();
    for table in tables {
        let query = format!("select to_jsonb(row)::text from {table} as row");
        let rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(app.database.pool()).await.unwrap();
        all.push_str(&rows.join("\n"));
    }
    all
}

fn hex(text: &str) -> String {
    text.bytes()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|half| char::from_digit(half.into(), 16))
        .collect()
}

#[tokio::test]
async fn keys_and_secrets_are_in_no_log_line_and_no_row() {
    let log = Log::default();
    let written = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_writer(move || written.clone())
        .finish();
    // The runtime of this test has one thread, so this sees everything that runs in it.
    let _listening = tracing::subscriber::set_default(subscriber);

    // Empty would be found everywhere; the first exchange tried gives a real one.
    let mut shown = "vk_".repeat(9);
    for exchange in EXCHANGES {
        let settings = [("REALTIME_EXCHANGE", exchange), ("SECRETS_FIRST_CALLS_PER_MINUTE", "100")];
        let app = TestApp::with(1, &settings, |_| {}).await;
        let (maya, session) = app.someone_practising();
        let quoting =
            format!(r#"{{"error":{{"message":"Incorrect API key provided: {KEY}","code":"{KEY}"}}}}"#);
        for behaviour in [
            Behaviour::Fail { status: 401, retry_after: None, body: quoting.clone() },
            Behaviour::Fail { status: 500, retry_after: None, body: quoting.clone() },
            Behaviour::Fail { status: 429, retry_after: Some("1"), body: quoting },
            Behaviour::Say {
                status: 200,
                body: r#"{"value":"ek_client-secret-canary","expires_at":"soon"}"#,
            },
            Behaviour::Agree,
        ] {
            app.provider.behave(behaviour);
            app.clock.advance(std::time::Duration::from_secs(1));
            app.attempt(&maya, session).await;
        }
        let minted = app.mint(&maya, session).await;
        if exchange == "relay" {
            let called = app.replicas[0].call(&maya, minted.secret()).await;
            assert!(called.body.as_str().unwrap().contains("answer-canary"));
            app.replicas[0].call(&maya, minted.secret()).await.refused_with(401, "secret-refused");
            minted.secret().clone_into(&mut shown);
        } else {
            assert!(minted.secret().contains("client-secret-canary"));
        }
        let rows = rows(&app).await;
        assert!(rows.contains(&session.to_string()), "the rows are there");
        for canary in canaries(&shown) {
            assert!(!rows.contains(canary) && !rows.contains(&hex(canary)), "{canary} is in a row");
        }
    }
    tracing::info!(planted = "planted-canary", "So that the search is known to find what is there");

    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(
        log.contains("planted-canary")
            && log.contains("may open a call")
            && log.contains("has call")
            && log.contains("provider-refused")
    );
    let ours = log.lines().filter(|line| !is_about_the_test(line));
    for line in ours {
        for canary in canaries(&shown) {
            assert!(!line.contains(canary), "{line}");
        }
    }
}

/// What must be nowhere; `shown` is a secret of ours.
fn canaries(shown: &str) -> [&str; 5] {
    [KEY, "client-secret-canary", shown, "offer-canary", "answer-canary"]
}

/// The tiny provider and the browser of the test run in the same process and may say what they like.
fn is_about_the_test(line: &str) -> bool {
    line.contains("TRACE hyper") || line.contains("TRACE h2")
}
