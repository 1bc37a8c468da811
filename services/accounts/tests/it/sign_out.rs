use crate::support::TestApp;
use axum::{body::Body, http::Method};

#[tokio::test]
async fn signing_out_ends_the_login_and_clears_the_cookies() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in("maya@example.org").await;
    let mut thief = browser.clone();
    browser.signs_out().await.is(204);
    assert!(browser.cookies.is_empty());
    thief.asks_who_it_is().await.refused_with(401, "unauthenticated");
    thief.refreshes().await.refused_with(401, "unauthenticated");
}

#[tokio::test]
async fn the_end_of_a_login_is_announced_once() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in("maya@example.org").await;
    let me = browser.asks_who_it_is().await.is(200).json();
    let (mut again, mut elsewhere) = (browser.clone(), app.browser_elsewhere());
    elsewhere.cookies = browser.cookies.clone();
    let (first, second) = tokio::join!(browser.signs_out(), elsewhere.signs_out());
    first.is(204);
    second.is(204);
    again.signs_out().await.is(204);

    let revoked = app.revocations().await;
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0].learner_id, me["id"]);
    assert!(revoked[0].revoked_at_ms > 0);
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_signed_out_already() {
    let app = TestApp::start().await;
    app.browser().signs_out().await.is(204);
    assert!(app.revocations().await.is_empty());
}

#[tokio::test]
async fn a_page_of_another_site_cannot_sign_a_learner_out() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in("maya@example.org").await;
    let headers = [("sec-fetch-site", "cross-site")];
    let answer = browser.sends_bare(Method::POST, "/api/auth/sign-out", Body::empty(), &headers).await;
    answer.refused_with(403, "csrf-rejected");
    browser.refreshes().await.is(200);
}
