//! The key under which a request is carried out once.

use axum::extract::FromRequestParts;
use http::request::Parts;
use problem::Problem;

/// Characters a key may have.
const LONGEST: usize = 255;

/// The `Idempotency-Key` header.
pub struct IdempotencyKey(pub String);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut keys = parts.headers.get_all("idempotency-key").iter();
        let key = keys.next().ok_or_else(Problem::idempotency_key_missing)?;
        let readable = (1..=LONGEST).contains(&key.len())
            && key.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte))
            && keys.next().is_none();
        match key.to_str() {
            Ok(key) if readable => Ok(Self(key.to_owned())),
            _ => Err(Problem::malformed_request()
                .detail("Idempotency-Key is one line of 1 to 255 printable ASCII characters")),
        }
    }
}
