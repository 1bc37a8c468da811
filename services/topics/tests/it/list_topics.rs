use crate::support::TestApp;
use axum::http::Method;
use serde_json::Value;
use topics::fixture;

#[tokio::test]
async fn the_catalogue_is_listed_from_easy_to_hard() {
    let app = TestApp::seeded().await;
    let page = app.get("/api/topics?limit=100").await.is(200).json();
    let topics = page["topics"].as_array().unwrap();
    assert_eq!(topics.len(), fixture::topics().unwrap().len());
    assert_eq!(page["next_cursor"], Value::Null);
    let order: Vec<_> =
        topics.iter().map(|topic| (topic["level"].to_string(), topic["title"].to_string())).collect();
    assert!(order.is_sorted());
    let mut fields: Vec<_> = topics[0].as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["goal", "id", "kind", "level", "minutes", "summary", "title"]);
}

#[tokio::test]
async fn filters_leave_what_was_asked_for() {
    let app = TestApp::seeded().await;
    let page = app.get("/api/topics?level=B1&kind=interview").await.is(200);
    assert_eq!(page.titles(), ["Tell me about yourself"]);
    let work = app.get("/api/topics?kind=work").await.is(200).json();
    assert!(work["topics"].as_array().unwrap().iter().all(|topic| topic["kind"] == "work"));
}

#[tokio::test]
async fn a_search_finds_topics_with_all_its_words() {
    let app = TestApp::seeded().await;
    assert_eq!(app.get("/api/topics?q=TRIP%20remember").await.is(200).titles(), ["A trip to remember"]);
    assert_eq!(app.get("/api/topics?q=caf%C3%A9&level=A2").await.is(200).titles(), ["In a café"]);
    assert!(app.get("/api/topics?q=trip%20zebra").await.is(200).titles().is_empty());
    let all = fixture::topics().unwrap().len();
    assert_eq!(app.get("/api/topics?q=%20&limit=100").await.is(200).titles().len(), all);
}

#[tokio::test]
async fn whatever_is_searched_for_is_only_text() {
    let app = TestApp::seeded().await;
    for (text, found) in [
        ("%27%20OR%201%3D1--", 0),
        ("foo%20%26%20%7C%20!%20(", 0),
        ("%25", 0),
        ("_", 0),
        ("%5C", 0),
        ("%5C%5C%25'%22%3B%24%24", 0),
    ] {
        let page = app.get(&format!("/api/topics?q={text}")).await.is(200);
        assert_eq!(page.titles().len(), found, "{text}");
    }
    app.get("/api/topics?q=a%00b").await.refused_with(422, "validation-failed");
}

#[tokio::test]
async fn a_search_longer_than_anybody_types_is_refused() {
    let app = TestApp::seeded().await;
    app.get(&format!("/api/topics?q={}", "a".repeat(200))).await.is(200);
    for text in ["a".repeat(201), "a".repeat(10_001), "ab%20".repeat(500)] {
        let problem = app.get(&format!("/api/topics?q={text}")).await.refused_with(422, "validation-failed");
        assert_eq!(problem.json()["field"], "q");
    }
}

#[tokio::test]
async fn page_by_page_every_topic_comes_once_and_in_order() {
    let app = TestApp::seeded().await;
    let whole = app.get("/api/topics?limit=100&kind=everyday").await.is(200).titles();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("/api/topics?limit=2&kind=everyday{cursor}")).await.is(200);
        assert!(page.titles().len() <= 2);
        seen.extend(page.titles());
        match page.json()["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, whole);
}

#[tokio::test]
async fn a_full_last_page_has_no_next_one() {
    let app = TestApp::seeded().await;
    let all = fixture::topics().unwrap().len();
    let page = app.get(&format!("/api/topics?limit={all}")).await.is(200);
    assert_eq!(page.json()["next_cursor"], Value::Null);
}

#[tokio::test]
async fn a_cursor_of_another_list_or_of_nobody_is_refused() {
    let app = TestApp::seeded().await;
    let page = app.get("/api/topics?limit=2&kind=work").await.is(200).json();
    let cursor = page["next_cursor"].as_str().unwrap();
    app.get(&format!("/api/topics?limit=5&kind=work&cursor={cursor}")).await.is(200);
    for query in [
        format!("kind=everyday&cursor={cursor}"),
        format!("kind=work&level=A1&cursor={cursor}"),
        format!("kind=work&q=work&cursor={cursor}"),
        format!("cursor={cursor}"),
        format!("kind=work&cursor={}", &cursor[..cursor.len() - 2]),
        format!("kind=work&cursor=A{cursor}"),
        "cursor=".to_owned(),
        "cursor=eyJ2IjoxfQ".to_owned(),
        "cursor=%27%20OR%201%3D1--".to_owned(),
    ] {
        app.get(&format!("/api/topics?{query}")).await.refused_with(400, "invalid-cursor");
    }
}

#[tokio::test]
async fn values_that_are_not_offered_fail_validation() {
    let app = TestApp::seeded().await;
    for query in [
        "limit=0",
        "limit=-1",
        "limit=101",
        "limit=1000000000",
        "limit=99999999999999999999",
        "limit=abc",
        "limit=",
        "limit=5&limit=6",
        "level=C2",
        "level=b1",
        "kind=games",
        "kind=",
        "offset=3",
        "q=a&q=b",
    ] {
        app.get(&format!("/api/topics?{query}")).await.refused_with(422, "validation-failed");
    }
    app.get("/api/topics?limit=1").await.is(200);
    app.get("/api/topics?limit=100").await.is(200);
}

#[tokio::test]
async fn callers_that_cannot_be_answered_are_told() {
    let app = TestApp::seeded().await;
    let xml = [("accept", "application/xml")];
    app.send(Method::GET, "/api/topics", &xml).await.refused_with(406, "not-acceptable");
    let own = [("sec-fetch-site", "same-origin")];
    let answer = app.send(Method::POST, "/api/topics", &own).await.refused_with(405, "method-not-allowed");
    assert!(answer.headers["allow"].to_str().unwrap().contains("GET"));
}

#[tokio::test]
async fn without_topics_the_list_is_empty() {
    let app = TestApp::empty().await;
    let page = app.get("/api/topics").await.is(200).json();
    assert_eq!(page, serde_json::json!({"topics": [], "next_cursor": null}));
}
