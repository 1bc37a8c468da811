use crate::support::TestApp;
use axum::{body::Body, http::Method};
use serde_json::json;

const ME: &str = "/api/users/me";
const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

#[tokio::test]
async fn who_never_chose_is_given_time_and_the_usual_pace() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in("maya@example.org").await;
    let user = browser.asks_who_it_is().await.is(200).json();
    assert_eq!(user["practice"], json!({"patience": "patient", "push_to_talk": false, "coach_speed": 1.0}));
}

#[tokio::test]
async fn what_is_chosen_is_remembered_on_every_browser_and_nothing_else_changes() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in("maya@example.org").await;
    let before = browser.asks_who_it_is().await.json();
    let mut ben = app.signed_in("ben@example.org").await;
    let untouched = ben.asks_who_it_is().await.json();

    for (change, expected) in [
        (
            json!({"patience": "quick"}),
            json!({"patience": "quick", "push_to_talk": false, "coach_speed": 1.0}),
        ),
        (
            json!({"coach_speed": 0.85}),
            json!({"patience": "quick", "push_to_talk": false, "coach_speed": 0.85}),
        ),
        (
            json!({"push_to_talk": true}),
            json!({"patience": "quick", "push_to_talk": true, "coach_speed": 0.85}),
        ),
        (json!({}), json!({"patience": "quick", "push_to_talk": true, "coach_speed": 0.85})),
    ] {
        let body = Body::from(json!({"practice": change}).to_string());
        let user = browser.sends(Method::PATCH, ME, body, &JSON).await.is(200).json();
        assert_eq!(user["practice"], expected);
        for field in ["id", "email", "display_name", "roles", "created_at"] {
            assert_eq!(user[field], before[field]);
        }
    }

    let mut elsewhere = app.browser_elsewhere();
    let signed_in = elsewhere.signs_in("maya@example.org", crate::support::PASSWORD).await.is(200).json();
    assert_eq!(signed_in["practice"]["coach_speed"], 0.85);
    assert_eq!(elsewhere.refreshes().await.is(200).json()["practice"]["patience"], "quick");
    assert_eq!(ben.asks_who_it_is().await.json(), untouched);
}

#[tokio::test]
async fn what_is_no_choice_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in("maya@example.org").await;
    let before = browser.asks_who_it_is().await.json();
    for body in [
        json!({}),
        json!({"practice": {"patience": "endless"}}),
        json!({"practice": {"push_to_talk": "yes"}}),
        json!({"practice": {"coach_speed": 0.69}}),
        json!({"practice": {"coach_speed": 1.31}}),
        json!({"practice": {"coach_speed": "fast"}}),
        json!({"practice": {"volume": 11}}),
        json!({"practice": []}),
        json!({"practice": ["quick", true, 1.0]}),
        json!({"practice": {}, "roles": ["admin"]}),
    ] {
        let sent = Body::from(body.to_string());
        browser.sends(Method::PATCH, ME, sent, &JSON).await.refused_with(422, "validation-failed");
    }
    assert_eq!(browser.asks_who_it_is().await.json(), before);
}

#[tokio::test]
async fn only_the_learners_own_pages_may_choose() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in("maya@example.org").await;
    let change = || Body::from(json!({"practice": {"push_to_talk": true}}).to_string());
    let foreign = [JSON[0], ("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.example")];
    browser.sends_bare(Method::PATCH, ME, change(), &foreign).await.refused_with(403, "csrf-rejected");
    app.browser().sends(Method::PATCH, ME, change(), &JSON).await.refused_with(401, "unauthenticated");
    assert_eq!(browser.asks_who_it_is().await.json()["practice"]["push_to_talk"], false);
}
