use crate::support::{PASSWORD, TestApp};
use axum::{body::Body, http::Method};
use serde_json::{Value, json};

fn registration(change: impl FnOnce(&mut Value)) -> Value {
    let mut given = json!({"email": "maya@example.org", "password": PASSWORD, "display_name": "Maya"});
    change(&mut given);
    given
}

#[tokio::test]
async fn whoever_registers_can_sign_in() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let answer = browser.registers("Maya@Example.org").await.is(202);
    assert_eq!(answer.json(), json!({}));
    assert!(answer.set_cookies().is_empty());
    let user = browser.signs_in("maya@example.org", PASSWORD).await.is(200).json();
    assert_eq!(user["email"], "maya@example.org");
    assert_eq!(user["display_name"], "Maya");
}

#[tokio::test]
async fn registering_a_known_address_answers_the_same_and_changes_nothing() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let first = browser.registers("maya@example.org").await.is(202);
    let given = registration(|given| {
        given["email"] = "MAYA@example.org".into();
        given["password"] = "another corkvine".into();
        given["display_name"] = "Not Maya".into();
    });
    let second = browser.posts("/api/auth/register", &given).await.is(202);
    assert_eq!(first.body, second.body);
    browser.signs_in("maya@example.org", "another corkvine").await.refused_with(401, "invalid-credentials");
    let user = browser.signs_in("maya@example.org", PASSWORD).await.is(200).json();
    assert_eq!(user["display_name"], "Maya");
}

#[tokio::test]
async fn of_two_registrations_at_once_one_counts_and_both_are_answered_alike() {
    let app = TestApp::start().await;
    let (mut one, mut other) = (app.browser(), app.browser_elsewhere());
    let (first, second) =
        tokio::join!(one.registers("maya@example.org"), other.registers("maya@example.org"));
    assert_eq!(first.is(202).body, second.is(202).body);
    assert_eq!(app.everything_stored().await.matches("maya@example.org").count(), 1);
}

#[tokio::test]
async fn what_is_no_address_or_no_name_is_refused_by_its_field() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let long = format!("{}@example.org", "a".repeat(255));
    for email in
        ["", "maya", "maya@", "m\u{430}ya@example.org", "maya@example.org\r\nBcc: x@example.org", &long]
    {
        let given = registration(|given| given["email"] = email.into());
        let problem =
            browser.posts("/api/auth/register", &given).await.refused_with(422, "validation-failed");
        assert_eq!(problem.json()["field"], "email", "{email:?}");
    }
    for name in ["", " \u{200B} ", "Ma\u{202E}ya", "Ma\nya", &"a".repeat(81), &"👨‍👩‍👧‍👦".repeat(400)]
    {
        let given = registration(|given| given["display_name"] = name.into());
        let problem =
            browser.posts("/api/auth/register", &given).await.refused_with(422, "validation-failed");
        assert_eq!(problem.json()["field"], "display_name", "{name:?}");
    }
}

#[tokio::test]
async fn a_weak_password_refused_with_the_reason() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for (password, reason) in
        [("seven77", "too_short"), ("Password1!", "common"), ("maya@example.org", "common")]
    {
        let given = registration(|given| given["password"] = password.into());
        let problem = browser.posts("/api/auth/register", &given).await.refused_with(422, "weak-password");
        assert_eq!(problem.json()["reason"], reason);
    }
    let given = registration(|given| given["password"] = "a b".repeat(400).into());
    browser.posts("/api/auth/register", &given).await.refused_with(422, "validation-failed");
}

#[tokio::test]
async fn an_unreadable_body_is_malformed_and_a_readable_one_with_wrong_values_is_not() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let path = "/api/auth/register";
    for body in ["", "{", r#"{"email":"a","email":"b"}"#, r#"{"email":"\ud800"}"#, &"[".repeat(10_000)] {
        browser.posts_text(path, body).await.refused_with(400, "malformed-request");
    }
    for given in [
        registration(|given| given["roles"] = json!(["admin"])),
        registration(|given| given["email"] = json!(7)),
        registration(|given| given["password"] = Value::Null),
        registration(|given| given["display_name"] = json!("Ma\u{0}ya")),
        json!({"email": "maya@example.org", "password": PASSWORD}),
    ] {
        browser.posts(path, &given).await.refused_with(422, "validation-failed");
    }
    let text = registration(|_| ()).to_string();
    for kind in ["text/plain", "application/json; charset=utf-16"] {
        let headers = [("content-type", kind)];
        let answer = browser.sends(Method::POST, path, Body::from(text.clone()), &headers).await;
        answer.refused_with(415, "unsupported-media-type");
    }
    let headers = [("content-type", "application/json"), ("accept", "application/xml")];
    browser.sends(Method::POST, path, Body::from(text), &headers).await.refused_with(406, "not-acceptable");
}

#[tokio::test]
async fn a_password_of_a_mebibyte_is_too_large() {
    let app = TestApp::start().await;
    let given = registration(|given| given["password"] = "x".repeat(1024 * 1024).into());
    app.browser().posts("/api/auth/register", &given).await.refused_with(413, "content-too-large");
}

#[tokio::test]
async fn a_page_of_another_site_cannot_register_anybody() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let json = ("content-type", "application/json");
    let text = registration(|_| ()).to_string();
    for headers in [
        &[json, ("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8080")][..],
        &[json, ("sec-fetch-site", "same-site")],
        &[json, ("origin", "https://elsewhere.example")],
        &[json, ("origin", "null")],
        &[json],
    ] {
        let answer =
            browser.sends_bare(Method::POST, "/api/auth/register", Body::from(text.clone()), headers).await;
        answer.refused_with(403, "csrf-rejected");
    }
    assert!(!app.everything_stored().await.contains("maya"));
}

#[tokio::test]
async fn another_method_is_told_which_is_offered() {
    let app = TestApp::start().await;
    let answer = app.browser().sends(Method::DELETE, "/api/auth/register", Body::empty(), &[]).await;
    let answer = answer.refused_with(405, "method-not-allowed");
    assert_eq!(answer.header("allow"), "POST");
}

#[tokio::test]
async fn neither_the_password_nor_the_login_secret_is_stored() {
    let app = TestApp::start().await;
    let browser = app.signed_in("maya@example.org").await;
    let stored = app.everything_stored().await;
    assert!(stored.contains("$argon2id$"));
    assert!(!stored.contains(PASSWORD));
    assert!(browser.cookies.values().all(|value| !stored.contains(value.as_str())));
}
