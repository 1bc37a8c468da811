//! The two cookies of a signed-in browser. Neither can be read by a script.

use crate::{
    login::{self, LoginSecret},
    signing_keys::AccessToken,
};
use axum::response::AppendHeaders;
use caller::access_cookie;
use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::time::Duration;
use url::Url;

/// The login cookie goes nowhere else.
const LOGIN_PATH: &str = "/api/auth";

/// Lines that set cookies.
pub type SetCookies = AppendHeaders<Vec<(HeaderName, HeaderValue)>>;

/// Writes and reads the cookies. Over https they are `Secure` and carry the prefixes that make browsers insist on it.
/// On a loopback address there is no https, and Safari would drop them.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    access: &'static str,
    login: &'static str,
    secure: bool,
}

impl Cookies {
    /// For pages of that origin.
    pub fn for_origin(origin: &Url) -> Self {
        let secure = origin.scheme() == "https";
        let login = if secure { "__Secure-vv_login" } else { "vv_login" };
        Self { access: access_cookie(origin), login, secure }
    }

    /// A browser signed in.
    pub(crate) fn signed_in(&self, secret: &LoginSecret, access: &AccessToken) -> SetCookies {
        AppendHeaders(vec![
            self.line(self.login, secret.expose(), LOGIN_PATH, login::LIFETIME),
            self.line(self.access, access.expose(), "/", access.lifetime),
        ])
    }

    /// A browser got a new access token.
    pub(crate) fn refreshed(&self, access: &AccessToken) -> SetCookies {
        AppendHeaders(vec![self.line(self.access, access.expose(), "/", access.lifetime)])
    }

    /// A browser is signed out.
    pub(crate) fn cleared(&self) -> [(HeaderName, HeaderValue); 2] {
        [
            self.line(self.login, "", LOGIN_PATH, Duration::ZERO),
            self.line(self.access, "", "/", Duration::ZERO),
        ]
    }

    /// The login secrets a browser shows. More than one means that somebody planted another.
    pub(crate) fn login_secrets(&self, headers: &HeaderMap) -> Vec<LoginSecret> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        lines
            .flat_map(|line| Cookie::split_parse(line).flatten())
            .filter(|cookie| cookie.name() == self.login && !cookie.value().is_empty())
            .map(|cookie| LoginSecret::presented(cookie.value()))
            .collect()
    }

    fn line(&self, name: &str, value: &str, path: &str, lifetime: Duration) -> (HeaderName, HeaderValue) {
        let cookie = Cookie::build((name, value))
            .path(path)
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self.secure)
            .max_age(lifetime.try_into().unwrap_or_default())
            .build();
        let mut line = HeaderValue::from_str(&cookie.to_string())
            .expect("names and paths are ours, values are base64url: all plain ASCII");
        line.set_sensitive(true);
        (header::SET_COOKIE, line)
    }
}
