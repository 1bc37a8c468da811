use crate::support::TestApp;
use accounts::{
    account::{Account, DisplayName, Email},
    login::Login,
    practice::Practice,
    signing_keys::SigningKeys,
};
use clock::Clock;
use ids::Ids;
use test_kit::{OTHER_KEY, SIGNING_KEY};
use uuid::Uuid;

#[tokio::test]
async fn a_learner_sees_their_own_account() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in("maya@example.org").await;
    let answer = browser.asks_who_it_is().await.is(200);
    assert!(answer.header("cache-control").contains("no-store"));
    let user = answer.json();
    let mut fields: Vec<_> = user.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["created_at", "display_name", "email", "id", "practice", "roles"]);
    assert_eq!(user["id"].as_str().unwrap().parse::<Uuid>().unwrap().get_version_num(), 7);
}

#[tokio::test]
async fn without_a_token_nobody_is_signed_in() {
    let app = TestApp::start().await;
    app.browser().asks_who_it_is().await.refused_with(401, "unauthenticated");
}

#[tokio::test]
async fn a_tampered_token_is_refused_and_cleared() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in("maya@example.org").await;
    let token = browser.cookies["vv_access"].clone();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    for forged in [
        format!("{signed}.{}", signature.chars().rev().collect::<String>()),
        format!("{header}.e30.{signature}"),
        "x".to_owned(),
    ] {
        browser.cookies.insert("vv_access".to_owned(), forged);
        browser.asks_who_it_is().await.refused_with(401, "unauthenticated");
        assert!(!browser.cookies.contains_key("vv_access"));
    }
}

fn token_signed_with(pem: &str) -> (String, String) {
    let keys = SigningKeys::read(&pem.into()).unwrap();
    let now = Clock::System.now();
    let account = Account {
        id: Ids.mint(),
        email: Email::parse("maya@example.org").unwrap(),
        display_name: DisplayName::parse("Maya").unwrap(),
        roles: vec!["admin".to_owned()],
        created_at: now,
        practice: Practice::default(),
    };
    let token = keys.sign(&account, &Login::begin(Ids.mint(), account.id, now), now).unwrap();
    let (header, rest) = token.expose().split_once('.').unwrap();
    (header.to_owned(), rest.to_owned())
}

#[tokio::test]
async fn a_token_of_another_key_under_our_keys_name_is_refused() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let (our_header, _) = token_signed_with(SIGNING_KEY);
    let (_, their_rest) = token_signed_with(OTHER_KEY);
    browser.cookies.insert("vv_access".to_owned(), format!("{our_header}.{their_rest}"));
    browser.asks_who_it_is().await.refused_with(401, "unauthenticated");
}

#[tokio::test]
async fn a_token_of_a_learner_without_an_account_is_worth_nothing() {
    let app = TestApp::start().await;
    let keys = SigningKeys::read(&SIGNING_KEY.into()).unwrap();
    let mut browser = app.signed_in("maya@example.org").await;
    let signed_in: Uuid = browser.asks_who_it_is().await.json()["id"].as_str().unwrap().parse().unwrap();
    let mut account = app.accounts().find(signed_in.into()).await.unwrap();
    account.id = Ids.mint();
    let login = Login::begin(Ids.mint(), account.id, account.created_at);
    let token = keys.sign(&account, &login, account.created_at).unwrap();
    browser.cookies.insert("vv_access".to_owned(), token.expose().to_owned());
    browser.asks_who_it_is().await.refused_with(401, "unauthenticated");
}
