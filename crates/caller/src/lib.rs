//! Who is asking.
//!
//! A signed-in browser sends a short-lived access token in a cookie. Every service verifies it by itself against the
//! keys that `accounts` publishes, and drops logins that were revoked before their tokens ran out. If a handler has a
//! [`Learner`], the learner was checked.

mod keys;
mod verifier;

pub use verifier::{Config, Verifier, hear_revocations};

use axum::{extract::FromRef, extract::FromRequestParts, http::request::Parts};
use cookie::Cookie;
use http::{HeaderMap, HeaderValue, header};
use ids::{LearnerId, LoginId};
use problem::Problem;
use serde::{Deserialize, Serialize};
use url::Url;

/// Who issues access tokens.
pub const ISSUER: &str = "vivavoce";

/// What an access token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The learner.
    pub sub: LearnerId,
    /// The login the token belongs to.
    pub sid: LoginId,
    /// What else the account may do.
    pub roles: Vec<String>,
    /// When it was issued, in seconds since the Unix epoch.
    pub iat: i64,
    /// When it runs out, in seconds since the Unix epoch.
    pub exp: i64,
    /// Always [`ISSUER`].
    pub iss: String,
}

/// A signed-in learner.
#[derive(Clone, Debug)]
pub struct Learner {
    /// The learner.
    pub id: LearnerId,
    /// The login on this browser.
    pub login: LoginId,
    /// What else the account may do.
    pub roles: Vec<String>,
}

/// The name of the cookie with the access token. Over https it is bound to the host; a loopback address has none to bind to.
#[must_use]
pub fn access_cookie(origin: &Url) -> &'static str {
    if origin.scheme() == "https" { "__Host-vv_access" } else { "vv_access" }
}

impl<S> FromRequestParts<S> for Learner
where
    Verifier: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let verifier = Verifier::from_ref(state);
        let name = verifier.cookie_name();
        let Some(token) = token(&parts.headers, name)? else { return Err(Problem::unauthenticated()) };
        match verifier.verify(&token).await {
            Ok(claims) => Ok(Self { id: claims.sub, login: claims.sid, roles: claims.roles }),
            Err(verifier::VerifyError::Refused) => {
                Err(Problem::unauthenticated().header(header::SET_COOKIE, cleared(name)))
            }
            Err(error @ verifier::VerifyError::NoKeys(_)) => Err(Problem::unavailable(error)),
        }
    }
}

/// The token in the cookie of that name. Two of them mean that somebody else planted one.
fn token(headers: &HeaderMap, name: &str) -> Result<Option<String>, Problem> {
    let mut tokens = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| Cookie::split_parse(line.to_owned()).flatten())
        .filter(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned());
    let token = tokens.next();
    if tokens.next().is_some() {
        return Err(Problem::new(
            http::StatusCode::BAD_REQUEST,
            "ambiguous-credentials",
            "The request carries two sets of credentials",
        ));
    }
    Ok(token)
}

/// A line that makes the browser forget an access cookie.
fn cleared(name: &str) -> HeaderValue {
    let secure = if name.starts_with("__Host-") { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{secure}"))
        .expect("a cookie name of ours is plain ASCII")
}
