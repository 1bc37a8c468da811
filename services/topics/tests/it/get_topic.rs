use crate::support::TestApp;
use serde_json::json;
use topics::fixture;

#[tokio::test]
async fn a_topic_is_shown_as_a_learner_reads_it() {
    let app = TestApp::seeded().await;
    let topic = &fixture::topics().unwrap()[3];
    let shown = app.get(&format!("/api/topics/{}", topic.id)).await.is(200).json();
    assert_eq!(
        shown,
        json!({
            "id": topic.id,
            "title": topic.title,
            "summary": topic.summary,
            "level": topic.lesson.level,
            "kind": topic.kind,
            "minutes": topic.lesson.minutes,
            "goal": topic.lesson.goal,
            "situation": topic.situation,
            "phrases": topic.lesson.phrases,
            "version": topic.lesson.version,
        })
    );
}

#[tokio::test]
async fn what_names_no_topic_is_not_found() {
    let app = TestApp::seeded().await;
    for id in ["019aa300-0000-7000-8000-00000000ffff", "weekend", "1", "%27%20OR%201%3D1--", "%00"] {
        app.get(&format!("/api/topics/{id}")).await.refused_with(404, "not-found");
    }
}

#[test]
fn both_routes_are_described() {
    let document = serde_json::to_value(topics::http::document()).unwrap();
    let mut paths: Vec<_> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/api/topics", "/api/topics/{id}"]);
    let parameters = document["paths"]["/api/topics"]["get"]["parameters"].as_array().unwrap();
    assert_eq!(parameters.len(), 5);
    assert!(parameters.iter().all(|parameter| parameter["in"] == "query"));
}
