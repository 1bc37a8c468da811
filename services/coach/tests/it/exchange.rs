//! Secrets and offers.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    caller::{Caller, Offer},
    setup::{KEY, ORIGIN, coach, eventually},
};

#[tokio::test]
async fn a_mint_answers_with_a_secret_and_the_whole_session() {
    let coach = coach(&[]).await;
    let body = json!({"expires_after": {"anchor": "created_at", "seconds": 60},
                      "session": {"type": "realtime", "model": "gpt-realtime-2.1-mini", "instructions": "Hi"}});
    let answer = coach.mint_with(&body).await;
    assert_eq!(answer.status, StatusCode::OK);
    let minted = answer.json();
    assert!(minted["value"].as_str().is_some_and(|value| value.starts_with("ek_") && value.len() > 40));
    assert_eq!(minted["expires_at"], 1_700_000_060);
    assert_eq!(minted["session"]["model"], "gpt-realtime-2.1-mini");
    assert_eq!(minted["session"]["audio"]["input"]["turn_detection"]["type"], "server_vad");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn a_mint_that_is_not_right_is_refused_in_the_contracts_form() {
    let coach = coach(&[]).await;
    let path = "/v1/realtime/client_secrets";
    let wrong = coach.post(path, "another", "application/json", "{}").await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::UNAUTHORIZED, "invalid_api_key"));
    let none = coach.send(Request::post(path).body(Body::from("{}")).expect("a request")).await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
    for (body, code) in [
        (json!({"session": {"type": "realtime", "temperature": 1}}), "unknown_parameter"),
        (json!({"session": {"type": "realtime", "audio": {"output": {"speed": 9}}}}), "invalid_value"),
        (json!({"session": {}}), "missing_required_parameter"),
        (json!({"expires_after": {"seconds": 5}}), "invalid_value"),
        (json!({"colour": "blue"}), "unknown_parameter"),
        (json!([1]), "invalid_request_body"),
    ] {
        let answer = coach.mint_with(&body).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, code), "{body}");
    }
    let large = coach.post(path, KEY, "application/json", " ".repeat(70_000)).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_secret_makes_one_call_and_only_while_it_is_fresh() {
    let coach = coach(&[]).await;
    let offer = Offer::new().await;
    assert_eq!(offer.post(&coach, "ek_unknown").await.status, StatusCode::UNAUTHORIZED);

    let secret = coach.mint("").await;
    let first = offer.post(&coach, &secret).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    assert_eq!(first.headers[header::CONTENT_TYPE], "application/sdp");
    assert!(first.body.contains("a=ice-lite") && first.body.contains("127.0.0.1"), "{}", first.body);
    let again = offer.post(&coach, &secret).await;
    assert_eq!((again.status, again.code().as_str()), (StatusCode::UNAUTHORIZED, "invalid_api_key"));

    let stale = coach.mint("").await;
    coach.clock.advance(Duration::from_secs(61));
    assert_eq!(offer.post(&coach, &stale).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_offer_that_cannot_be_used_is_refused_and_the_secret_stays_good() {
    let coach = coach(&[]).await;
    let secret = coach.mint("").await;
    let offer = Offer::new().await;
    let path = "/v1/realtime/calls";
    let trimmed = coach.post(path, &secret, "application/sdp", offer.sdp.trim_end().to_owned()).await;
    assert_eq!((trimmed.status, trimmed.code().as_str()), (StatusCode::BAD_REQUEST, "invalid_offer"));
    let silent = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
    let silent = coach.post(path, &secret, "application/sdp", silent).await;
    assert_eq!((silent.status, silent.code().as_str()), (StatusCode::BAD_REQUEST, "invalid_offer"));
    let json = coach.post(path, &secret, "application/json", "{}").await;
    assert_eq!(json.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = coach.post(path, &secret, "application/sdp", "x".repeat(70_000)).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(offer.post(&coach, &secret).await.status, StatusCode::CREATED);
}

/// An offer as a server sends it.
fn form(offer: &str, session: &Value) -> String {
    format!(
        "--b\r\nContent-Disposition: form-data; name=\"sdp\"\r\nContent-Type: application/sdp\r\n\r\n{offer}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"session\"\r\nContent-Type: application/json\r\n\r\n{session}\r\n--b--\r\n"
    )
}

const FORM: &str = "multipart/form-data; boundary=b";

#[tokio::test]
async fn a_server_may_send_the_offer_as_a_form_with_the_key() {
    let coach = coach(&[]).await;
    let offer = Offer::new().await;
    let session = json!({"type": "realtime", "instructions": "Hi", "audio": {
        "input": {"turn_detection": null}, "output": {"speed": 0.7}
    }});
    let form = form(&offer.sdp, &session);
    let path = "/v1/realtime/calls";
    assert_eq!(coach.post(path, "another", FORM, form.clone()).await.status, StatusCode::UNAUTHORIZED);
    let secret = coach.mint("").await;
    assert_eq!(coach.post(path, &secret, FORM, form.clone()).await.status, StatusCode::UNAUTHORIZED);
    let answer = coach.post(path, KEY, FORM, form).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/sdp");
    let caller = offer.accept(&answer);
    assert!(answer.headers[header::LOCATION].to_str().unwrap().ends_with(&caller.id));
    let created = caller.wait("session.created").await;
    assert_eq!(created["session"]["instructions"], "Hi");
    assert_eq!(created["session"]["audio"]["input"]["turn_detection"], Value::Null);
    assert!((created["session"]["audio"]["output"]["speed"].as_f64().unwrap() - 0.7).abs() < 1e-6);
}

#[tokio::test]
async fn a_form_may_hold_the_longest_offer_and_the_longest_session_but_no_more() {
    let coach = coach(&[]).await;
    let path = "/v1/realtime/calls";
    let offer = Offer::new().await;
    let long = |bytes| json!({"type": "realtime", "instructions": "x".repeat(bytes)});
    let padded = format!("{}{}", offer.sdp, "a=x-padding:1\r\n".repeat(2000));
    let answer = coach.post(path, KEY, FORM, form(&padded, &long(60_000))).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    for (offer, session) in [("x".repeat(70_000), json!({})), (padded, long(70_000))] {
        let large = coach.post(path, KEY, FORM, form(&offer, &session)).await;
        assert_eq!((large.status, large.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "request_too_large"));
    }
}

#[tokio::test]
async fn a_form_that_is_not_right_is_refused_in_the_contracts_form() {
    let coach = coach(&[]).await;
    let path = "/v1/realtime/calls";
    let offer = Offer::new().await;
    let realtime = json!({"type": "realtime"});
    for (form, code) in [
        (form("hello", &realtime), "invalid_offer"),
        (form(&offer.sdp, &json!({"type": "realtime", "temperature": 1})), "unknown_parameter"),
        (form(&offer.sdp, &realtime).replace("name=\"sdp\"", "name=\"pdf\""), "invalid_request_body"),
    ] {
        let answer = coach.post(path, KEY, FORM, form).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, code));
    }
}

#[tokio::test]
async fn only_pages_of_configured_origins_may_call() {
    let coach = coach(&[]).await;
    let preflight = |origin: &str| {
        Request::options("/v1/realtime/calls")
            .header(header::ORIGIN, origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type")
            .body(Body::empty())
            .expect("a request")
    };
    let ours = coach.send(preflight(ORIGIN)).await;
    assert_eq!(ours.headers["access-control-allow-origin"], ORIGIN);
    let theirs = coach.send(preflight("http://evil.example")).await;
    assert!(!theirs.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn there_is_an_end_to_the_number_of_calls() {
    let coach = coach(&[("COACH_MOST_CALLS", "1")]).await;
    let (one, other) = (Offer::new().await, Offer::new().await);
    let (first, second) = (coach.mint("").await, coach.mint("").await);
    assert_eq!(one.post(&coach, &first).await.status, StatusCode::CREATED);
    let full = other.post(&coach, &second).await;
    assert_eq!(
        (full.status, full.code().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "session_limit_reached")
    );
    assert!(full.headers.contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn a_server_can_hang_up() {
    let coach = coach(&[]).await;
    let caller = Caller::call(&coach, "").await;
    let path = format!("/v1/realtime/calls/{}/hangup", caller.id);
    assert_eq!(coach.post(&path, "another", "text/plain", "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(coach.post(&path, KEY, "text/plain", "").await.status, StatusCode::OK);
    let closed = async || caller.is_closed().then_some(());
    eventually("the end of the call", Duration::from_secs(5), closed).await;
    let gone = coach.post(&path, KEY, "text/plain", "").await;
    assert_eq!((gone.status, gone.code().as_str()), (StatusCode::NOT_FOUND, "call_id_not_found"));
}

#[tokio::test]
async fn faults_are_shown_when_they_are_switched_on() {
    for (fault, status) in [
        ("refuse_mint", StatusCode::UNAUTHORIZED),
        ("mint_429", StatusCode::TOO_MANY_REQUESTS),
        ("mint_500", StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        let coach = coach(&[("COACH_FAULTS", fault)]).await;
        assert_eq!(coach.mint_with(&json!({})).await.status, status);
    }
    let coach = coach(&[("COACH_FAULTS", "drop_after_ms=1500"), ("COACH_MOST_CALLS", "1")]).await;
    let caller = Caller::call(&coach, "").await;
    let offer = Offer::new().await;
    let free = async || {
        let secret = coach.mint("").await;
        (offer.post(&coach, &secret).await.status == StatusCode::CREATED).then_some(())
    };
    eventually("the end of the call", Duration::from_secs(10), free).await;
    assert!(!caller.is_closed(), "a dropped call says no goodbye");
}
