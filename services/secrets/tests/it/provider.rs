//! A provider that is slow, busy, broken or rude.

use crate::support::{Behaviour, EXCHANGES, KEY, TestApp};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_provider_that_hangs_is_answered_for() {
    for exchange in EXCHANGES {
        let app = TestApp::of(exchange).await;
        let (maya, session) = app.someone_practising();
        app.provider.behave(Behaviour::Hang);
        let asked = Instant::now();
        app.attempt(&maya, session).await.refused_with(504, "provider-timeout");
        // Five seconds, and as many again for a busy machine.
        assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    }
}

#[tokio::test]
async fn a_provider_that_fails_is_unavailable_and_one_that_refuses_needs_an_operator() {
    for exchange in EXCHANGES {
        for (status, expected) in [
            (500, (503, "provider-unavailable")),
            (503, (503, "provider-unavailable")),
            (400, (502, "provider-refused")),
            (401, (502, "provider-refused")),
            (403, (502, "provider-refused")),
            (404, (502, "provider-refused")),
        ] {
            let app = TestApp::of(exchange).await;
            let (maya, session) = app.someone_practising();
            app.provider.behave(Behaviour::status(status));
            app.attempt(&maya, session).await.refused_with(expected.0, expected.1);
            assert_eq!(app.provider.asked().len(), 1, "no attempt is repeated on a learner's behalf");
        }
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_unavailable() {
    for exchange in EXCHANGES {
        let app = TestApp::with(
            1,
            &[("REALTIME_EXCHANGE", exchange), ("REALTIME_BASE_URL", "http://127.0.0.1:1")],
            |_| {},
        )
        .await;
        let (maya, session) = app.someone_practising();
        app.attempt(&maya, session).await.refused_with(503, "provider-unavailable");
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_not_passed_on() {
    for exchange in EXCHANGES {
        for body in ["", "<html>busy</html>", "{}", r#"{"value":"","expires_at":1}"#, r#"{"value":"ek_1"}"#] {
            let app = TestApp::of(exchange).await;
            let (maya, session) = app.someone_practising();
            app.provider.behave(Behaviour::Say { status: 200, body });
            app.attempt(&maya, session).await.refused_with(503, "provider-unavailable");
            let kept = match exchange {
                "direct" => app.count("select count(*) from client_secret").await,
                _ => app.count("select count(*) from call").await,
            };
            assert_eq!(kept, 0);
        }
    }
}

#[tokio::test]
async fn an_answer_of_a_hundred_megabytes_is_dropped_early() {
    for exchange in EXCHANGES {
        let app = TestApp::of(exchange).await;
        let (maya, session) = app.someone_practising();
        app.provider.behave(Behaviour::Flood);
        app.attempt(&maya, session).await.refused_with(503, "provider-unavailable");
        // Buffers on the way take some megabytes before anybody notices.
        assert!((1..50).contains(&app.provider.megabytes()), "{}", app.provider.megabytes());
    }
}

#[tokio::test]
async fn the_key_is_never_sent_elsewhere() {
    for exchange in EXCHANGES {
        let app = TestApp::of(exchange).await;
        let (maya, session) = app.someone_practising();
        app.provider.behave(Behaviour::Redirect);
        app.attempt(&maya, session).await.refused_with(502, "provider-refused");
        assert_eq!(app.provider.asked().len(), 1);
        assert_eq!(app.provider.asked()[0].headers["authorization"], format!("Bearer {KEY}"));
    }
}

#[tokio::test]
async fn a_busy_provider_is_left_alone_as_long_as_it_said() {
    for exchange in EXCHANGES {
        let app = TestApp::of(exchange).await;
        let (maya, session) = app.someone_practising();
        let busy = Behaviour::Fail { status: 429, retry_after: Some("7"), body: String::new() };
        app.provider.behave(busy);
        let answer = app.attempt(&maya, session).await;
        answer.refused_with(503, "provider-busy");
        assert_eq!(answer.retry_after(), 7);

        app.provider.behave(Behaviour::Agree);
        app.clock.advance(Duration::from_secs(5));
        let answer = app.attempt(&maya, session).await;
        answer.refused_with(503, "provider-busy");
        assert_eq!(answer.retry_after(), 2);
        assert_eq!(app.provider.asked().len(), 1);

        app.clock.advance(Duration::from_secs(2));
        app.attempt(&maya, session).await.opened();
    }
}

#[tokio::test]
async fn after_five_failures_in_a_row_the_provider_is_left_alone_and_then_asked_again() {
    for exchange in EXCHANGES {
        let pause = Duration::from_millis(600);
        let app = TestApp::with(
            1,
            &[("REALTIME_EXCHANGE", exchange), ("SECRETS_FIRST_CALLS_PER_MINUTE", "1000")],
            |config| {
                config.provider.pause = pause;
            },
        )
        .await;
        let (maya, session) = app.someone_practising();
        app.provider.behave(Behaviour::status(500));
        for _ in 0..5 {
            app.attempt(&maya, session).await.refused_with(503, "provider-unavailable");
        }
        let answer = app.attempt(&maya, session).await;
        answer.refused_with(503, "provider-unavailable");
        assert!(answer.retry_after() >= 1);
        assert_eq!(app.provider.asked().len(), 5, "the sixth attempt was not made");

        app.provider.behave(Behaviour::Agree);
        test_kit::eventually("the provider is asked again", async || {
            matches!(app.attempt(&maya, session).await.status, 200 | 201).then_some(())
        })
        .await;
    }
}
