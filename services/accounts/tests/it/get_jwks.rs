use crate::support::TestApp;
use axum::{body::Body, http::Method};
use serde_json::json;

#[tokio::test]
async fn the_public_key_is_published_and_nothing_of_the_private_one() {
    let app = TestApp::start().await;
    let answer = app.browser().sends(Method::GET, "/.well-known/jwks.json", Body::empty(), &[]).await.is(200);
    assert_eq!(answer.header("cache-control"), "public, max-age=60");
    assert_eq!(
        answer.json(),
        json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        }]})
    );
}

#[test]
fn every_route_is_described() {
    let document = serde_json::to_value(accounts::http::document()).unwrap();
    let mut paths: Vec<_> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "/.well-known/jwks.json",
            "/api/auth/refresh",
            "/api/auth/register",
            "/api/auth/sign-in",
            "/api/auth/sign-out",
            "/api/users/me",
        ]
    );
}
