use crate::support::TestApp;
use topics::{fixture, topics::Seeded};

#[tokio::test]
async fn seeding_announces_every_new_topic_once() {
    let app = TestApp::empty().await;
    let catalogue = fixture::topics().unwrap();
    let seeded = app.topics.seed(&catalogue).await.unwrap();
    assert_eq!(seeded, Seeded { changed: catalogue.len(), kept: 0 });
    let announced: Vec<_> = app.changes().await.into_iter().map(|event| event.topic_id).collect();
    assert_eq!(announced, catalogue.iter().map(|topic| topic.id.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn seeding_twice_changes_nothing() {
    let app = TestApp::seeded().await;
    let (before, announced) = (app.everything_stored().await, app.changes().await.len());
    let catalogue = fixture::topics().unwrap();
    let again = app.topics.seed(&catalogue).await.unwrap();
    assert_eq!(again, Seeded { changed: 0, kept: catalogue.len() });
    assert_eq!(app.everything_stored().await, before);
    assert_eq!(app.changes().await.len(), announced);
}

#[tokio::test]
async fn two_replicas_that_seed_at_once_announce_once() {
    let app = TestApp::empty().await;
    let catalogue = fixture::topics().unwrap();
    let (one, other) = tokio::join!(app.topics.seed(&catalogue), app.topics.seed(&catalogue));
    assert_eq!(one.unwrap().changed + other.unwrap().changed, catalogue.len());
    assert_eq!(app.changes().await.len(), catalogue.len());
}

#[tokio::test]
async fn only_a_higher_version_replaces_a_topic() {
    let app = TestApp::seeded().await;
    let before = app.changes().await.len();
    let mut edited = fixture::topics().unwrap().remove(0);
    edited.title = "A zigzag day".to_owned();
    let path = format!("/api/topics/{}", edited.id);

    app.topics.seed(&[edited.clone()]).await.unwrap();
    assert_eq!(app.get(&path).await.is(200).json()["title"], "My day");

    edited.lesson.version = 2;
    app.topics.seed(&[edited.clone()]).await.unwrap();
    let shown = app.get(&path).await.is(200).json();
    assert_eq!((&shown["title"], &shown["version"]), (&"A zigzag day".into(), &2.into()));
    assert_eq!(app.get("/api/topics?q=zigzag").await.is(200).titles(), ["A zigzag day"]);

    app.topics.seed(&fixture::topics().unwrap()).await.unwrap();
    assert_eq!(app.get(&path).await.is(200).json()["version"], 2, "an older catalogue takes nothing back");
    let changes = app.changes().await;
    assert_eq!(changes.len(), before + 1);
    assert_eq!(changes[before].version, 2);
}
