use crate::support::TestApp;
use lesson::Lesson;
use lifecycle::Lifecycle;
use tonic::{Code, transport::Channel};
use topics::{fixture, grpc};
use wire::topics::v1::{GetTopicRequest, topic_catalog_client::TopicCatalogClient};

async fn asked(app: &TestApp, lifecycle: &Lifecycle) -> TopicCatalogClient<Channel> {
    let address = grpc::serve("127.0.0.1:0".parse().unwrap(), app.topics.clone(), lifecycle).await.unwrap();
    TopicCatalogClient::connect(format!("http://{address}")).await.unwrap()
}

#[tokio::test]
async fn another_service_gets_the_topic_with_its_whole_lesson() {
    let app = TestApp::seeded().await;
    let lifecycle = Lifecycle::new();
    let mut catalog = asked(&app, &lifecycle).await;
    for topic in fixture::topics().unwrap() {
        let request = GetTopicRequest { topic_id: topic.id.to_string() };
        let answer = catalog.get_topic(request).await.unwrap().into_inner();
        assert_eq!(answer.topic_id, topic.id.to_string());
        assert_eq!((answer.title, answer.situation), (topic.title, topic.situation));
        assert_eq!((answer.level, answer.kind), (topic.lesson.level.to_string(), topic.kind.to_string()));
        assert_eq!((answer.minutes, answer.version), (topic.lesson.minutes, topic.lesson.version));
        assert_eq!(answer.phrases, topic.lesson.phrases);
        assert_eq!(Lesson::parse(&answer.lesson_json).unwrap(), topic.lesson);
    }
    lifecycle.stop();
}

#[tokio::test]
async fn what_names_no_topic_is_not_found() {
    let app = TestApp::seeded().await;
    let lifecycle = Lifecycle::new();
    let mut catalog = asked(&app, &lifecycle).await;
    for id in ["019aa300-0000-7000-8000-00000000ffff", "weekend", ""] {
        let refused = catalog.get_topic(GetTopicRequest { topic_id: id.to_owned() }).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound, "{id:?}");
    }
    lifecycle.stop();
}
