//! Learners who are signed in, without the service that signs them in.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use caller::{Claims, Config, ISSUER, Verifier, access_cookie};
use clock::Clock;
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey as _};
use environment::Environment;
use ids::{Ids, LearnerId, LoginId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, encode};

const KEY_ID: &str = "test-key";

/// Signs access tokens as `accounts` would.
pub struct Learners {
    key: SigningKey,
    clock: Clock,
}

impl std::fmt::Debug for Learners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Learners")
    }
}

impl Learners {
    /// Signs with a key of its own.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { key: SigningKey::from_bytes(&rand::random()), clock }
    }

    /// A verifier that accepts these tokens and no others.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        let config = Config::read(&Environment::of_values("test", [])).expect("the defaults are right");
        let key = DecodingKey::from_ed_der(self.key.verifying_key().as_bytes());
        Verifier::new(&config, self.clock.clone()).knowing(KEY_ID, key)
    }

    /// A new learner's id.
    #[must_use]
    pub fn someone(&self) -> LearnerId {
        Ids.mint()
    }

    /// The `Cookie` header of a browser on which this learner is signed in.
    #[must_use]
    pub fn cookie(&self, learner: LearnerId) -> String {
        self.cookie_of(learner, Ids.mint())
    }

    /// The same for a login that the test knows, so that it can be revoked.
    #[must_use]
    pub fn cookie_of(&self, learner: LearnerId, login: LoginId) -> String {
        let now = self.clock.now().unix_timestamp();
        let claims = Claims {
            sub: learner,
            sid: login,
            roles: Vec::new(),
            iat: now,
            exp: now + 600,
            iss: ISSUER.to_owned(),
        };
        let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::EdDSA) };
        let pem = self.key.to_pkcs8_der().expect("an Ed25519 key has a PKCS#8 form");
        let key = EncodingKey::from_ed_der(pem.as_bytes());
        let token = encode(&header, &claims, &key).expect("the claims encode");
        let origin = "http://127.0.0.1:8080".parse().expect("a URL");
        format!("{}={token}", access_cookie(&origin))
    }

    /// A token nobody signed, in the form of a cookie.
    #[must_use]
    pub fn forged_cookie() -> String {
        format!(
            "vv_access={}.e30.c2ln",
            BASE64_STANDARD.encode(r#"{"alg":"EdDSA","kid":"test-key"}"#).trim_end_matches('=')
        )
    }
}
