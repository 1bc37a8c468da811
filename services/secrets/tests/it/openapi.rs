//! The description of the HTTP face.

use serde_json::Value;

fn document() -> Value {
    serde_json::to_value(secrets::http::openapi()).unwrap()
}

#[test]
fn every_answer_of_the_mint_is_described() {
    let operation = &document()["paths"]["/api/realtime/session"]["post"];
    assert_eq!(operation["operationId"], "mint_client_secret");
    let described: Vec<_> = operation["responses"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(described, ["200", "401", "404", "409", "422", "429", "502", "503", "504"]);
}

#[test]
fn every_answer_to_an_offer_is_described() {
    let operation = &document()["paths"]["/api/realtime/calls"]["post"];
    assert!(operation["requestBody"]["content"]["application/sdp"].is_object());
    let described: Vec<_> = operation["responses"].as_object().unwrap().keys().cloned().collect();
    let all = ["201", "400", "401", "404", "409", "413", "415", "422", "429", "502", "503", "504"];
    assert_eq!(described, all);
}

#[test]
fn every_answer_about_minutes_is_described() {
    let operation = &document()["paths"]["/api/realtime/minutes"]["get"];
    assert_eq!(operation["operationId"], "get_minutes");
    let described: Vec<_> = operation["responses"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(described, ["200", "401", "503"]);
}

#[test]
fn the_document_shows_what_is_sent_and_what_comes_back() {
    let schemas = &document()["components"]["schemas"];
    assert!(schemas["MintClientSecret"]["example"]["session_id"].is_string());
    assert_eq!(schemas["ClientSecretView"]["example"]["exchange"], "relay");
    assert_eq!(schemas["Exchange"]["enum"], serde_json::json!(["relay", "direct"]));
}
