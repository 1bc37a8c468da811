use crate::support::TestApp;
use std::time::Duration;

#[tokio::test]
async fn a_login_gives_new_access_for_twelve_hours_and_not_longer() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in("maya@example.org").await;
    app.time_passes(Duration::from_mins(11));
    browser.asks_who_it_is().await.refused_with(401, "unauthenticated");
    let answer = browser.refreshes().await.is(200);
    assert_eq!(answer.json()["email"], "maya@example.org");
    assert_eq!(answer.set_cookies().len(), 1, "the login itself is not prolonged");
    browser.asks_who_it_is().await.is(200);

    app.time_passes(Duration::from_hours(11) + Duration::from_mins(44));
    let answer = browser.refreshes().await.is(200);
    assert!(answer.set_cookies()[0].contains("Max-Age=300"), "no token outlives its login");
    app.time_passes(Duration::from_mins(5));
    browser.refreshes().await.refused_with(401, "unauthenticated");
    assert!(browser.cookies.is_empty(), "what is of no use is cleared");
}

#[tokio::test]
async fn without_a_login_of_ours_there_is_no_new_access() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser.refreshes().await.refused_with(401, "unauthenticated");
    browser.cookies.insert("vv_login".to_owned(), "A".repeat(43));
    let answer = browser.refreshes().await.refused_with(401, "unauthenticated");
    assert_eq!(answer.set_cookies().len(), 2);
}

#[tokio::test]
async fn a_planted_second_login_is_not_chosen_from() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in("maya@example.org").await;
    let own = browser.cookies["vv_login"].clone();
    browser.cookies.insert("vv_login".to_owned(), format!("{own}; vv_login={}", "A".repeat(43)));
    browser.refreshes().await.refused_with(401, "unauthenticated");
}

#[tokio::test]
async fn a_login_begun_on_one_replica_is_refreshed_by_another() {
    let app = TestApp::start().await;
    let signed_in = app.signed_in("maya@example.org").await;
    let mut browser = app.browser_elsewhere();
    browser.cookies = signed_in.cookies;
    browser.refreshes().await.is(200);
}

#[tokio::test]
async fn what_has_expired_is_forgotten_and_what_has_not_stays() {
    let app = TestApp::start().await;
    app.signed_in("maya@example.org").await;
    app.time_passes(Duration::from_hours(11));
    let mut later = app.signed_in("lena@example.org").await;
    later.signs_in("lena@example.org", "corkvine under steel").await.is(401);
    assert_eq!(app.accounts().forget_expired().await.unwrap(), 0);
    app.time_passes(Duration::from_hours(2));
    assert_eq!(app.accounts().forget_expired().await.unwrap(), 2, "one login and one failure");
    later.refreshes().await.is(200);
}
