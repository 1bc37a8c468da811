//! `Ratings.GetRating` as `sessions` asks it.

use crate::support::TestApp;
use ids::{Ids, LearnerId};
use tonic::Code;
use wire::rating::v1::{GetRatingRequest, GetRatingResponse, ratings_client::RatingsClient};

async fn asked(app: &TestApp, session: &str, learner: &str) -> Result<GetRatingResponse, Code> {
    let local = "127.0.0.1:0".parse().expect("an address");
    let address =
        rating::grpc::serve(local, (*app.ratings).clone(), &app.lifecycle).await.expect("it listens");
    let mut client = RatingsClient::connect(format!("http://{address}")).await.expect("it answers");
    let request = GetRatingRequest { session_id: session.to_owned(), learner_id: learner.to_owned() };
    client.get_rating(request).await.map(tonic::Response::into_inner).map_err(|status| status.code())
}

#[tokio::test]
async fn only_the_learner_of_a_rated_session_gets_its_rating() {
    let app = TestApp::start().await;
    let (session, learner) = (app.session.to_string(), app.learner.to_string());
    assert_eq!(asked(&app, &session, &learner).await, Err(Code::NotFound), "there is none yet");

    app.works(1);
    app.hears_finalized(Ids.mint(), app.finalized("never")).await;
    app.rated(1).await;

    let rated = asked(&app, &session, &learner).await.expect("there is one");
    assert_eq!((rated.revision, &*rated.provider), (1, "local"));
    assert_eq!(rated.findings.len(), 18);
    assert!(rated.rated_at_ms > 0);

    let somebody: LearnerId = Ids.mint();
    assert_eq!(asked(&app, &session, &somebody.to_string()).await, Err(Code::NotFound));
    assert_eq!(asked(&app, "not an id", &learner).await, Err(Code::InvalidArgument));

    app.hears_deleted(Ids.mint()).await;
    assert_eq!(asked(&app, &session, &learner).await, Err(Code::NotFound), "it is deleted");
}
