use crate::support::{PASSWORD, TestApp};
use serde_json::json;
use std::time::Duration;

const WRONG: &str = "corkvine under steel";

#[tokio::test]
async fn signing_in_sets_two_cookies_that_no_script_can_read() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser.registers("maya@example.org").await.is(202);
    let answer = browser.signs_in(" MAYA@example.org ", PASSWORD).await.is(200);
    let user = answer.json();
    assert_eq!(user["roles"], json!([]));
    assert!(user["created_at"].as_str().unwrap().ends_with('Z'));
    let [login, access] = &answer.set_cookies()[..] else { panic!("two cookies") };
    assert!(login.starts_with("vv_login=") && login.contains("Path=/api/auth;"), "{login}");
    assert!(access.starts_with("vv_access=") && access.contains("Path=/;"), "{access}");
    assert!(login.contains("Max-Age=43200") && access.contains("Max-Age=600"));
    for line in [login, access] {
        assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict") && !line.contains("Secure"));
    }
    browser.asks_who_it_is().await.is(200);
}

#[tokio::test]
async fn over_https_the_cookies_are_bound_to_it() {
    let app = TestApp::on("https://vivavoce.example").await;
    let mut browser = app.signed_in("maya@example.org").await;
    let names: Vec<_> = browser.cookies.keys().cloned().collect();
    assert_eq!(names, ["__Host-vv_access", "__Secure-vv_login"]);
    let answer = browser.signs_in("maya@example.org", PASSWORD).await.is(200);
    assert!(answer.set_cookies().iter().all(|line| line.contains("; Secure") && !line.contains("Domain")));
    browser.asks_who_it_is().await.is(200);
    browser.refreshes().await.is(200);
    browser.signs_out().await.is(204);
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser.registers("maya@example.org").await.is(202);
    let mut answers = Vec::new();
    for email in ["maya@example.org", "nobody@example.org", "not an address"] {
        let answer = browser.signs_in(email, WRONG).await.refused_with(401, "invalid-credentials");
        assert!(answer.set_cookies().is_empty());
        let mut body = answer.json();
        body.as_object_mut().unwrap().remove("instance");
        answers.push(body);
    }
    assert!(answers.iter().all(|body| *body == answers[0]));
}

#[tokio::test]
async fn after_ten_failures_on_an_account_every_replica_asks_to_wait() {
    let app = TestApp::start().await;
    let (mut here, mut there) = (app.browser(), app.browser_elsewhere());
    here.registers("maya@example.org").await.is(202);
    for attempt in 0..10 {
        let browser = if attempt % 2 == 0 { &mut here } else { &mut there };
        browser.signs_in("maya@example.org", WRONG).await.refused_with(401, "invalid-credentials");
    }
    app.time_passes(Duration::from_mins(5));
    for browser in [&mut here, &mut there] {
        let answer = browser.signs_in("Maya@example.org", PASSWORD).await.refused_with(429, "quota-exceeded");
        assert_eq!(answer.header("retry-after"), "600");
        assert_eq!(answer.header("ratelimit"), r#""sign-in";r=0;t=600"#);
        assert_eq!(answer.header("ratelimit-policy"), r#""sign-in";q=10;w=900"#);
    }
    here.signs_in("someone.else@example.org", WRONG).await.refused_with(401, "invalid-credentials");
    app.time_passes(Duration::from_mins(10));
    there.signs_in("maya@example.org", PASSWORD).await.is(200);
}

#[tokio::test]
async fn a_clock_that_is_set_back_shuts_nobody_out_for_longer() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser.registers("maya@example.org").await.is(202);
    for _ in 0..10 {
        browser.signs_in("maya@example.org", WRONG).await.refused_with(401, "invalid-credentials");
    }
    browser.signs_in("maya@example.org", PASSWORD).await.refused_with(429, "quota-exceeded");
    app.clock_goes_back(Duration::from_hours(1));
    browser.signs_in("maya@example.org", PASSWORD).await.is(200);
}

#[tokio::test]
async fn many_guesses_at_once_do_not_slip_under_the_limit() {
    let app = TestApp::start().await;
    app.browser().registers("maya@example.org").await.is(202);
    let mut guesses = tokio::task::JoinSet::new();
    for _ in 0..25 {
        let mut browser = app.browser();
        guesses.spawn(async move { browser.signs_in("maya@example.org", WRONG).await.status.as_u16() });
    }
    let statuses = guesses.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 10);
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 15);
}

#[tokio::test]
async fn one_address_cannot_try_every_account() {
    let app = TestApp::start().await;
    let mut attacker = app.browser().at("192.0.2.7");
    for account in 0..50 {
        let email = format!("learner{account}@example.org");
        attacker.signs_in(&email, WRONG).await.refused_with(401, "invalid-credentials");
    }
    attacker.signs_in("maya@example.org", WRONG).await.refused_with(429, "quota-exceeded");
    let mut elsewhere = app.browser().at("192.0.2.8");
    elsewhere.signs_in("maya@example.org", WRONG).await.refused_with(401, "invalid-credentials");
}

#[tokio::test]
async fn signing_in_forgives_the_mistakes_before() {
    let app = TestApp::start().await;
    let mut browser = app.browser().at("192.0.2.7");
    browser.registers("maya@example.org").await.is(202);
    for _ in 0..3 {
        for _ in 0..9 {
            browser.signs_in("maya@example.org", WRONG).await.is(401);
        }
        browser.signs_in("maya@example.org", PASSWORD).await.is(200);
    }
}

#[tokio::test]
async fn a_learner_may_be_signed_in_on_two_browsers() {
    let app = TestApp::start().await;
    let mut laptop = app.signed_in("maya@example.org").await;
    let mut phone = app.browser_elsewhere();
    phone.signs_in("maya@example.org", PASSWORD).await.is(200);
    laptop.signs_out().await.is(204);
    phone.refreshes().await.is(200);
    phone.asks_who_it_is().await.is(200);
}

#[tokio::test]
async fn wrong_values_fail_validation_before_anything_is_counted() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for given in [
        json!({"email": "maya@example.org"}),
        json!({"email": "maya@example.org", "password": 7}),
        json!({"email": "maya@example.org", "password": "a\u{0}"}),
        json!({"email": "maya@example.org", "password": "a", "remember": true}),
    ] {
        browser.posts("/api/auth/sign-in", &given).await.refused_with(422, "validation-failed");
    }
    assert_eq!(app.everything_stored().await, "");
}
