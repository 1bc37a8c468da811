//! `GET /api/sessions`

use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn the_history_is_paged_from_the_newest_on() {
    let app = TestApp::start().await;
    let (maya, ben) = (app.learner(), app.learner());
    assert_eq!(maya.gets("/api/sessions").await.is(200), json!({"sessions": [], "next_cursor": null}));
    let mut started = Vec::new();
    for _ in 0..5 {
        let session = maya.starts().await;
        maya.finalizes(session).await.is(200);
        started.insert(0, session.to_string());
    }
    ben.starts().await;

    let mut seen: Vec<String> = Vec::new();
    let mut path = "/api/sessions?limit=2".to_owned();
    loop {
        let page = maya.gets(&path).await.is(200);
        let ids = page["sessions"].as_array().unwrap().iter();
        seen.extend(ids.map(|session| session["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/sessions?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, started);

    let newest = maya.gets("/api/sessions?limit=1").await.is(200)["sessions"][0].clone();
    assert_eq!(newest["state"], "finalized");
    assert_eq!(
        newest["topic"],
        json!({
            "id": app.topic, "title": "Ordering coffee", "level": "A2", "kind": "everyday",
        })
    );
    assert_eq!(
        (&newest["recording_state"], &newest["rating_state"]),
        (&json!("expected"), &json!("waiting"))
    );
}

#[tokio::test]
async fn a_limit_that_is_none_is_refused() {
    let app = TestApp::start().await;
    let maya = app.learner();
    for query in
        ["limit=0", "limit=-1", "limit=101", "limit=1000000000", "limit=abc", "limit=1&limit=2", "offset=3"]
    {
        maya.gets(&format!("/api/sessions?{query}")).await.is_refused(422, "validation-failed");
    }
}

#[tokio::test]
async fn a_cursor_of_somebody_else_or_nobody_is_refused() {
    let app = TestApp::start().await;
    let (maya, ben) = (app.learner(), app.learner());
    for _ in 0..2 {
        let session = maya.starts().await;
        maya.finalizes(session).await.is(200);
    }
    let page = maya.gets("/api/sessions?limit=1").await.is(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    maya.gets(&format!("/api/sessions?cursor={cursor}")).await.is(200);
    ben.gets(&format!("/api/sessions?cursor={cursor}")).await.is_refused(400, "invalid-cursor");
    for tampered in [&cursor[1..], "AAAA", "%20", ""] {
        maya.gets(&format!("/api/sessions?cursor={tampered}")).await.is_refused(400, "invalid-cursor");
    }
}
