//! gRPC `SessionRegistry`

use crate::support::TestApp;
use ids::{Ids, SessionId};
use sessions::grpc::Registry;
use tonic::{Code, Request};
use wire::sessions::v1::{
    GetSessionRequest, GetTranscriptRequest, session_registry_server::SessionRegistry as _,
};

fn one(session: &impl ToString) -> Request<GetSessionRequest> {
    Request::new(GetSessionRequest { session_id: session.to_string() })
}

fn words(session: &impl ToString) -> Request<GetTranscriptRequest> {
    Request::new(GetTranscriptRequest { session_id: session.to_string() })
}

#[tokio::test]
async fn other_services_are_told_what_a_session_is_and_when_it_is_over_what_was_said() {
    let app = TestApp::start().await;
    let maya = app.learner();
    let registry = Registry::new(app.replicas[1].sessions.clone());
    let session = maya.starts().await;

    let open = registry.get_session(one(&session)).await.unwrap().into_inner();
    assert_eq!((open.state.as_str(), open.duration_ms), ("open", 0));
    assert_eq!(open.learner_id, maya.id.to_string());
    assert_eq!((open.level.as_str(), open.minutes, open.lesson_json.as_str()), ("A2", 5, r#"{"v":1}"#));
    assert_eq!(registry.get_transcript(words(&session)).await.unwrap_err().code(), Code::FailedPrecondition);

    maya.finalizes(session).await.is(200);
    let over = registry.get_session(one(&session)).await.unwrap().into_inner();
    assert_eq!((over.state.as_str(), over.duration_ms), ("finalized", 4000));
    let said = registry.get_transcript(words(&session)).await.unwrap().into_inner();
    assert_eq!(
        (said.revision, said.source.as_str(), said.verbatim, said.duration_ms),
        (1, "live", false, 4000)
    );
    assert_eq!(said.learner_id, maya.id.to_string());
    assert_eq!(said.turns[1].text.as_deref(), Some("A flat white, please."));

    maya.deletes(session).await.is(204);
    assert_eq!(registry.get_session(one(&session)).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(registry.get_transcript(words(&session)).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn what_never_was_is_not_found() {
    let app = TestApp::start().await;
    let registry = Registry::new(app.replicas[0].sessions.clone());
    for id in [Ids.mint::<SessionId>().to_string(), "nonsense".to_owned(), String::new()] {
        assert_eq!(registry.get_session(one(&id)).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(registry.get_transcript(words(&id)).await.unwrap_err().code(), Code::NotFound);
    }
}
